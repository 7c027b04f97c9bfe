import type { CodeHostPort } from '../../ports/code-host.ts';
import { RepositoryError, type RepositoryAccess, type RepositorySource } from '../../ports/repositories.ts';
import type { Config } from '../../services/config.ts';
import type { Providers } from '../provider.ts';
import type { ProxyVariables } from '../model/proxy.ts';
import type { GithubEventsOptions } from './github-events.ts';
import { githubApi, githubPlace } from './github-place.ts';
import type { LocalCodeHostOptions } from './local.ts';

export interface CodeHostParts extends LocalCodeHostOptions {
  config: Config;
  /** Of the process, for its proxy. */
  environment: ProxyVariables;
  secretsOf: GithubEventsOptions['secretsOf'];
  /** Signs what the platform must recognize as its own; undefined in production without SECRETS_KEY. */
  markSecret: string | undefined;
  /** What the platform may do at a repository, and how it signs in there. */
  accessOf(source: RepositorySource, renew?: boolean): Promise<RepositoryAccess>;
}

/** The values of `code_host.provider`. */
export const codeHostProviders: Providers<CodeHostPort, CodeHostParts> = {
  local: {
    embedded: true,
    create: async (parts) => ({ port: (await import('./local.ts')).createLocalCodeHost(parts) }),
  },
  /** GitHub for the projects whose repository is there; the others have the platform's own pull requests. */
  github: {
    embedded: false,
    configured: ({ github }) => github.token !== undefined || github.app_id !== undefined,
    create: async ({ config, environment, accessOf, secretsOf, markSecret, repositories, records }) => {
      const [{ createGithubCodeHost }, { githubClient }, { githubEvents }, { createLocalCodeHost }, { proxyAgent }] =
        await Promise.all([
          import('./github.ts'),
          import('./github-client.ts'),
          import('./github-events.ts'),
          import('./local.ts'),
          import('../model/proxy.ts'),
        ]);
      const web = config.oauth.github_url;
      const api = config.github.api_url ?? githubApi(web);
      const dispatcher = proxyAgent(environment);
      const port = createGithubCodeHost({
        repositories,
        label: config.github.label,
        local: createLocalCodeHost({ repositories, records }),
        readEvent: githubEvents({ secret: config.github.webhook_secret, web, secretsOf }),
        repositoryOf: async (project, renew) => {
          const place = githubPlace(project.url, web);
          if (!place) return undefined;
          const { credential } = await accessOf(project, renew);
          // An address may hold a token as its user name alone.
          const token = credential?.password || credential?.username;
          if (!token)
            throw new RepositoryError(
              'no_access',
              `The project has no token for ${place.owner}/${place.repo} at GitHub. Give its repository an address with a token.`,
            );
          const client = githubClient(api, token, dispatcher);
          return { ...place, project_id: project.id, token, secret: markSecret ?? token, client };
        },
      });
      return { port };
    },
  },
};
