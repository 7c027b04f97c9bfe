import { OutgoingRefused } from '../ports/outgoing.ts';
import {
  RepositoryError,
  type RepositoriesPort,
  type RepositoryAccess,
  type RepositorySource,
  type SignIn,
} from '../ports/repositories.ts';
import type { EventOf, WebhookSecret } from '../ports/code-host.ts';
import { keyContext, type SecretsPort } from '../ports/secrets.ts';
import type { Store } from '../ports/store.ts';
import { withMembers } from '../support/with-members.ts';
import type { GithubApp } from '../adapters/code-host/github-app.ts';
import { githubPlace, type GithubPlace } from '../adapters/code-host/github-place.ts';
import { endOf } from '../adapters/repositories/remote.ts';
import { choices, type Config } from './config.ts';
import { reachableAddresses } from './public-address.ts';

/**
 * The addresses of a host, which git then connects to, so that a name cannot lead elsewhere at the second look.
 * @throws RepositoryError('outside_roots') for a host in a private, loopback or link-local network.
 */
export async function publicAddresses(host: string, port: number, allowed: string[]): Promise<string[] | undefined> {
  const addresses = await reachableAddresses({ host, port }, allowed).catch((error: unknown) => {
    throw error instanceof OutgoingRefused ? new RepositoryError('outside_roots', error.message) : error;
  });
  // Behind a proxy a name may be known to the proxy alone.
  return addresses.length > 0 ? addresses : undefined;
}

/** The folders of an organization: `/folder`, `/folder/{organization}`, `slug=/folder` or `*=/folder`. */
export function rootsOf(roots: string[], slug: string): { roots: string[]; own: string[] } {
  const own: string[] = [];
  const shared: string[] = [];
  for (const root of roots) {
    const [, owner, folder] = /^([^/=]*)=(.*)$/.exec(root) ?? [];
    if (owner === slug && folder) own.push(folder);
    else if (owner === '*' && folder) shared.push(folder);
    else if (owner === undefined && root.includes('{organization}')) own.push(root.replaceAll('{organization}', slug));
    else if (owner === undefined) shared.push(root);
  }
  return { roots: [...own, ...shared], own };
}

const addressed = (url: string | null | undefined): url is string => !!url && !url.startsWith('file:');

/** Whether the machine's and the installation's credentials serve an organization. */
export function machineServes(config: Config): (slug: string) => boolean {
  const embedded = choices(config).database?.embedded ?? false;
  const { machine_credentials: machine = embedded ? ['*'] : [] } = config.git;
  return (slug) => machine.includes('*') || machine.includes(slug);
}

/** What each organization may reach, by the settings and its stored credentials. */
export function repositoryAccess(
  config: Config,
  store: Store,
  secrets: SecretsPort,
  { app, tokenOfAccount }: Pick<Openers, 'app' | 'tokenOfAccount'>,
) {
  const embedded = choices(config).database?.embedded ?? false;
  const serves = machineServes(config);
  // The operator has named this host too.
  const allowed = [...config.outbound.allow, new URL(config.oauth.github_url).host];
  const addressesOf = async (url: string | null | undefined) => {
    const { host = '', port = 0 } = addressed(url) ? endOf(url) : {};
    return host === '' ? undefined : publicAddresses(host, port, allowed);
  };
  return async (
    { url, organization_id: id, credential_id: credential, sign_in }: RepositorySource,
    renew = false,
  ): Promise<RepositoryAccess> => {
    const slug = id ? (await store.identity.organization(id)).slug : '';
    const mayUseMachine = serves(slug);
    const { token } = config.github;
    const place = githubPlace(url, config.oauth.github_url);
    const ofInstallation = token && mayUseMachine && place ? tokenSignIn(token) : undefined;
    const own =
      sign_in ??
      (id && credential
        ? await openCredential(store, secrets, { id: credential, of: id, place, app, tokenOfAccount, renew })
        : undefined);
    return {
      roots: config.repo_roots ? rootsOf(config.repo_roots, slug).roots : embedded ? undefined : [],
      foreign: id && !addressed(url) ? await store.projects.dirsOfOthers(id) : undefined,
      machine: mayUseMachine,
      credential: own ?? ofInstallation,
      addresses: await addressesOf(url),
      checked: true,
    };
  };
}

