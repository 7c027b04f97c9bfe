import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { Plus } from 'lucide-react';
import { useCallback } from 'react';
import type { Item } from '#server/contracts/client.ts';
import { listOrganizations } from '#server/contracts/organizations.ts';
import { Badge } from '../components/badge.tsx';
import { Button, ButtonLink } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { RestoreOrganization } from '../components/organization/restore.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { RowTitle, Table, type Column } from '../components/table.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { sentence } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useChooseOrganization } from '../lib/use-choose-organization.ts';
import { useMore } from '../lib/use-more.ts';
import { useOrganization } from '../lib/viewer.ts';

export const meta: MetaFunction = () => [{ title: 'Organizations · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Organizations' }] };

const query = { include_archived: 'true', limit: 100 } as const;
export const loader = (where: LoaderFunctionArgs) => apiFor(where)(listOrganizations, { query });

type Organization = Item<typeof listOrganizations>;

/** The organizations that the viewer is a member of. */
export default function Organizations() {
  const first = useLoaderData<typeof loader>();
  const chosen = useOrganization();
  const choose = useChooseOrganization();
  useRefreshOn((event) => /^(organization|member)\./.test(event.type));
  const list = useMore(
    first,
    useCallback((cursor: string) => call(listOrganizations, { query: { ...query, cursor } }), []),
    '',
  );
  const columns: Column<Organization>[] = [
    {
      id: 'name',
      head: 'Organization',
      main: true,
      cell: ({ name, slug }) => <RowTitle title={name} note={<span className="figures">{slug}</span>} />,
    },
    { id: 'role', head: 'Your role', cell: ({ role }) => sentence(role) },
    {
      id: 'created',
      head: 'Created',
      from: 'md',
      cell: (organization) => <Ago at={organization.created_at} className="text-xs text-muted" />,
    },
    {
      id: 'state',
      head: 'State',
      right: true,
      cell: (organization) =>
        organization.archived_at ? (
          // Above the link that covers the row.
          <span className="relative z-10 inline-flex flex-wrap items-center justify-end gap-2 sm:flex-nowrap">
            <Badge tone="warn">Archived</Badge>
            <RestoreOrganization organization={organization} />
          </span>
        ) : organization.id === chosen.id ? (
          <Badge tone="good">Chosen</Badge>
        ) : (
          <Button
            size="sm"
            className="relative z-10"
            aria-label={`Choose ${organization.name}`}
            onClick={() => void choose(organization.id)}
          >
            Choose
          </Button>
        ),
    },
  ];
  return (
    <div>
      <PageTitle
        title="Organizations"
        note="Projects, runs and costs belong to an organization. The pages show the work of the chosen one."
      >
        <ButtonLink look="primary" to="/organizations/new">
          <Plus aria-hidden className="size-4" /> New organization
        </ButtonLink>
      </PageTitle>
      <Card flush>
        <Table label="Organizations" columns={columns} rows={list.items} to={({ id }) => `/organizations/${id}`} />
        <MoreButton list={list} />
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
