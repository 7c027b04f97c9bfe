import { randomUUID } from 'node:crypto';
import type { BillingRules } from '#workflows/domain/billing/plans.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { isUniqueViolation } from '../client.ts';
import { Prisma, type ApiKey, type User } from '../generated/client.ts';
import { pageFromOldest, pageOf, type PageQuery } from './page.ts';
import type { StoreCore } from './core.ts';
import { accountsStore } from './accounts.ts';
import { auditStore } from './audit.ts';
import { linksStore } from './links.ts';
import { membersStore } from './members.ts';
import { onboardingStore } from './onboarding.ts';
import { organizationsStore } from './organizations.ts';
import { oauthStore } from './oauth.ts';
import { requestsStore } from './requests.ts';
import { secondFactorStore } from './second-factor.ts';
import { signInsStore } from './sign-ins.ts';

export type { ApiKey, Organization, User } from '../generated/client.ts';

export interface Grant {
  organization_id: string;
  role: string;
  permissions: string[];
  archived?: boolean;
  /** Another person added the user, who was not asked. */
  given?: boolean;
}

export function identityStore(core: StoreCore, billing: BillingRules) {
  return {
    ...signInsStore(core),
    ...linksStore(core),
    ...secondFactorStore(core),
    ...oauthStore(core),
    ...requestsStore(core),
    ...membersStore(core),
    ...organizationsStore(core, billing),
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
          SELECT m.id, m.created_at, m.added_by, m.organization_id, r.name AS role, r.permissions, r.inherits_from, ARRAY[r.id] AS seen
          FROM memberships m
          JOIN roles r ON r.id = m.role_id
          WHERE m.user_id = ${userId}::uuid
          UNION ALL
          SELECT mine.id, mine.created_at, mine.added_by, mine.organization_id, mine.role, r.permissions, r.inherits_from, mine.seen || r.id
          FROM mine
          JOIN roles r ON r.id = mine.inherits_from
          WHERE r.id <> ALL (mine.seen)
        )
        SELECT mine.organization_id, mine.role,
          array_remove(array_agg(DISTINCT permission), NULL) AS permissions,
          o.archived_at IS NOT NULL AS archived,
          mine.added_by IS NOT NULL AS given
        FROM mine
        JOIN organizations o ON o.id = mine.organization_id
        LEFT JOIN LATERAL unnest(mine.permissions) AS permission ON true
        GROUP BY mine.id, mine.created_at, mine.added_by, mine.organization_id, mine.role, o.archived_at
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
  };
}
