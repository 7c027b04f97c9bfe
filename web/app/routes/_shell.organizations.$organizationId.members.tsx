import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import { listInvitations } from '#server/contracts/invitations.ts';
import { getOrganization, listMembers, listRoles } from '#server/contracts/organizations.ts';
import { Card } from '../components/card.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { AddAgent } from '../components/organization/add-agent.tsx';
import { OrganizationFrame } from '../components/organization/frame.tsx';
import { Invite } from '../components/organization/invite.tsx';
import { InvitationsTable } from '../components/organization/invitations-table.tsx';
import { MembersTable } from '../components/organization/members-table.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useMore } from '../lib/use-more.ts';

export const meta: MetaFunction = () => [{ title: 'Members · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Members' }] };

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const params = { id: where.params.organizationId ?? '' };
  const [organization, members, invitations, roles] = await Promise.all([
    api(getOrganization, { params }),
    api(listMembers, { params, query: { limit: 100 } }),
    api(listInvitations, { params, query: { limit: 200 } }),
    api(listRoles, { params, query: { limit: 200 } }),
  ]);
  return {
    organization: { id: organization.id, name: organization.name },
    members,
    invitations: invitations.items,
    roles: roles.items.map(({ id, name, is_system }) => ({ id, name, is_system })),
  };
};

/** Who belongs to an organization, with which role, and who is invited. */
export default function Members() {
  const { organization, members, invitations, roles } = useLoaderData<typeof loader>();
  const { id } = organization;
  useRefreshOn((event) => /^(member|role)\./.test(event.type));
  const list = useMore(
    members,
    useCallback((cursor: string) => call(listMembers, { params: { id }, query: { cursor } }), [id]),
    id,
  );
  return (
    <OrganizationFrame
      page="members"
      organizationId={id}
      note={`Who works in ${organization.name}, and what they may do.`}
      aside={
        <>
          <AddAgent
            organization={organization}
            roles={roles}
            members={new Set(list.items.map(({ agent_id: agent }) => agent))}
          />
          <Invite organization={organization} roles={roles} />
        </>
      }
    >
      <Card flush>
        <MembersTable organization={organization} members={list.items} roles={roles} />
        <MoreButton list={list} />
      </Card>
      {invitations.length > 0 && (
        <Card title="Invitations" flush>
          <InvitationsTable organization={organization} invitations={invitations} />
        </Card>
      )}
    </OrganizationFrame>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
