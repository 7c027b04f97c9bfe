import { randomUUID } from 'node:crypto';
import { pageOf, type PageQuery } from './page.ts';
import type { StoreCore } from './core.ts';

/** Sign-ins: failed attempts, sessions, and tickets for the live feed. */
export function signInsStore(core: StoreCore) {
  return {
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
              data: {
                refresh_jti: newJti,
                previous_jti: oldJti,
                rotated_at: new Date(),
                expires_at: expiresAt,
                last_used_at: new Date(),
              },
            })
          ).count === 1,
      ),
    /** The sign-ins of a user that hold, the newest first. */
    sessionsOf: (userId: string, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.session.findMany({
            ...query,
            where: { AND: [{ user_id: userId, revoked_at: null, expires_at: { gt: new Date() } }, query.where] },
          }),
        ),
      ),
    /** @returns how many have ended. */
    revokeSessions: (where: { id?: string; user_id?: string }) =>
      core.change(
        async (tx) =>
          (await tx.session.updateMany({ where: { ...where, revoked_at: null }, data: { revoked_at: new Date() } }))
            .count,
      ),

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
  };
}
