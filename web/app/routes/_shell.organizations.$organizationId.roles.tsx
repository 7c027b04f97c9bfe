import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { listRoles } from '#server/contracts/organizations.ts';
import { Card } from '../components/card.tsx';
import { OrganizationFrame } from '../components/organization/frame.tsx';
import { NewRole, RolesTable } from '../components/organization/roles.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction = () => [{ title: 'Roles · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Roles' }] };

export const loader = async (where: LoaderFunctionArgs) => {
  const id = where.params.organizationId ?? '';
  const { items } = await apiFor(where)(listRoles, { params: { id }, query: { limit: 200 } });
  return { id, roles: items };
};

/** The roles of the system and of an organization, and what they allow. */
export default function Roles() {
  const { id, roles } = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.type.startsWith('role.'));
  return (
    <OrganizationFrame
      page="roles"
      organizationId={id}
      note="What the members of this organization may do. Roles of the system stay as they are."
      aside={<NewRole organizationId={id} roles={roles} />}
    >
      <Card flush>
        <RolesTable organizationId={id} roles={roles} />
      </Card>
    </OrganizationFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
