import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { Prisma, type User } from '../generated/client.ts';
import { pageFromOldest, type PageQuery } from './page.ts';
import type { StoreCore, Transaction } from './core.ts';

/** An organization that has no other active owner. */
export interface Ownerless {
  id: string;
  name: string;
  slug: string;
}

/** Accounts, as the administrators of the installation see and change them. */
export function accountsStore(core: StoreCore) {
  /** What was begun for the user and not finished: it must not work after a later activation. */
  async function endBegun(tx: Transaction, userId: string) {
    const now = new Date();
    await tx.session.updateMany({ where: { user_id: userId, revoked_at: null }, data: { revoked_at: now } });
    await tx.oneTimeLink.updateMany({ where: { user_id: userId, used_at: null }, data: { used_at: now } });
    await tx.signinChallenge.updateMany({ where: { user_id: userId, used_at: null }, data: { used_at: now } });
  }

  return {
    /** Accounts, the oldest first. */
    users: (filter: { email?: string; is_active?: boolean }, page: PageQuery) =>
      core.read((db) =>
        pageFromOldest(page, (query) =>
          db.user.findMany({
            ...query,
            where: { AND: [{ ...filter, email: filter.email?.toLowerCase() }, query.where] },
          }),
        ),
      ),

    /**
     * Deactivates an account, which ends its sign-ins, or activates it. A repeated call changes and records nothing.
     * @param by for the audit trail.
     * @throws conflict for the last active administrator of the installation; not_found.
     */
    setActive: (id: string, isActive: boolean, by: { by: string; reason?: string }): Promise<User> =>
      core.change(async (tx) => {
        // Two administrators who deactivate each other at once must not both succeed.
        await tx.$queryRaw`SELECT id FROM users WHERE is_super_admin OR id = ${id}::uuid ORDER BY id FOR NO KEY UPDATE`;
        const user = await tx.user.findUnique({ where: { id } });
        if (!user) throw notFound('user');
        if (user.is_active === isActive) return user;
        const others = { is_super_admin: true, is_active: true, id: { not: id } };
        if (!isActive && user.is_super_admin && (await tx.user.count({ where: others })) === 0)
          throw new AppError(
            'conflict',
            'This is the last active administrator of the installation. Make another one first: omoios admin create EMAIL',
          );
        if (!isActive) await endBegun(tx, id);
        await tx.auditEntry.create({
          data: {
            id: randomUUID(),
            event: isActive ? 'account_activated' : 'account_deactivated',
            user_id: id,
            email: user.email,
            details: by,
          },
        });
        return tx.user.update({ where: { id }, data: { is_active: isActive } });
      }),

    /** Organizations whose only active owner is, or was, this user. At most 200. */
    lastOwnerOf: (userId: string) =>
      core.statement<Ownerless>(Prisma.sql`
        SELECT o.id, o.name, o.slug
        FROM memberships m
        JOIN roles r ON r.id = m.role_id AND r.is_system AND r.name = 'owner'
        JOIN organizations o ON o.id = m.organization_id AND o.archived_at IS NULL
        WHERE m.user_id = ${userId}::uuid
          AND NOT EXISTS (
            SELECT 1
            FROM memberships other
            JOIN users u ON u.id = other.user_id AND u.is_active
            WHERE other.organization_id = m.organization_id AND other.role_id = m.role_id AND other.user_id <> m.user_id
          )
        ORDER BY o.slug
        LIMIT 200`),
  };
}
