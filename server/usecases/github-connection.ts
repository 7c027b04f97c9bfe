import { keyContext } from '#activities/ports/secrets.ts';
import type { Services } from '#activities/ports/services.ts';
import { notFound } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';
import { requireSignIn } from './account.ts';
import { at } from './views.ts';

const provider = 'github';

/** How a person connects. */
export const connectRemedy = 'Connect GitHub in your settings (POST /auth/oauth/github/connect).';

const accountOf = ({ store }: Services, userId: string) => store.identity.repositoryAccount(userId, provider);

export async function githubConnectionStatus({ services, actor }: Call) {
  const { identity, projects } = services.store;
  const available = services.identityProviders.has(provider);
  const [account, linked, organizations] = await Promise.all([
    accountOf(services, actor.user_id),
    identity.oauthAccountsOf(actor.user_id),
    Promise.all(actor.grants.map((grant) => identity.organization(grant.organization_id))),
  ]);
  const served = organizations.filter(({ slug }) => services.github.serves(slug));
  return {
    available,
    connected: account !== null,
    login: account?.login ?? null,
    last_four: account?.last_four ?? null,
    connected_at: account?.repositories_at ? at(account.repositories_at) : null,
    projects: account ? await projects.ofCredential(actor.user_id, account.credential_id) : [],
    served_by_installation: served.map(({ id, name }) => ({ id, name })),
    remedy: account
      ? null
      : remedyOf(
          available,
          linked.some((one) => one.provider === provider),
        ),
  };
}

function remedyOf(available: boolean, linked: boolean): string {
  if (!available) return 'The operator of this installation sets GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET.';
  return linked
    ? `Your account at GitHub only signs you in: it gives no rights to repositories. ${connectRemedy}`
    : connectRemedy;
}

/** The account goes on to sign its user in. @returns the projects that stop. */
async function disconnect(services: Services, userId: string, by: Partial<{ by: string }>) {
  const account = await accountOf(services, userId);
  if (!account) return undefined;
  const { credential_id: id } = account;
  const projects = await services.store.projects.ofCredential(userId, id);
  const nothing = services.secrets.seal('{}', keyContext({ id, organization_id: null, user_id: userId }));
  await services.store.identity.endRepositories(id, nothing);
  const details = { provider, login: account.login, projects: projects.length, ...by };
  await services.store.identity.audit('oauth_disconnected', { user_id: userId }, details);
  return { projects };
}

export async function githubDisconnect(call: Call) {
  requireSignIn(call);
  return (await disconnect(call.services, call.actor.user_id, {})) ?? throwNone();
}

export const githubDisconnectUser = async ({ services, actor }: Call, userId: string) =>
  (await disconnect(services, userId, { by: actor.user_id })) ?? throwNone();

export async function githubDisconnectAll({ services, actor }: Call) {
  const users = await services.store.identity.usersWithRepositories(provider);
  for (const id of users) await disconnect(services, id, { by: actor.user_id });
  return { disconnected: users.length };
}

function throwNone(): never {
  throw notFound('connection to GitHub');
}
