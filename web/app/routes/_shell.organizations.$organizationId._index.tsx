import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { firstOrganizationPage } from '../components/organization/frame.tsx';
import { getOrganization } from '#server/contracts/organizations.ts';
import { apiFor } from '../lib/api.server.ts';

/** Leads to the first page about the organization that the viewer may read. */
export const loader = async (where: LoaderFunctionArgs) => {
  const organization = await apiFor(where)(getOrganization, { params: { id: where.params.organizationId ?? '' } });
  return redirect(`/organizations/${organization.id}/${firstOrganizationPage(organization)}`);
};

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
