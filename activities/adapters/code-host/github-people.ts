import type { GithubPort } from '../../ports/github.ts';
import type { Config } from '../../services/config.ts';
import type { ProxyVariables } from '../model/proxy.ts';
import { githubApi, githubPlace } from './github-place.ts';

/** GitHub for people's own accounts. @param serves whether the installation's token serves an organization. */
export function createGithub(
  { github, oauth }: Pick<Config, 'github' | 'oauth'>,
  environment: ProxyVariables,
  serves: (slug: string) => boolean,
): GithubPort {
  const web = oauth.github_url.replace(/\/$/, '');
  const api = github.api_url ?? githubApi(web);
  return {
    serves: (slug) => github.token !== undefined && serves(slug),
    placeOf: (address) => githubPlace(address, web),
    addressOf: ({ owner, repo }) => `${web}/${owner}/${repo}.git`,
    // Loaded where it is used, like the other vendors' packages.
    as: async (token) => {
      const [{ githubAccount }, { githubClient }, { proxyAgent }] = await Promise.all([
        import('./github-account.ts'),
        import('./github-client.ts'),
        import('../model/proxy.ts'),
      ]);
      return githubAccount(githubClient(api, token, proxyAgent(environment)));
    },
  };
}
