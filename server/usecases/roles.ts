import { tellRights } from '#activities/ports/bus.ts';
import { lineage, missing, permissionsOf } from '#workflows/domain/access/permissions.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { Role } from '#prisma/store/members.ts';
import type * as contracts from '../contracts/organizations.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Actor, Call } from '../http/context.ts';
import { toPageView } from './views.ts';

/** The caller's role and permissions in an organization. */
export function rightsIn({ grants }: Actor, organizationId: string): { role: string; permissions: string[] } {
  const { role = 'none', permissions = [] } = grants.find((grant) => grant.organization_id === organizationId) ?? {};
  return { role, permissions };
}

export async function listRoles({ services, organization_id }: Call, query: Query<typeof contracts.listRoles>) {
  const { include_system: system, ...page } = query;
  const { identity } = services.store;
  const all = await identity.roles(organization_id);
  return toPageView(await identity.rolesPage(organization_id, page, system === 'true'), (role) => toView(role, all));
}

/** Creates a role. Nobody gives a role what they lack themselves. */
export async function createRole(call: Call, input: Body<typeof contracts.createRole>) {
  const { services, actor, organization_id } = call;
  const { identity } = services.store;
  const known = await identity.roles(organization_id);
  requireParent(known, input.inherits_from);
  requirePermissions(call, [...input.permissions, ...inherited(known, input.inherits_from)]);
  const role = await identity.createRole(organization_id, call.newId('role'), input, actor.user_id);
  return toView(role, [...known, role]);
}

export async function updateRole(call: Call, id: string, input: Body<typeof contracts.updateRole>) {
  const { services, actor, organization_id } = call;
  const { identity } = services.store;
  const known = await identity.roles(organization_id);
  const old = ownRole(known, id);
  const wanted = { ...old, ...input };
  requireParent(known, wanted.inherits_from);
  if (wanted.inherits_from && lineage(known, wanted.inherits_from).some((role) => role.id === id))
    throw invalidParent('inherits from this role itself');
  // What the role has already was given by somebody who has it.
  requirePermissions(call, permissionsOf(known, id));
  requirePermissions(call, [...wanted.permissions, ...inherited(known, wanted.inherits_from)]);
  const role = await identity.updateRole(organization_id, id, input, actor.user_id);
  const heirs = known.filter((one) => lineage(known, one.id).some((line) => line.id === id));
  tellRightsOf(
    call,
    await identity.usersWith(
      organization_id,
      heirs.map((heir) => heir.id),
    ),
  );
  return toView(
    role,
    known.map((one) => (one.id === id ? role : one)),
  );
}

export async function deleteRole(call: Call, id: string): Promise<undefined> {
  const { services, actor, organization_id } = call;
  const { identity } = services.store;
  const known = await identity.roles(organization_id);
  ownRole(known, id);
  // Nobody takes away what they could not give.
  requirePermissions(call, permissionsOf(known, id));
  await identity.deleteRole(organization_id, id, actor.user_id);
}

/** @throws not_found for a role of another organization; forbidden for one that may more than the caller. */
export async function requireRights(call: Call, roleId: string): Promise<void> {
  const known = await call.services.store.identity.roles(call.organization_id);
  const role = known.find((one) => one.id === roleId);
  if (!role) throw notFound('role');
  requirePermissions(call, permissionsOf(known, roleId), `The role ${role.name}`);
}

/** Open feeds of these users look at their rights again. */
export function tellRightsOf({ services, organization_id }: Call, userIds: string[]): void {
  for (const id of userIds) tellRights(services.bus, id, organization_id);
}

function requirePermissions({ actor, organization_id }: Call, wanted: string[], who = 'The role'): void {
  if (actor.is_super_admin) return;
  const own = actor.grants.find((grant) => grant.organization_id === organization_id)?.permissions ?? [];
  const beyond = missing(own, wanted);
  if (beyond.length > 0)
    throw new AppError('forbidden', `${who} allows what you may not do yourself: ${beyond.join(', ')}.`);
}

const invalidParent = (message: string) =>
  new AppError('invalid_body', `inherits_from ${message}.`, [{ field: 'inherits_from', message }]);

function requireParent(known: Role[], id: string | null): void {
  if (id !== null && !known.some((role) => role.id === id)) throw invalidParent('names no role of this organization');
}

const inherited = (known: Role[], id: string | null): string[] => (id === null ? [] : permissionsOf(known, id));

function ownRole(known: Role[], id: string): Role {
  const role = known.find((one) => one.id === id);
  if (!role) throw notFound('role');
  if (role.is_system)
    throw new AppError(
      'invalid_rule',
      `The role ${role.name} belongs to the system and stays as it is. Create a role that inherits from it.`,
    );
  return role;
}

const toView = (role: Role, known: Role[]) => ({
  id: role.id,
  name: role.name,
  permissions: role.permissions,
  inherits_from: role.inherits_from,
  all_permissions: permissionsOf(known, role.id),
  is_system: role.is_system,
});
