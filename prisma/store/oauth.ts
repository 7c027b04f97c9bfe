import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { isUniqueViolation } from '../client.ts';
import type { StoreCore } from './core.ts';

export interface OauthConnection {
  user_id: string;
  provider: string;
  provider_user_id: string;
  login: string;
  email: string | null;
  /** The tokens of the provider, encrypted. */
  credential: { id: string; key_id: string; sealed: string };
}

/** Accounts at providers, and sign-ins on their way through one. */
export function oauthStore(core: StoreCore) {
  return {
    createOauthState: (state: {
      state_hash: string;
      provider: string;
      verifier: string;
      nonce: string;
      user_id: string | null;
      to: string;
      expires_at: Date;
    }) => core.change(async (tx) => void (await tx.oauthState.create({ data: state }))),
    /** Uses the state of a provider once; null when it is unknown, used, expired or of another provider. */
    spendOauthState: (hash: string, provider: string) =>
      core.change(async (tx) => {
        const spent = await tx.oauthState.updateMany({
          where: { state_hash: hash, provider, used_at: null, expires_at: { gt: new Date() } },
          data: { used_at: new Date() },
        });
        return spent.count === 1 ? tx.oauthState.findUnique({ where: { state_hash: hash } }) : null;
      }),
    oauthAccount: (provider: string, providerUserId: string) =>
      core.read((db) =>
        db.oauthAccount.findUnique({
          where: { provider_provider_user_id: { provider, provider_user_id: providerUserId } },
          include: { user: true },
        }),
      ),
    oauthAccountsOf: (userId: string) =>
      core.read((db) => db.oauthAccount.findMany({ where: { user_id: userId }, orderBy: { created_at: 'asc' } })),
    /** @throws conflict when the account at the provider is another user's, or the user has another one there. */
    connectOauth: async ({ credential, ...account }: OauthConnection) => {
      try {
        await core.change(async (tx) => {
          const { user_id, provider } = account;
          await tx.credential.create({ data: { ...credential, user_id, kind: 'oauth', label: provider } });
          await tx.oauthAccount.create({ data: { ...account, id: randomUUID(), credential_id: credential.id } });
        });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new AppError(
          'conflict',
          'This account is connected to another user, or yours is connected to another account there. Disconnect it first.',
          { reason: 'linked_elsewhere' },
        );
      }
    },
    /** Keeps the newest tokens of an account that is connected. */
    keepOauthTokens: (credentialId: string, sealed: { key_id: string; sealed: string }) =>
      core.change(async (tx) => void (await tx.credential.updateMany({ where: { id: credentialId }, data: sealed }))),
    /** @throws not_found; invalid_rule for the last way in which the user can sign in. */
    disconnectOauth: (userId: string, provider: string) =>
      core.change(async (tx) => {
        await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR UPDATE`;
        const accounts = await tx.oauthAccount.findMany({ where: { user_id: userId }, include: { user: true } });
        const account = accounts.find((row) => row.provider === provider);
        if (!account) throw notFound('connection');
        if (accounts.length === 1 && !account.user.hashed_password)
          throw new AppError(
            'invalid_rule',
            'This is the only way in which you can sign in. Set a password or connect another account first.',
          );
        await tx.credential.delete({ where: { id: account.credential_id } });
      }),
  };
}
