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
  /** Of tokens that also serve the user's repositories there. */
  repositories: ServesRepositories | null;
}

interface ServesRepositories {
  repositories_at: Date;
  last_four: string;
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
    connectOauth: async ({ credential, repositories, ...account }: OauthConnection) => {
      try {
        await core.change(async (tx) => {
          const { user_id, provider } = account;
          await tx.credential.create({ data: { ...credential, user_id, kind: 'oauth', label: provider } });
          const data = { ...account, ...repositories, id: randomUUID(), credential_id: credential.id };
          await tx.oauthAccount.create({ data });
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
    /**
     * Keeps the newest tokens of an account. Those that serve repositories stay when newer ones, of a sign-in, do not.
     * @returns whether they were kept.
     */
    keepOauthTokens: (
      credentialId: string,
      sealed: { key_id: string; sealed: string },
      repositories: ServesRepositories | null,
    ) =>
      core.change(async (tx) => {
        const where = { credential_id: credentialId, ...(repositories ? {} : { repositories_at: null }) };
        const { count } = await tx.oauthAccount.updateMany({
          where,
          data: { credential_id: credentialId, ...repositories },
        });
        if (count > 0) await tx.credential.update({ where: { id: credentialId }, data: sealed });
        return count > 0;
      }),
    /** The account whose token serves a user's repositories, with the token, encrypted; null without one. */
    repositoryAccount: (userId: string, provider: string) =>
      core.read((db) =>
        db.oauthAccount.findFirst({
          where: { user_id: userId, provider, repositories_at: { not: null } },
          include: { credential: true },
        }),
      ),
    /** Everyone whose token serves repositories at a provider. */
    usersWithRepositories: (provider: string) =>
      core.read(async (db) => {
        const where = { provider, repositories_at: { not: null } };
        return (await db.oauthAccount.findMany({ where, select: { user_id: true } })).map(({ user_id: id }) => id);
      }),
    /**
     * Reserves the refresh of an account's tokens for one process, until a time; the others look again.
     * @returns whether it is reserved.
     */
    reserveRefresh: (credentialId: string, until: Date) =>
      core.change(async (tx) => {
        const free = { OR: [{ refreshing_until: null }, { refreshing_until: { lt: new Date() } }] };
        const where = { credential_id: credentialId, ...free };
        return (await tx.oauthAccount.updateMany({ where, data: { refreshing_until: until } })).count === 1;
      }),
    /** Ends what `reserveRefresh` began. */
    releaseRefresh: (credentialId: string, until: Date) =>
      core.change(async (tx) => {
        const where = { credential_id: credentialId, refreshing_until: until };
        await tx.oauthAccount.updateMany({ where, data: { refreshing_until: null } });
      }),
    /** An account with its tokens, encrypted; null where it serves no repositories. */
    accountOfCredential: (credentialId: string) =>
      core.read((db) =>
        db.oauthAccount.findFirst({
          where: { credential_id: credentialId, repositories_at: { not: null } },
          include: { credential: true },
        }),
      ),
    /**
     * Keeps the next tokens of an account in place of those before. With null the account serves no repositories any more.
     * Changes nothing where its owner has connected it again meanwhile.
     */
    keepRefreshed: (
      credential: { id: string; sealed: string },
      next: { key_id: string; sealed: string },
      lastFour: string | null,
    ) =>
      core.change(async (tx) => {
        const { count } = await tx.credential.updateMany({ where: credential, data: next });
        if (count === 0) return;
        const data = { last_four: lastFour, ...(lastFour === null ? { repositories_at: null } : {}) };
        await tx.oauthAccount.updateMany({ where: { credential_id: credential.id }, data });
      }),
    /** Ends the service of a token for repositories; the account goes on to sign in. @param sealed takes the token's place. */
    endRepositories: (credentialId: string, sealed: { key_id: string; sealed: string }) =>
      core.change(async (tx) => {
        const data = { repositories_at: null, last_four: null };
        await tx.oauthAccount.updateMany({ where: { credential_id: credentialId }, data });
        await tx.credential.updateMany({ where: { id: credentialId }, data: sealed });
      }),
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
