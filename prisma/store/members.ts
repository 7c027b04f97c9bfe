import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import type { Role } from '../generated/client.ts';
import { pageFromOldest, pageOfRows, type PageQuery } from './page.ts';
import type { StoreCore, Transaction } from './core.ts';

export type { Role } from '../generated/client.ts';

/** The fields of a role that its organization decides. */
export interface RoleFields {
  name: string;
  permissions: string[];
  inherits_from: string | null;
}

/** Who is a member: a person, or a registered agent. */
export type Who = { user_id: string; agent_id?: undefined } | { agent_id: string; user_id?: undefined };

/** Whom a row is about, as events name them. */
const whoOf = ({ user_id, agent_id }: { user_id: string | null; agent_id: string | null }) =>
  user_id === null ? { agent_id: agent_id ?? undefined } : { user_id };

/** Roles of an organization and of the system. */
export const rolesOf = (organizationId: string) => ({
  OR: [{ organization_id: organizationId }, { organization_id: null }],
});

type ChangeOfMembers =
  'member.added' | 'member.role_changed' | 'member.removed' | 'role.created' | 'role.changed' | 'role.deleted';

const taken = () => new AppError('conflict', 'A role has this name already.', [{ field: 'name', message: 'is taken' }]);

type Tell = <E extends ChangeOfMembers>(type: E, data: NewEvent<E>['data']) => void;

/**
 * Changes of members and roles of an organization come one after the other, so that what one has checked holds. `tell`
 * stores an event about the organization.
 */
export const changeMembers =
  (core: StoreCore) =>
  <T>(organizationId: string, work: (tx: Transaction, tell: Tell) => Promise<T>): Promise<T> =>
    core.change(async (tx, emit) => {
      await tx.$queryRaw`SELECT id FROM organizations WHERE id = ${organizationId}::uuid FOR NO KEY UPDATE`;
      const about = { organization_id: organizationId, entity: { kind: 'organization', id: organizationId } };
      return work(tx, (type, data) => emit({ ...about, type, data } as NewEvent));
    });

/** @throws not_found; conflict for an agent that has ended. */
async function requireOpenAgent(tx: Transaction, organizationId: string, id: string): Promise<void> {
  const agent = await tx.agent.findFirst({ where: { id, organization_id: organizationId } });
  if (!agent) throw notFound('agent');
  if (agent.status === 'terminated')
    throw new AppError(
      'conflict',
      agent.replaced_by_id
        ? `The agent ${agent.name} was replaced by ${agent.replaced_by_id}. Add that one.`
        : `The agent ${agent.name} has ended. Register another one.`,
    );
}

/**
 * @param added_by who adds the member; null: the member took an invitation.
 * @throws not_found for an agent of another organization; conflict for a member, and for an agent that has ended. Only
 * within `changeMembers`.
 */
export async function addMember(
  tx: Transaction,
  organizationId: string,
  who: Who,
  given: { role_id: string; added_by: string | null },
) {
  if (who.agent_id) await requireOpenAgent(tx, organizationId, who.agent_id);
  const where = { organization_id: organizationId, ...who };
  if (await tx.membership.findFirst({ where }))
    throw new AppError('conflict', `This ${who.agent_id ? 'agent' : 'user'} is a member already.`);
  return tx.membership.create({ data: { ...where, ...given, id: randomUUID() } });
}

