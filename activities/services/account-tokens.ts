import { setTimeout } from 'node:timers/promises';
import { AppError } from '#workflows/domain/errors.ts';
import { ConnectionEnded, type IdentityProvider, type ProviderTokens } from '../ports/identity-provider.ts';
import { keyContext, type SecretsPort } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';

/** Before its end by this time an access token is replaced, so that it lasts for what it is used for. */
const marginMs = 5 * 60_000;
/** More than a provider may take for its answer; after it another process takes over from one that has died. */
const reservedMs = 30_000;
const pauseMs = 200;

/** Another process is refreshing, and does not come to an end. */
const busy = () => new AppError('unavailable', 'The token of the connection is being renewed. Try again.', {}, 5);

/**
 * The access tokens of connected accounts, each renewed before its end. A refresh token is valid once, so one process at a time
 * spends it, by a reservation in the database; the others wait for what it stores.
 * @returns the token of a credential; undefined where its account serves no repositories, also because the provider has
 * just refused to renew it. @throws AppError('unavailable') where the provider does not answer.
 */
export function accountTokens(
  { identity }: Pick<Store, 'identity'>,
  secrets: SecretsPort,
  providers: ReadonlyMap<string, IdentityProvider>,
) {
  type Account = NonNullable<Awaited<ReturnType<typeof identity.accountOfCredential>>>;
  const opened = ({ credential }: Account) =>
    JSON.parse(secrets.open(credential, keyContext(credential))) as ProviderTokens;
  const isDue = ({ expires_at: end, refresh_token: next }: ProviderTokens) =>
    next !== undefined && end !== undefined && Date.parse(end) - Date.now() < marginMs;

  async function renew(account: Account, tokens: ProviderTokens): Promise<void> {
    const { credential, provider: name, user_id, login } = account;
    const context = keyContext(credential);
    try {
      const next = await providers.get(name)?.refresh(tokens.refresh_token ?? '');
      if (!next) throw new AppError('unavailable', `Sign-in with ${name} is not set up here any more.`);
      const sealed = secrets.seal(JSON.stringify({ ...tokens, ...next }), context);
      await identity.keepRefreshed(credential, sealed, next.access_token.slice(-4));
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (!(error instanceof ConnectionEnded)) throw new AppError('unavailable', `${String(error)} Try again.`);
      await identity.keepRefreshed(credential, secrets.seal('{}', context), null);
      await identity.audit('oauth_disconnected', { user_id }, { provider: name, login, reason: error.message });
    }
  }

  return async (credentialId: string): Promise<string | undefined> => {
    for (let waited = 0; waited < 2 * reservedMs; waited += pauseMs) {
      const account = await identity.accountOfCredential(credentialId);
      if (!account) return undefined;
      const tokens = opened(account);
      if (!isDue(tokens)) return tokens.access_token;
      const until = new Date(Date.now() + reservedMs);
      if (await identity.reserveRefresh(credentialId, until))
        try {
          // Another process may have stored the next ones before the reservation.
          const now = await identity.accountOfCredential(credentialId);
          const current = now && opened(now);
          if (now && current && isDue(current)) await renew(now, current);
        } finally {
          await identity.releaseRefresh(credentialId, until);
        }
      else await setTimeout(pauseMs);
    }
    throw busy();
  };
}
