import type { StoreCore, Transaction } from './core.ts';

type Purpose = 'sign_in' | 'verify_email' | 'reset_password' | 'invitation';

/** Uses a link; null when it is unknown, of another purpose, used or expired. */
export async function spendLink(tx: Transaction, purpose: Purpose, tokenHash: string) {
  const spent = await tx.oneTimeLink.updateMany({
    where: { token_hash: tokenHash, purpose, used_at: null, expires_at: { gt: new Date() } },
    data: { used_at: new Date() },
  });
  return spent.count === 1 ? tx.oneTimeLink.findUnique({ where: { token_hash: tokenHash } }) : null;
}

/** Links that work once. Only hashes of their tokens are stored. */
export function linksStore(core: StoreCore) {
  /** Uses the link and every other one of its purpose for the user. */
  async function spendAll(tx: Transaction, purpose: Purpose, tokenHash: string): Promise<string | null> {
    const link = await spendLink(tx, purpose, tokenHash);
    if (!link?.user_id || !(await tx.user.findFirst({ where: { id: link.user_id, is_active: true } }))) return null;
    await tx.oneTimeLink.updateMany({
      where: { user_id: link.user_id, purpose, used_at: null },
      data: { used_at: new Date() },
    });
    return link.user_id;
  }
  return {
    createLink: (userId: string, tokenHash: string, expiresAt: Date, purpose: Purpose = 'sign_in') =>
      core.change(
        async (tx) =>
          void (await tx.oneTimeLink.create({
            data: { token_hash: tokenHash, user_id: userId, expires_at: expiresAt, purpose },
          })),
      ),
    /** Uses a sign-in link; null when it is unknown, used or expired. */
    spendLink: (tokenHash: string) =>
      core.change(async (tx) => {
        const link = await spendLink(tx, 'sign_in', tokenHash);
        return link?.user_id ? tx.user.findUnique({ where: { id: link.user_id } }) : null;
      }),
    /** Marks the address of an account as verified; null for a link that does not work. */
    verifyEmail: (tokenHash: string) =>
      core.change(async (tx) => {
        const id = await spendAll(tx, 'verify_email', tokenHash);
        return id && tx.user.update({ where: { id }, data: { is_verified: true } });
      }),
    /**
     * Sets a new password, ends every sign-in of the account and its lock, all at once. The link was mailed, so the address
     * is verified too. Null for a link that does not work.
     */
    resetPassword: (tokenHash: string, hashed: string) =>
      core.change(async (tx) => {
        const id = await spendAll(tx, 'reset_password', tokenHash);
        if (!id) return null;
        const user = await tx.user.update({ where: { id }, data: { hashed_password: hashed, is_verified: true } });
        await tx.session.updateMany({ where: { user_id: id, revoked_at: null }, data: { revoked_at: new Date() } });
        await tx.oneTimeLink.updateMany({ where: { user_id: id, used_at: null }, data: { used_at: new Date() } });
        await tx.signinAttempt.deleteMany({ where: { email: user.email } });
        return user;
      }),
  };
}
