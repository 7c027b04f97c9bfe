import { randomUUID } from 'node:crypto';
import { AppError, notFound, present } from '#workflows/domain/errors.ts';
import { systemRoles } from '#workflows/domain/access/permissions.ts';
import { isUniqueViolation } from '../client.ts';
import type { ApiKey, Organization, User } from '../generated/client.ts';
import type { StoreCore, Transaction } from './core.ts';

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
}

export function identityStore(core: StoreCore) {
  return {
    createUser: async (user: {
      email: string;
      hashed_password: string | null;
      full_name?: string | null;
      department?: string | null;
      referral_source?: string | null;
      is_verified?: boolean;
      is_super_admin?: boolean;
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
    userById: (id: string) => core.read((db) => db.user.findUnique({ where: { id } })),

    /** Every organization of a user, with the permissions of their role there, including inherited ones. */
    grantsOf: (userId: string) =>
      core.read(async (db): Promise<Grant[]> => {
        const memberships = await db.membership.findMany({
          where: { user_id: userId },
          include: { role: true, organization: { select: { archived_at: true } } },
          orderBy: { created_at: 'asc' },
        });
        const grants: Grant[] = [];
        for (const { organization_id: organizationId, role } of memberships) {
          const permissions = new Set(role.permissions);
          const seen = new Set([role.id]);
          let parent = role.inherits_from;
          while (parent && !seen.has(parent)) {
            seen.add(parent);
            const above = await db.role.findUnique({ where: { id: parent } });
            above?.permissions.forEach((permission) => permissions.add(permission));
            parent = above?.inherits_from ?? null;
          }
          grants.push({ organization_id: organizationId, role: role.name, permissions: [...permissions] });
        }
        return grants;
      }),

    // ── sign-in ──
    signinState: (email: string) =>
      core.read((db) => db.signinAttempt.findUnique({ where: { email: email.toLowerCase() } })),
    /** Counts a failed sign-in. At the limit, and at each later failure, the lock starts again. */
    signinFailed: (email: string, limit: number, lockSeconds: number) =>
      core.change(async (tx) => {
        const key = email.toLowerCase();
        const row = await tx.signinAttempt.upsert({
          where: { email: key },
          create: { email: key, failures: 1 },
          update: { failures: { increment: 1 } },
        });
        if (row.failures >= limit)
          await tx.signinAttempt.update({
            where: { email: key },
            data: { locked_until: new Date(Date.now() + lockSeconds * 1000) },
          });
      }),
    signinSucceeded: (email: string) =>
      core.change(async (tx) => void (await tx.signinAttempt.deleteMany({ where: { email: email.toLowerCase() } }))),

    openSession: (session: {
      user_id: string;
      refresh_jti: string;
      expires_at: Date;
      user_agent?: string;
      ip?: string;
    }) => core.change((tx) => tx.session.create({ data: { ...session, id: randomUUID() } })),
    session: (id: string) => core.read((db) => db.session.findUnique({ where: { id }, include: { user: true } })),
    /** Replaces a refresh token by a new one, once. False when the old token was used before. */
    rotateSession: (id: string, oldJti: string, newJti: string, expiresAt: Date) =>
      core.change(
        async (tx) =>
          (
            await tx.session.updateMany({
              where: { id, refresh_jti: oldJti, revoked_at: null },
              data: { refresh_jti: newJti, expires_at: expiresAt, last_used_at: new Date() },
            })
          ).count === 1,
      ),
    revokeSessions: (where: { id?: string; user_id?: string }) =>
      core.change(
        async (tx) =>
          void (await tx.session.updateMany({
            where: { ...where, revoked_at: null },
            data: { revoked_at: new Date() },
          })),
      ),

    createLink: (userId: string, tokenHash: string, expiresAt: Date) =>
      core.change(
        async (tx) =>
          void (await tx.signinLink.create({
            data: { token_hash: tokenHash, user_id: userId, expires_at: expiresAt },
          })),
      ),
    /** Uses a one-time link; null when it is unknown, used or expired. */
    spendLink: (tokenHash: string) =>
      core.change(async (tx) => {
        const spent = await tx.signinLink.updateMany({
          where: { token_hash: tokenHash, used_at: null, expires_at: { gt: new Date() } },
          data: { used_at: new Date() },
        });
        if (spent.count !== 1) return null;
        const link = await tx.signinLink.findUniqueOrThrow({ where: { token_hash: tokenHash } });
        return tx.user.findUnique({ where: { id: link.user_id } });
      }),

    createTicket: (ticket: { token_hash: string; user_id: string; organization_id: string; expires_at: Date }) =>
      core.change(async (tx) => void (await tx.liveTicket.create({ data: ticket }))),
    spendTicket: (tokenHash: string) =>
      core.change(async (tx) => {
        const spent = await tx.liveTicket.updateMany({
          where: { token_hash: tokenHash, used_at: null, expires_at: { gt: new Date() } },
          data: { used_at: new Date() },
        });
        return spent.count === 1 ? tx.liveTicket.findUnique({ where: { token_hash: tokenHash } }) : null;
      }),

    // ── keys ──
    createKey: (key: {
      organization_id: string;
      user_id: string;
      name: string;
      key_prefix: string;
      hashed_key: string;
      scopes: string[];
      expires_at: Date | null;
    }) =>
      core.change(async (tx, emit) => {
        const row = await tx.apiKey.create({ data: { ...key, id: randomUUID() } });
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
    keyUsed: (id: string) =>
      core.read((db) =>
        db.apiKey.updateMany({
          where: { id, OR: [{ last_used_at: null }, { last_used_at: { lt: new Date(Date.now() - 60_000) } }] },
          data: { last_used_at: new Date() },
        }),
      ),
    keysOf: (userId: string, organizationIds: string[]) =>
      core.read((db) =>
        db.apiKey.findMany({
          where: { user_id: userId, organization_id: { in: organizationIds }, is_active: true },
          orderBy: { created_at: 'desc' },
          take: 200,
        }),
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
    organizations: (ids: string[]) =>
      core.read((db) =>
        db.organization.findMany({ where: { id: { in: ids }, archived_at: null }, orderBy: { created_at: 'asc' } }),
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
        archived_at?: Date;
      },
    ) => core.change((tx) => tx.organization.update({ where: { id }, data })),
    organizationBySlug: (slug: string) => core.read((db) => db.organization.findUnique({ where: { slug } })),
    members: (organizationId: string) =>
      core.read((db) =>
        db.membership.findMany({
          where: { organization_id: organizationId },
          include: { role: true, user: { select: { id: true, email: true, full_name: true } } },
          orderBy: { created_at: 'asc' },
          take: 200,
        }),
      ),
    roles: (organizationId: string) =>
      core.read((db) =>
        db.role.findMany({
          where: { OR: [{ organization_id: organizationId }, { organization_id: null }] },
          orderBy: { name: 'asc' },
        }),
      ),
    addMember: async (organizationId: string, userId: string, roleId: string) => {
      try {
        return await core.change(async (tx) => {
          const role = await tx.role.findFirst({
            where: { id: roleId, OR: [{ organization_id: organizationId }, { organization_id: null }] },
          });
          if (!role) throw notFound('role');
          return tx.membership.create({
            data: { id: randomUUID(), organization_id: organizationId, user_id: userId, role_id: roleId },
          });
        });
      } catch (error) {
        if (isUniqueViolation(error)) throw new AppError('conflict', 'This user is a member already.');
        throw error;
      }
    },

    // ── idempotency ──
    /**
     * Claims a request by its idempotency key.
     * @returns the stored answer, or null when the caller must handle it: it is new, or its earlier process crashed.
     */
    claimRequest: (actor: string, key: string, requestHash: string, abandonedAfterMs: number) =>
      core.change(async (tx) => {
        const claimed = await tx.idempotencyKey.createMany({
          data: { actor, key, request_hash: requestHash },
          skipDuplicates: true,
        });
        const abandoned = {
          actor,
          key,
          request_hash: requestHash,
          status: null,
          created_at: { lt: new Date(Date.now() - abandonedAfterMs) },
        };
        const taken =
          claimed.count === 1
            ? claimed
            : await tx.idempotencyKey.updateMany({ where: abandoned, data: { created_at: new Date() } });
        return taken.count === 1 ? null : tx.idempotencyKey.findUniqueOrThrow({ where: { actor_key: { actor, key } } });
      }),
    answerRequest: (actor: string, key: string, status: number, body: string) =>
      core.change(
        async (tx) =>
          void (await tx.idempotencyKey.update({ where: { actor_key: { actor, key } }, data: { status, body } })),
      ),
    forgetRequest: (actor: string, key: string) =>
      core.change(async (tx) => void (await tx.idempotencyKey.deleteMany({ where: { actor, key, status: null } }))),
  };
}
