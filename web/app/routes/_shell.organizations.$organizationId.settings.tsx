import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { getOrganization } from '#server/contracts/organizations.ts';
import { ArchiveCard } from '../components/organization/archive.tsx';
import { OrganizationFrame } from '../components/organization/frame.tsx';
import { OrganizationForm } from '../components/organization/organization-form.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction = () => [{ title: 'Settings of an organization · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Settings' }] };
export const loader = (where: LoaderFunctionArgs) =>
  apiFor(where)(getOrganization, { params: { id: where.params.organizationId ?? '' } });

/** What an organization is called, its limits, and its end. */
export default function OrganizationSettings() {
  const organization = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.type.startsWith('organization.'));
  return (
    <OrganizationFrame
      page="settings"
      organizationId={organization.id}
      note={`The name of ${organization.name}, who pays for it, and its limits.`}
    >
      <OrganizationForm key={organization.id} organization={organization} />
      <ArchiveCard organization={organization} />
    </OrganizationFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
