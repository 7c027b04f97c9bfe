import type { GithubPlace } from '../../ports/github.ts';
import { RepositoryError } from '../../ports/repositories.ts';
import type { Config } from '../../services/config.ts';
import type { ProxyVariables } from '../model/proxy.ts';
import { githubApi } from './github-place.ts';

/** The installation's own App at GitHub, which acts where its owners have installed it. */
export interface GithubApp {
  /** The id of the App's installation for a repository; undefined where it is not installed. */
  installationOf(place: GithubPlace): Promise<string | undefined>;
  /** Whether an installation acts; undefined where it was removed. */
  installation(id: string): Promise<{ suspended: boolean } | undefined>;
  /**
   * A token for one repository, by its id where that is given, else by its name. It lives an hour. It is kept in memory alone and asked for again before it ends.
   * @param renew asks for another one, in place of one that was refused before its end.
   * @throws RepositoryError('no_access') where the App is not installed any more; AppError for what passes.
   */
  tokenFor(
    installationId: string,
    place: GithubPlace & { id?: string | null | undefined },
    renew?: boolean,
  ): Promise<string>;
}

/** Undefined where no App is set up (GITHUB_APP_ID). */
export function createGithubApp(
  { github, oauth }: Pick<Config, 'github' | 'oauth'>,
  environment: ProxyVariables,
): GithubApp | undefined {
  const { app_id: appId, app_private_key: privateKey } = github;
  if (!appId || !privateKey) return undefined;
  // Loaded where it is used, like the other vendors' packages. One for the process: it keeps the tokens.
  let loading: Promise<Awaited<ReturnType<typeof load>>> | undefined;
  const load = async () => {
    const [{ createAppAuth }, client, { proxyAgent }] = await Promise.all([
      import('@octokit/auth-app'),
      import('./github-client.ts'),
      import('../model/proxy.ts'),
    ]);
    const api = github.api_url ?? githubApi(oauth.github_url.replace(/\/$/, ''));
    const anonymous = client.githubClient(api, undefined, proxyAgent(environment));
    const auth = createAppAuth({ appId, privateKey, request: anonymous.request });
    return { ...client, auth, request: anonymous.request.defaults({ request: { hook: auth.hook } }) };
  };
  const loaded = () => (loading ??= load());

  return {
    installationOf: async (place) => {
      const { asking, answers, request } = await loaded();
      return asking(`${place.owner}/${place.repo}`, async () => {
        try {
          const { data } = await request('GET /repos/{owner}/{repo}/installation', { ...place });
          return data.suspended_at ? undefined : String(data.id);
        } catch (error) {
          if (answers(error, 404)) return undefined;
          throw error;
        }
      });
    },
    installation: async (id) => {
      const { asking, answers, request } = await loaded();
      return asking('the GitHub App', async () => {
        try {
          const { data } = await request('GET /app/installations/{installation_id}', { installation_id: Number(id) });
          return { suspended: data.suspended_at !== null };
        } catch (error) {
          if (answers(error, 404)) return undefined;
          throw error;
        }
      });
    },
    tokenFor: async (installationId, place, renew = false) => {
      const { asking, answers, auth } = await loaded();
      const named = `${place.owner}/${place.repo}`;
      return asking(named, async () => {
        try {
          const installation = {
            type: 'installation' as const,
            installationId,
            ...(place.id ? { repositoryIds: [Number(place.id)] } : { repositoryNames: [place.repo] }),
            refresh: renew,
          };
          return (await auth(installation)).token;
        } catch (error) {
          if (!answers(error, 404) && !answers(error, 403, /suspended/i) && !answers(error, 422)) throw error;
          throw new RepositoryError(
            'no_access',
            `The GitHub App of this installation has no access to ${named} any more: it was removed or suspended there. Install it for the repository again, then connect it in the project's settings.`,
          );
        }
      });
    },
  };
}
