import { randomUUID } from 'node:crypto';
import {
  IdentityProviderError,
  type IdentityProvider,
  type ProviderProfile,
  type ProviderTokens,
} from '#activities/ports/identity-provider.ts';
import { keyContext } from '#activities/ports/secrets.ts';
import { pageLink } from '#activities/ports/page-link.ts';
import type { Services } from '#activities/ports/services.ts';
import type { User } from '#prisma/store/identity.ts';
import { AppError, present } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';
import { sha256 } from '../http/tokens.ts';
import { requireSignIn } from './account.ts';
import { deactivated, requireActive } from './active.ts';
import type { SignInClient } from './sign-in-guard.ts';

/** @throws invalid_rule for a provider that this installation does not have. */
function providerOf({ identityProviders }: Services, name: string): IdentityProvider {
  const provider = identityProviders.get(name);
  if (provider) return provider;
  const names = [...identityProviders.keys()];
  throw new AppError(
    'invalid_rule',
    `Sign-in with ${name.slice(0, 50)} is not set up here. ${names.length > 0 ? `Use ${names.join(' or ')}.` : 'Use e-mail and password.'}`,
    { reason: 'not_configured' },
  );
}

const callbackOf = (services: Services, name: string) => pageLink(services, `/api/v1/auth/oauth/${name}/callback`);

/** What an operator enters at the provider; another address there refuses every sign-in. */
export function oauthRedirectUri(services: Services, name: string) {
  providerOf(services, name);
  return { redirect_uri: callbackOf(services, name) };
}

const failed = (reason: string, message: string) => new AppError('invalid_rule', message, { reason });

/** Only for a person whom the provider has confirmed. */
const inactive = () => failed('account_inactive', deactivated);

async function atProvider<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof IdentityProviderError)) throw error;
    throw failed('oauth_failed', `${error.message} Try again.`);
  }
}

export const oauthProviders = ({ identityProviders }: Services) => ({
  items: [...identityProviders].map(([provider, { title }]) => ({ provider, title })),
});

export interface BegunOauth {
  auth_url: string;
  state: string;
}

/** Begins a sign-in, or a connection of a user. The state also goes into a cookie, which binds it to this browser. */
export async function beginOauth(
  services: Services,
  name: string,
  to: string,
  userId: string | null = null,
): Promise<BegunOauth> {
  const provider = providerOf(services, name);
  const { url, state, verifier, nonce } = await atProvider(() =>
    provider.begin(callbackOf(services, name), userId !== null),
  );
  await services.store.identity.createOauthState({
    state_hash: sha256(state),
    provider: name,
    verifier,
    nonce,
    user_id: userId,
    to,
    expires_at: new Date(Date.now() + services.config.oauth.state_ttl * 1000),
  });
  return { auth_url: url, state };
}

export const beginConnect = (call: Call, name: string, to: string): Promise<BegunOauth> => {
  requireSignIn(call);
  return beginOauth(call.services, name, to, call.actor.user_id);
};

/**
 * Finishes what began in the same browser.
 * @returns the page that follows, and the user who signs in; a connected user is signed in already.
 */
export async function finishOauth(
  services: Services,
  name: string,
  query: Record<string, string | undefined>,
  cookie: string | undefined,
  { ip }: SignInClient,
): Promise<{ to: string; user?: User }> {
  const provider = providerOf(services, name);
  const { state } = query;
  const row = state && state === cookie ? await services.store.identity.spendOauthState(sha256(state), name) : null;
  if (!row || !state)
    throw failed(
      'invalid_state',
      'This sign-in was not begun in this browser, took too long or was used. Begin again.',
    );
  const callback = new URL(callbackOf(services, name));
  for (const [key, value] of Object.entries(query)) if (value !== undefined) callback.searchParams.set(key, value);
  const { profile, tokens } = await atProvider(() =>
    provider.finish(callback, { state, verifier: row.verifier, nonce: row.nonce }),
  );
  const connection = { services, name, title: provider.title, profile, tokens, ip };
  if (row.user_id === null) return { to: row.to, user: await userBy(connection) };
  const known = await services.store.identity.oauthAccount(name, profile.id);
  const user = present(await services.store.identity.userById(row.user_id), 'the connecting user');
  requireActive(user);
  if (known?.user_id === row.user_id) await keepTokens(connection, known, repositoriesOf(provider, tokens));
  else await connect(connection, user, repositoriesOf(provider, tokens));
  return { to: row.to };
}

