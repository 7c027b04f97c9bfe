import { randomUUID } from 'node:crypto';
import type { BillingRules } from '#workflows/domain/billing/plans.ts';
import { AppError, notFound, present } from '#workflows/domain/errors.ts';
import { systemRoles } from '#workflows/domain/access/permissions.ts';
import { isUniqueViolation } from '../client.ts';
import { Prisma, type ApiKey, type Organization, type User } from '../generated/client.ts';
import { pageFromOldest, pageOf, type PageQuery } from './page.ts';
import type { StoreCore, Transaction } from './core.ts';
import { accountsStore } from './accounts.ts';
import { auditStore } from './audit.ts';
import { openBilling } from './billing.ts';
import { linksStore } from './links.ts';
import { membersStore } from './members.ts';
import { onboardingStore } from './onboarding.ts';
import { oauthStore } from './oauth.ts';
import { requestsStore } from './requests.ts';
import { secondFactorStore } from './second-factor.ts';
import { signInsStore } from './sign-ins.ts';

export type { ApiKey, Organization, User } from '../generated/client.ts';

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

export interface Grant {
  organization_id: string;
  role: string;
  permissions: string[];
  archived?: boolean;
}

export function identityStore(core: StoreCore, billing: BillingRules) {
  return {
    ...signInsStore(core),
    ...linksStore(core),
    ...secondFactorStore(core),
    ...oauthStore(core),
    ...requestsStore(core),
    ...membersStore(core),
    ...auditStore(core),
    ...accountsStore(core),
    ...onboardingStore(core),

    createUser: async (user: {
      email: string;
      hashed_password: string | null;
      full_name?: string | null;
      avatar_url?: string | null;
      department?: string | null;
      referral_source?: string | null;
      is_verified?: boolean;
      is_super_admin?: boolean;
      waitlist_status?: string;
    }): Promise<User> => {
      try {
        return await core.change((tx) =>
          tx.user.create({ data: { ...user, id: randomUUID(), email: user.email.toLowerCase() } }),
        );
      } catch (error) {
        if (isUniqueViolation(error))
          throw new AppError('invalid_rule', 'This e-mail address is registered already. Sign in, or use another.', [
            { field: 'email', message: 'is registered' },
          ]);
        throw error;
      }
    },
    userByEmail: (email: string) => core.read((db) => db.user.findUnique({ where: { email: email.toLowerCase() } })),
    /** Only operators may call it: it gives rights in the whole installation. */
    updateUser: (id: string, data: { is_verified?: boolean; is_super_admin?: boolean; waitlist_status?: string }) =>
      core.change((tx) => tx.user.update({ where: { id }, data })),
    /** Accounts by their place on the waiting list, the oldest first. */
    waitlist: (status: string, page: PageQuery) =>
      core.read((db) =>
        pageFromOldest(page, (query) =>
          db.user.findMany({ ...query, where: { AND: [{ waitlist_status: status }, query.where] } }),
        ),
      ),
    /** @returns the accounts of these, or of all, that waited. */
    approve: (id?: string) =>
      core.change((tx) =>
        tx.user.updateManyAndReturn({
          where: { id, waitlist_status: 'pending' },
          data: { waitlist_status: 'approved' },
          select: { id: true, email: true },
        }),
      ),
    /** What a user changes themselves. Preferences that are not named stay, whoever changes them at the same time. */
    updateProfile: (
      id: string,
      {
        preferences,
        ...data
      }: { full_name?: string | null; department?: string | null; attributes?: object; preferences?: object },
    ) =>
      core.change(async (tx) => {
        if (preferences)
          await tx.$executeRaw`
            UPDATE users SET preferences = preferences || ${JSON.stringify(preferences)}::jsonb
              || jsonb_build_object('version', coalesce((preferences->>'version')::int, 0) + 1)
            WHERE id = ${id}::uuid`;
        return tx.user.update({ where: { id }, data });
      }),
    /** Sets a new password and ends every sign-in of the user, at once. False when the password has changed meanwhile. */
    changePassword: (id: string, old: string, hashed: string) =>
      core.change(async (tx) => {
        const { count } = await tx.user.updateMany({
          where: { id, hashed_password: old },
          data: { hashed_password: hashed },
        });
        if (count === 0) return false;
        await tx.session.updateMany({ where: { user_id: id, revoked_at: null }, data: { revoked_at: new Date() } });
        return true;
      }),
    userById: (id: string) => core.read((db) => db.user.findUnique({ where: { id } })),

    /** Every organization of a user, with the permissions of their role there, including inherited ones. */
    grantsOf: (userId: string) =>
      core.statement<Required<Grant>>(Prisma.sql`
        WITH RECURSIVE mine AS (
          SELECT m.id, m.created_at, m.organization_id, r.name AS role, r.permissions, r.inherits_from, ARRAY[r.id] AS seen
          FROM memberships m
          JOIN roles r ON r.id = m.role_id
          WHERE m.user_id = ${userId}::uuid
          UNION ALL
          SELECT mine.id, mine.created_at, mine.organization_id, mine.role, r.permissions, r.inherits_from, mine.seen || r.id
          FROM mine
          JOIN roles r ON r.id = mine.inherits_from
          WHERE r.id <> ALL (mine.seen)
        )
        SELECT mine.organization_id, mine.role,
          array_remove(array_agg(DISTINCT permission), NULL) AS permissions,
          o.archived_at IS NOT NULL AS archived
        FROM mine
        JOIN organizations o ON o.id = mine.organization_id
        LEFT JOIN LATERAL unnest(mine.permissions) AS permission ON true
        GROUP BY mine.id, mine.created_at, mine.organization_id, mine.role, o.archived_at
        ORDER BY mine.created_at`),

    // ── keys ──
    /** A repeated call with the same id replaces the secret, which the caller of the first one never received. */
    createKey: (key: {
      id?: string;
      organization_id: string;
      user_id: string;
      name: string;
      key_prefix: string;
      hashed_key: string;
      scopes: string[];
      expires_at: Date | null;
    }) =>
      core.change(async (tx, emit) => {
        const { id = randomUUID(), key_prefix, hashed_key } = key;
        if (await tx.apiKey.findFirst({ where: { id, user_id: key.user_id } }))
          return tx.apiKey.update({ where: { id }, data: { key_prefix, hashed_key } });
        const row = await tx.apiKey.create({ data: { ...key, id } });
        emit({
          type: 'api_key.created',
          organization_id: key.organization_id,
          entity: { kind: 'api_key', id: row.id },
          data: { name: key.name, scopes: key.scopes, user_id: key.user_id },
        });
        return row;
      }),
    keyByHash: (hash: string) =>
      core.read((db) => db.apiKey.findUnique({ where: { hashed_key: hash }, include: { user: true } })),
    keyById: (id: string) => core.read((db) => db.apiKey.findUnique({ where: { id }, include: { user: true } })),
    /** Notes that a key is in use, to the minute. */
    keyUsed: async ({ id, last_used_at: last }: Pick<ApiKey, 'id' | 'last_used_at'>): Promise<void> => {
      const now = new Date();
      if (last && last.getTime() > now.getTime() - 60_000) return;
      await core.read((db) => db.apiKey.updateMany({ where: { id }, data: { last_used_at: now } }));
    },
    keysOf: (userId: string, organizationIds: string[], page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.apiKey.findMany({
            ...query,
            where: {
              AND: [{ user_id: userId, organization_id: { in: organizationIds }, is_active: true }, query.where],
            },
          }),
        ),
      ),
    /** A valid key of its owner. */
    keyOf: async (userId: string, id: string): Promise<ApiKey> => {
      const key = await core.read((db) => db.apiKey.findFirst({ where: { id, user_id: userId, is_active: true } }));
      if (!key) throw notFound('API key');
      return key;
    },
    revokeKey: (userId: string, id: string) =>
      core.change(async (tx, emit) => {
        const key = await tx.apiKey.findFirst({ where: { id, user_id: userId, is_active: true } });
        if (!key) throw notFound('API key');
        await tx.apiKey.update({ where: { id }, data: { is_active: false } });
        emit({
          type: 'api_key.revoked',
          organization_id: key.organization_id,
          entity: { kind: 'api_key', id },
          data: { name: key.name, user_id: userId },
        });
      }),

    // ── organizations ──
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
          const organization = await tx.organization.create({ data: { ...input, id: randomUUID() } });
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
    ) => core.change((tx) => tx.organization.update({ where: { id }, data })),
    /** Archives an organization, or restores it. A repeated call changes and emits nothing. */
    setArchived: (id: string, archived: boolean, by: string) =>
      core.change(async (tx, emit) => {
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
