import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { BillingRules } from '#workflows/domain/billing/plans.ts';
import { AppError, notFound, present } from '#workflows/domain/errors.ts';
import { systemRoles } from '#workflows/domain/access/permissions.ts';
import { isUniqueViolation } from '../client.ts';
import type { Organization } from '../generated/client.ts';
import { openBilling } from './billing.ts';
import { pageFromOldest, type PageQuery } from './page.ts';
import type { StoreCore, Transaction } from './core.ts';

/** Creates or updates the system roles of this version. */
async function ensureSystemRoles(tx: Transaction): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [name, permissions] of Object.entries(systemRoles)) {
    const known = await tx.role.findFirst({ where: { organization_id: null, name } });
    const role = known
      ? await tx.role.update({ where: { id: known.id }, data: { permissions: [...permissions] } })
      : await tx.role.create({ data: { id: randomUUID(), name, permissions: [...permissions], is_system: true } });
    ids[name] = role.id;
  }
  return ids;
}

/**
 * Each free organization has free workflows, so a person creates only some. Each counts for its creator, whoever owns it
 * later: who makes it over gets no place for another, and takes none of the new owner. One that is archived counts until
 * its month ends.
 * @throws invalid_rule
 */
async function requireFreePlace(tx: Transaction, creatorId: string, rules: BillingRules, except?: string) {
  if (!rules.enforced) return;
  // Of two at once, the second one sees the first.
  await tx.$queryRaw`SELECT id FROM users WHERE id = ${creatorId}::uuid FOR NO KEY UPDATE`;
  const now = new Date();
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  const counts = { OR: [{ archived_at: null }, { archived_at: { gte: month } }] };
  const created = await tx.organization.count({
    where: { created_by: creatorId, plan: 'free', id: { not: except }, ...counts },
  });
  const most = rules.free_organizations_per_person;
  if (created >= most)
    throw new AppError(
      'invalid_rule',
      `A person may have created ${most} ${most === 1 ? 'organization' : 'organizations'} on the plan ${rules.plans.free.label}, whoever owns them now; one that is archived counts until its month ends. Subscribe to a plan for one of them, or archive one and wait.`,
    );
}

export function organizationsStore(core: StoreCore, billing: BillingRules) {
  return {
    createOrganization: async (input: {
      name: string;
      slug: string;
      owner_id: string;
      plan?: string;
      description?: string | null;
      billing_email?: string | null;
      settings?: object;
      max_concurrent_agents?: number;
      max_agent_runtime_hours?: number;
    }): Promise<Organization> => {
      try {
        return await core.change(async (tx, emit) => {
          const roles = await ensureSystemRoles(tx);
          if ((input.plan ?? 'free') === 'free') await requireFreePlace(tx, input.owner_id, billing);
          const organization = await tx.organization.create({
            data: { ...input, created_by: input.owner_id, id: randomUUID() },
          });
          await openBilling(tx, organization.id, billing);
          await tx.membership.create({
            data: {
              id: randomUUID(),
              organization_id: organization.id,
              user_id: input.owner_id,
              role_id: present(roles.owner, 'the role of owners'),
            },
          });
          emit({
            type: 'organization.created',
            organization_id: organization.id,
            entity: { kind: 'organization', id: organization.id },
            data: { name: input.name, slug: input.slug },
          });
          return organization;
        });
      } catch (error) {
        if (isUniqueViolation(error))
          throw new AppError('invalid_rule', 'This slug is taken. Choose another.', [
            { field: 'slug', message: 'is taken' },
          ]);
        throw error;
      }
    },
    organizations: (ids: string[], page: PageQuery, withArchived = false) =>
      core.read((db) =>
        pageFromOldest(page, (query) =>
          db.organization.findMany({
            ...query,
            where: { AND: [{ id: { in: ids }, ...(withArchived ? {} : { archived_at: null }) }, query.where] },
            include: { _count: { select: { memberships: true } } },
          }),
        ),
      ),
    organization: async (id: string) => {
      const row = await core.read((db) => db.organization.findUnique({ where: { id } }));
      if (!row) throw notFound('organization');
      return row;
    },
    updateOrganization: (
      id: string,
      data: {
        name?: string;
        description?: string | null;
        billing_email?: string | null;
        settings?: object;
        max_concurrent_agents?: number;
        max_agent_runtime_hours?: number;
      },
      by: string,
    ) =>
      core.change(async (tx, emit) => {
        const before = await tx.organization.findUnique({ where: { id } });
        if (!before) throw notFound('organization');
        const changed = Object.entries(data).filter(
          ([field, value]) => !isDeepStrictEqual(before[field as keyof Organization], value),
        );
        if (changed.length === 0) return before;
        emit({
          type: 'organization.updated',
          organization_id: id,
          entity: { kind: 'organization', id },
          data: { by, fields: changed.map(([field]) => field) },
        });
        return tx.organization.update({ where: { id }, data });
      }),
    /** Archives an organization, or restores it. A repeated call changes and emits nothing. */
    setArchived: (id: string, archived: boolean, by: string) =>
      core.change(async (tx, emit) => {
        const before = await tx.organization.findUnique({ where: { id } });
        if (before?.archived_at && !archived && before.plan === 'free')
          await requireFreePlace(tx, before.created_by, billing, id);
        const { count } = await tx.organization.updateMany({
          where: { id, archived_at: archived ? null : { not: null } },
          data: { archived_at: archived ? new Date() : null },
        });
        if (count > 0)
          emit({
            type: archived ? 'organization.archived' : 'organization.restored',
            organization_id: id,
            entity: { kind: 'organization', id },
            data: { by },
          });
        return tx.organization.findUniqueOrThrow({ where: { id } });
      }),
    organizationBySlug: (slug: string) => core.read((db) => db.organization.findUnique({ where: { slug } })),
  };
}
