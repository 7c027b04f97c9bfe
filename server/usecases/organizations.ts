import { workflowId } from '#workflows/contracts/ids.ts';
import { organizationFreeSignal } from '#workflows/contracts/work.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { grants } from '#workflows/domain/access/permissions.ts';
import type * as contracts from '../contracts/organizations.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { toOrganizationView, toPageView } from './views.ts';

export async function listOrganizations({ services, actor }: Call, page: Query<typeof contracts.listOrganizations>) {
  const ids = actor.grants.map((grant) => grant.organization_id);
  return toPageView(await services.store.identity.organizations(ids, page), toOrganizationView);
}

export async function createOrganization({ services, actor }: Call, input: Body<typeof contracts.createOrganization>) {
  if (actor.via === 'key')
    throw new AppError(
      'forbidden',
      'An API key belongs to one organization and cannot create another. Sign in instead.',
    );
  return toOrganizationView(await services.store.identity.createOrganization({ ...input, owner_id: actor.user_id }));
}

export const getOrganization = async ({ services, organization_id }: Call) =>
  toOrganizationView(await services.store.identity.organization(organization_id));

export async function updateOrganization(
  { services, organization_id }: Call,
  input: Body<typeof contracts.updateOrganization>,
) {
  const organization = await services.store.identity.updateOrganization(organization_id, input);
  // A higher limit frees slots: the queues that wait for one get a signal.
  if (input.max_concurrent_agents !== undefined) {
    const next = await services.store.slots.next(organization_id, services.config.queue);
    await Promise.all(
      next.map((id) => services.workflows.signalIfRunning(workflowId.projectQueue(id), organizationFreeSignal, {})),
    );
  }
  return toOrganizationView(organization);
}

export async function archiveOrganization({ services, organization_id }: Call): Promise<undefined> {
  await services.store.identity.updateOrganization(organization_id, { archived_at: new Date() });
}

export async function listMembers({ services, organization_id }: Call, page: Query<typeof contracts.listMembers>) {
  return toPageView(await services.store.identity.members(organization_id, page), (m) => ({
    id: m.id,
    user_id: m.user_id,
    email: m.user.email,
    full_name: m.user.full_name,
    role: m.role.name,
    role_id: m.role_id,
    created_at: m.created_at.toISOString(),
  }));
}

/** Adds a member. The caller can only give a role whose permissions they have themselves. */
export async function addMember({ services, actor, organization_id }: Call, input: Body<typeof contracts.addMember>) {
  const role = (await services.store.identity.roles(organization_id)).find((entry) => entry.id === input.role_id);
  const own = actor.grants.find((grant) => grant.organization_id === organization_id)?.permissions ?? [];
  const beyond = role?.permissions.filter((permission) => !actor.is_super_admin && !grants(own, permission)) ?? [];
  if (beyond.length > 0)
    throw new AppError('forbidden', `The role ${role?.name ?? ''} allows what yours does not: ${beyond.join(', ')}.`);
  if (!(await services.store.identity.userById(input.user_id)))
    throw new AppError('not_found', 'The user was not found.');
  return { id: (await services.store.identity.addMember(organization_id, input.user_id, input.role_id)).id };
}

export async function listRoles({ services, organization_id }: Call, page: Query<typeof contracts.listRoles>) {
  return toPageView(await services.store.identity.rolesPage(organization_id, page), (r) => ({
    id: r.id,
    name: r.name,
    permissions: r.permissions,
    is_system: r.is_system,
  }));
}