interface Connection {
  services: Services;
  name: string;
  title: string;
  profile: ProviderProfile;
  tokens: ProviderTokens;
  ip: string | undefined;
}

/**
 * The user of an account at a provider: by its id; else by an address that both sides have verified; else a new one.
 * An address that only one side has verified may be a stranger's.
 */
async function userBy(connection: Connection): Promise<User> {
  const { services, name, title, profile } = connection;
  const { identity } = services.store;
  const known = await identity.oauthAccount(name, profile.id);
  if (known) {
    if (!known.user.is_active) throw inactive();
    await keepTokens(connection, known, null);
    return known.user;
  }
  const email = profile.verified_email;
  if (!email)
    throw failed(
      'email_unverified',
      `${title} has no verified e-mail address of yours. Verify one there, then try again.`,
    );
  const owner = await identity.userByEmail(email);
  if (owner && !owner.is_active) throw inactive();
  if (owner && !owner.is_verified)
    throw failed(
      'account_unverified',
      `An account with the address ${email} exists, and the address is not verified here. Verify it, then try again.`,
    );
  const user =
    owner ??
    (await identity.createUser({
      email,
      hashed_password: null,
      full_name: profile.full_name,
      avatar_url: profile.avatar_url,
      is_verified: true,
      waitlist_status: services.config.auth.waitlist ? 'pending' : 'approved',
    }));
  await connect(connection, user, null);
  return user;
}

/** That the tokens of a connected account also serve its repositories; null where the provider granted less. */
function repositoriesOf(provider: IdentityProvider, tokens: ProviderTokens) {
  if (!provider.servesRepositories?.(tokens)) return null;
  return { repositories_at: new Date(), last_four: tokens.access_token.slice(-4) };
}
type Repositories = ReturnType<typeof repositoriesOf>;

const sealTokens = (
  { services, tokens }: Pick<Connection, 'services' | 'tokens'>,
  userId: string,
  credentialId: string,
) =>
  services.secrets.seal(
    JSON.stringify(tokens),
    keyContext({ id: credentialId, organization_id: null, user_id: userId }),
  );

async function keepTokens(
  connection: Connection,
  account: { user_id: string; credential_id: string },
  repositories: Repositories,
): Promise<void> {
  const { services, name, ip, profile } = connection;
  const sealed = sealTokens(connection, account.user_id, account.credential_id);
  const { identity } = services.store;
  const kept = await identity.keepOauthTokens(account.credential_id, sealed, repositories);
  if (kept && repositories)
    await identity.audit('oauth_connected', { user_id: account.user_id, ip }, { provider: name, login: profile.login });
}

async function connect(connection: Connection, user: User, repositories: Repositories): Promise<void> {
  const { services, name, profile, ip } = connection;
  const { identity } = services.store;
  const id = randomUUID();
  await identity.connectOauth({
    user_id: user.id,
    provider: name,
    provider_user_id: profile.id,
    login: profile.login,
    email: profile.verified_email,
    credential: { id, ...sealTokens(connection, user.id, id) },
    repositories,
  });
  const about = { user_id: user.id, email: user.email, ip };
  await identity.audit('oauth_connected', about, { provider: name, login: profile.login });
}

export async function oauthConnected(call: Call) {
  requireSignIn(call);
  const accounts = await call.services.store.identity.oauthAccountsOf(call.actor.user_id);
  return {
    items: accounts.map(({ provider, login, email, created_at }) => ({
      provider,
      login,
      email,
      connected_at: created_at.toISOString(),
    })),
  };
}

export async function disconnectOauth(call: Call, name: string, { ip }: SignInClient): Promise<undefined> {
  requireSignIn(call);
  const { services, actor } = call;
  await services.store.identity.disconnectOauth(actor.user_id, name);
  const about = { user_id: actor.user_id, email: actor.email, ip };
  await services.store.identity.audit('oauth_disconnected', about, { provider: name });
}
