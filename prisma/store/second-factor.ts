import type { StoreCore } from './core.ts';

interface SealedSecret {
  id: string;
  key_id: string;
  sealed: string;
}

/** Authenticator apps of users, and sign-ins that wait for a code of one. */
export function secondFactorStore(core: StoreCore) {
  return {
    secondFactor: (userId: string) =>
      core.read((db) => db.secondFactor.findUnique({ where: { user_id: userId }, include: { credential: true } })),
    /** Begins an enrolment, instead of an unfinished one. False when the user has a confirmed app. */
    beginSecondFactor: (userId: string, label: string, secret: SealedSecret) =>
      core.change(async (tx) => {
        await tx.credential.deleteMany({ where: { user_id: userId, second_factor: { confirmed_at: null } } });
        if (await tx.secondFactor.findUnique({ where: { user_id: userId } })) return false;
        await tx.credential.create({ data: { ...secret, user_id: userId, kind: 'second_factor', label } });
        await tx.secondFactor.create({ data: { user_id: userId, credential_id: secret.id } });
        return true;
      }),
    /** False when there is no enrolment that waits for its first code. */
    confirmSecondFactor: (credentialId: string, step: number, recoveryCodes: string[]) =>
      core.change(
        async (tx) =>
          (
            await tx.secondFactor.updateMany({
              where: { credential_id: credentialId, confirmed_at: null },
              data: { confirmed_at: new Date(), last_step: step, recovery_codes: recoveryCodes },
            })
          ).count === 1,
      ),
    /** Uses the code of a step. False when it, or a later one, was used before. */
    spendStep: (userId: string, step: number) =>
      core.change(
        async (tx) =>
          (
            await tx.secondFactor.updateMany({
              where: { user_id: userId, last_step: { lt: step } },
              data: { last_step: step },
            })
          ).count === 1,
      ),
    /** Uses a recovery code. False when there is none with this hash. */
    spendRecoveryCode: (userId: string, hash: string) =>
      core.change(
        async (tx) =>
          (await tx.$executeRaw`
            UPDATE second_factors
            SET recovery_codes = array_remove(recovery_codes, ${hash})
            WHERE user_id = ${userId}::uuid AND ${hash} = ANY(recovery_codes)`) === 1,
      ),
    /** False when the user has none. */
    removeSecondFactor: (userId: string) =>
      core.change(
        async (tx) =>
          (await tx.credential.deleteMany({ where: { user_id: userId, second_factor: { isNot: null } } })).count > 0,
      ),

    createChallenge: (challenge: {
      token_hash: string;
      user_id: string;
      password_mark: string;
      method: string;
      expires_at: Date;
    }) => core.change(async (tx) => void (await tx.signinChallenge.create({ data: challenge }))),
    /** A sign-in that still waits. */
    challenge: (tokenHash: string) =>
      core.read((db) =>
        db.signinChallenge.findFirst({
          where: { token_hash: tokenHash, used_at: null, expires_at: { gt: new Date() } },
        }),
      ),
    /** False when another call has finished the sign-in. */
    spendChallenge: (tokenHash: string) =>
      core.change(
        async (tx) =>
          (
            await tx.signinChallenge.updateMany({
              where: { token_hash: tokenHash, used_at: null, expires_at: { gt: new Date() } },
              data: { used_at: new Date() },
            })
          ).count === 1,
      ),
  };
}
