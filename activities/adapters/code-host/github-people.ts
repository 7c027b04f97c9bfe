import type { GithubPort } from '../../ports/github.ts';
import type { RepositoryAccess, RepositorySource } from '../../ports/repositories.ts';
import type { Config } from '../../services/config.ts';
import type { ProxyVariables } from '../model/proxy.ts';
import type { GithubApp } from './github-app.ts';
import { githubApi, githubPlace } from './github-place.ts';

interface GithubOptions {
  opens_pull_requests: boolean;
  /** Whether the installation's token serves an organization. */
  serves(slug: string): boolean;
  app: GithubApp | undefined;
  accessOf(source: RepositorySource): Promise<RepositoryAccess>;
  tokenOfAccount(credentialId: string): Promise<string | undefined>;
}

/** GitHub for people's own accounts. */
export function createGithub(
  { github, oauth }: Pick<Config, 'github' | 'oauth'>,
  environment: ProxyVariables,
  { opens_pull_requests, serves, app, accessOf, tokenOfAccount }: GithubOptions,
): GithubPort {
  const web = oauth.github_url.replace(/\/$/, '');
  const api = github.api_url ?? githubApi(web);
  // Loaded where they are used, like the other vendors' packages.
  const clientOf = async (token: string) => {
    const [{ githubClient }, { proxyAgent }] = await Promise.all([
      import('./github-client.ts'),
      import('../model/proxy.ts'),
    ]);
    return githubClient(api, token, proxyAgent(environment));
  };
  const as = async (token: string) => {
    const { githubAccount } = await import('./github-account.ts');
    return githubAccount(await clientOf(token));
  };
  const tokenOf = async (source: RepositorySource) => {
    const { credential } = await accessOf(source);
    return credential?.password || credential?.username;
  };
  return {
    opens_pull_requests,
    serves: (slug) => github.token !== undefined && serves(slug),
    placeOf: (address) => githubPlace(address, web),
    addressOf: ({ owner, repo }) => `${web}/${owner}/${repo}.git`,
    installed: async (place) => {
      const id = await app?.installationOf(place);
      return app && id ? { installation_id: id, token: await app.tokenFor(id, place) } : undefined;
    },
    standing: async (connection) => {
      const { readStanding } = await import('./github-standing.ts');
      return readStanding({ app, clientOf, tokenOf }, connection);
    },
    ofAccount: async (credentialId) => {
      const token = await tokenOfAccount(credentialId);
      return token === undefined ? undefined : as(token);
    },
    of: async (source) => {
      const token = await tokenOf(source);
      return token && githubPlace(source.url, web) ? as(token) : undefined;
    },
  };
}
