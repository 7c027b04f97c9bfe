import { Outlet } from '@remix-run/react';
import { loadOrganization } from '../lib/organization.server.ts';

type Data = Awaited<ReturnType<typeof loadOrganization>>;

export const handle = {
  crumbs: ({ organization }: Data) => [
    { label: 'Organizations', to: '/organizations' },
    ...(organization ? [{ label: organization.name, to: `/organizations/${organization.id}` }] : []),
  ],
  organization: ({ organization }: Data) => organization?.id,
};

export const loader = loadOrganization;

/** Around every page about one organization. */
export default Outlet;

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
