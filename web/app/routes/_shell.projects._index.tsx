import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import type { Answer } from '#server/contracts/client.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { StatusBadge } from '../components/badge.tsx';
import { Card, Empty } from '../components/card.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { NewProject } from '../components/project/new-project.tsx';
import { RowTitle, Table, type Column } from '../components/table.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useMore } from '../lib/use-more.ts';

export const meta: MetaFunction = () => [{ title: 'Projects · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Projects' }] };
export const loader = async (where: LoaderFunctionArgs) => apiFor(where)(listProjects, {});

type Project = Answer<typeof listProjects>['items'][number];

const columns: Column<Project>[] = [
  {
    id: 'name',
    head: 'Project',
    main: true,
    cell: ({ name, repository }) => (
      <RowTitle title={name} note={<span className="figures">{repository.path ?? repository.url}</span>} />
    ),
  },
  {
    id: 'branch',
    head: 'Branch',
    from: 'sm',
    cell: (project) => <span className="figures text-xs text-muted">{project.default_branch}</span>,
  },
  { id: 'status', head: 'Status', cell: (project) => <StatusBadge status={project.status} /> },
  {
    id: 'created',
    head: 'Created',
    from: 'sm',
    right: true,
    cell: (project) => <Ago at={project.created_at} className="text-xs text-muted" />,
  },
];

export default function Projects() {
  const first = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.type.startsWith('project.'));
  const list = useMore(
    first,
    useCallback((cursor: string) => call(listProjects, { query: { cursor } }), []),
    '',
  );
  return (
    <div>
      <PageTitle
        title="Projects"
        note="A project uses a Git repository. Agents work on their own branches; your checkout is never changed."
      >
        <NewProject />
      </PageTitle>
      <Card flush>
        {list.items.length === 0 ? (
          <Empty title="No projects yet">Add a repository, or launch a feature on one from the command page.</Empty>
        ) : (
          <Table label="Projects" columns={columns} rows={list.items} to={(project) => `/projects/${project.id}`} />
        )}
        <MoreButton list={list} />
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