/** Members and roles of organizations. */
export function membersStore(core: StoreCore) {
  const inTurn = changeMembers(core);

  const memberOf = async (tx: Transaction, organizationId: string, id: string) => {
    const member = await tx.membership.findFirst({
      where: { id, organization_id: organizationId },
      include: { role: true },
    });
    if (!member) throw notFound('member');
    return member;
  };

  const roleOf = async (tx: Transaction, organizationId: string, id: string): Promise<Role> => {
    const role = await tx.role.findFirst({ where: { id, ...rolesOf(organizationId) } });
    if (!role) throw notFound('role');
    return role;
  };

  /** The organization keeps an owner who can sign in, and names one. An agent with this role is no such owner. */
  async function requireOtherOwner(
    tx: Transaction,
    organizationId: string,
    member: { id: string; role_id: string; role: Role; user_id: string | null },
  ) {
    if (!member.role.is_system || member.role.name !== 'owner' || member.user_id === null) return;
    const other = await tx.membership.findFirst({
      where: {
        organization_id: organizationId,
        role_id: member.role_id,
        id: { not: member.id },
        user: { is_active: true },
      },
      orderBy: { created_at: 'asc' },
    });
    if (!other?.user_id)
      throw new AppError(
        'conflict',
        'This member is the last owner with an active account. Make another member an owner first.',
      );
    await tx.organization.updateMany({
      where: { id: organizationId, owner_id: member.user_id },
      data: { owner_id: other.user_id },
    });
  }

  const uniqueName = async (tx: Transaction, organizationId: string, name: string, except?: string) => {
    const same = await tx.role.findFirst({ where: { name, ...rolesOf(organizationId), id: { not: except } } });
    if (same) throw taken();
  };

  return {
    members: (organizationId: string, page: PageQuery) =>
      core.read((db) =>
        pageFromOldest(page, (query) =>
          db.membership.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId }, query.where] },
            include: {
              role: true,
              user: { select: { email: true, full_name: true, is_active: true } },
              agent: { select: { name: true, status: true } },
            },
          }),
        ),
      ),
    member: (organizationId: string, id: string) => core.read((db) => memberOf(db, organizationId, id)),
    membershipOf: async (organizationId: string, userId: string) => {
      const member = await core.read((db) =>
        db.membership.findFirst({ where: { organization_id: organizationId, user_id: userId } }),
      );
      if (!member) throw notFound('member');
      return member;
    },
    roles: (organizationId: string) =>
      core.read((db) => db.role.findMany({ where: rolesOf(organizationId), orderBy: { name: 'asc' } })),
    rolesPage: async (organizationId: string, page: PageQuery, system: boolean) =>
      pageOfRows(
        page,
        await core.read((db) =>
          db.role.findMany({
            where: system ? rolesOf(organizationId) : { organization_id: organizationId },
            orderBy: { name: 'asc' },
          }),
        ),
      ),

    /** @throws conflict for a member, and for an agent that has ended. */
    addMember: (organizationId: string, who: Who, roleId: string, by: string) =>
      inTurn(organizationId, async (tx, tell) => {
        const role = await roleOf(tx, organizationId, roleId);
        const member = await addMember(tx, organizationId, who, { role_id: roleId, added_by: by });
        tell('member.added', { ...who, role: role.name, by });
        return { ...member, role };
      }),

    /** @throws conflict for the last owner. */
    changeMember: (organizationId: string, id: string, roleId: string, by: string) =>
      inTurn(organizationId, async (tx, tell) => {
        const [member, role] = [await memberOf(tx, organizationId, id), await roleOf(tx, organizationId, roleId)];
        if (member.role_id === roleId) return member;
        await requireOtherOwner(tx, organizationId, member);
        tell('member.role_changed', { ...whoOf(member), role: role.name, old_role: member.role.name, by });
        return tx.membership.update({ where: { id }, data: { role_id: roleId } });
      }),

    /** @throws conflict for the last owner. */
    removeMember: (organizationId: string, id: string, by: string) =>
      inTurn(organizationId, async (tx, tell) => {
        const member = await memberOf(tx, organizationId, id);
        await requireOtherOwner(tx, organizationId, member);
        await tx.membership.delete({ where: { id } });
        tell('member.removed', { ...whoOf(member), role: member.role.name, by });
      }),

    /** @throws conflict for a name that a role of the organization or of the system has. */
    createRole: (organizationId: string, id: string, fields: RoleFields, by: string) =>
      inTurn(organizationId, async (tx, tell) => {
        const known = await tx.role.findFirst({ where: { id, organization_id: organizationId } });
        if (known) return known;
        await uniqueName(tx, organizationId, fields.name);
        tell('role.created', { role_id: id, name: fields.name, permissions: fields.permissions, by });
        return tx.role.create({ data: { ...fields, id, organization_id: organizationId } });
      }),

    /** Users who have the role, or one that inherits from it, are told by the caller. */
    updateRole: (organizationId: string, id: string, fields: Partial<RoleFields>, by: string) =>
      inTurn(organizationId, async (tx, tell) => {
        if (fields.name !== undefined) await uniqueName(tx, organizationId, fields.name, id);
        const role = await tx.role.update({ where: { id, organization_id: organizationId }, data: fields });
        tell('role.changed', { role_id: id, name: role.name, permissions: role.permissions, by });
        return role;
      }),

    /** @throws conflict for a role that a member has, or from which another role inherits. */
    deleteRole: (organizationId: string, id: string, by: string) =>
      inTurn(organizationId, async (tx, tell) => {
        const members = await tx.membership.count({ where: { role_id: id } });
        if (members > 0)
          throw new AppError(
            'conflict',
            `The role has ${members} ${members === 1 ? 'member' : 'members'}. Give them another role first.`,
          );
        const heir = await tx.role.findFirst({ where: { inherits_from: id } });
        if (heir) throw new AppError('conflict', `The role ${heir.name} inherits from this one. Change it first.`);
        const role = await tx.role.delete({ where: { id, organization_id: organizationId } });
        tell('role.deleted', { role_id: id, name: role.name, by });
      }),

    usersWith: async (organizationId: string, roleIds: string[]): Promise<string[]> =>
      (
        await core.read((db) =>
          db.membership.findMany({
            where: { organization_id: organizationId, role_id: { in: roleIds } },
            select: { user_id: true },
          }),
        )
      ).flatMap(({ user_id }) => user_id ?? []),
  };
}