interface Openers {
  app: GithubApp | undefined;
  /** Of a connected account; undefined where it has ended. */
  tokenOfAccount(credentialId: string): Promise<string | undefined>;
}

const ended = () =>
  new RepositoryError(
    'no_access',
    "The connection to the project's repository has ended: its token was removed, or the code host ended it, or the member whose account served it has disconnected it or left. Connect the repository again in the project's settings.",
  );

/** Only the project's own credential: one that ended is no reason to act as somebody else. */
async function openCredential(
  store: Store,
  secrets: SecretsPort,
  {
    id,
    of: organizationId,
    place,
    app,
    tokenOfAccount,
    renew,
  }: Openers & { id: string; of: string; place?: GithubPlace; renew: boolean },
): Promise<SignIn> {
  const row = await store.credentials.ofRepositories(organizationId, id);
  // The token of a person's account is for the provider's server alone.
  if (!row || (row.kind !== 'repository' && !place)) throw ended();
  if (row.kind === 'oauth') {
    const token = await tokenOfAccount(row.id);
    if (token === undefined) throw ended();
    return tokenSignIn(token);
  }
  const opened: unknown = JSON.parse(secrets.open(row, keyContext(row)));
  if (row.kind === 'installation') {
    if (!app || !place)
      throw new RepositoryError(
        'no_access',
        "The project's repository is connected by a GitHub App that this installation does not have: its operator sets GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.",
      );
    const { installation_id, repository_id: lasting } = opened as { installation_id: string; repository_id?: string };
    return tokenSignIn(await app.tokenFor(installation_id, { ...place, id: lasting }, renew));
  }
  return opened as SignIn;
}

/** GitHub takes any user name with a token. */
const tokenSignIn = (token: string): SignIn => ({ username: 'x-access-token', password: token });

/** @param renew a token of the App that is refused before its end is replaced. */
type AccessOf = (source: RepositorySource, renew?: boolean) => Promise<RepositoryAccess>;

/** Repositories whose sources are reached only as their organization may. */
export function withAccess(port: RepositoriesPort, accessOf: AccessOf): RepositoriesPort {
  /**
   * A token of the App may be revoked before its end: then its successor tries once. Each of these steps may be repeated. Git's
   * words are kept back, so a server that refuses a token looks like one that cannot be reached.
   */
  async function reach<S extends RepositorySource, T>(source: S, act: (reached: S) => Promise<T>): Promise<T> {
    const access = await accessOf(source);
    try {
      return await act({ ...source, access });
    } catch (error) {
      if (!(error instanceof RepositoryError) || error.code !== 'unreachable' || !access.credential) throw error;
      const renewed = await accessOf(source, true);
      if (renewed.credential?.password === access.credential.password) throw error;
      return act({ ...source, access: renewed });
    }
  }
  return withMembers(port, {
    inspect: (source, branch) => reach(source, (to) => port.inspect(to, branch)),
    folderOf: (source) => reach(source, (to) => port.folderOf(to)),
    sync: (projectId, source, branch) => reach(source, (to) => port.sync(projectId, to, branch)),
    rebuild: (projectId, source, ...rest) => reach(source, (to) => port.rebuild(projectId, to, ...rest)),
    push: (projectId, source, ...rest) => reach(source, (to) => port.push(projectId, to, ...rest)),
    remoteBranch: (source, branch) => reach(source, (to) => port.remoteBranch(to, branch)),
    advance: (projectId, source, ...rest) => reach(source, (to) => port.advance(projectId, to, ...rest)),
    deleteRemoteBranch: (source, branch) => reach(source, (to) => port.deleteRemoteBranch(to, branch)),
  });
}

/** The secrets with which a code host signs the events of connected projects. */
export function webhookSecrets(store: Store, secrets: SecretsPort) {
  return async (named: EventOf): Promise<WebhookSecret[]> => {
    const rows = await store.connectedRepositories.secrets(named);
    return rows.map(({ project_id, credential }) => ({
      project_id,
      secret: secrets.open(credential, keyContext(credential)),
    }));
  };
}
