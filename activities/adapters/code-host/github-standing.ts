import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import type { GithubConnection, GithubStanding } from '../../ports/github.ts';
import { RepositoryError, type RepositorySource } from '../../ports/repositories.ts';
import type { GithubApp } from './github-app.ts';
import { answers, asking } from './github-client.ts';

type Answer = RestEndpointMethodTypes['repos']['get']['response'];

interface Access {
  app: GithubApp | undefined;
  clientOf(token: string): Promise<Octokit>;
  /** Of the credential of a project. @throws RepositoryError('no_access') where the connection has ended. */
  tokenOf(source: RepositorySource): Promise<string | undefined>;
}

/** How a connected repository is now. Refusals are problems; errors that pass are thrown. */
export async function readStanding(access: Access, connection: GithubConnection): Promise<GithubStanding> {
  try {
    return await (connection.installation_id
      ? byApp(access, connection, connection.installation_id)
      : byMember(access, connection));
  } catch (error) {
    if (error instanceof RepositoryError) return { problem: error.message };
    throw error;
  }
}

async function byApp({ app, clientOf }: Access, connection: GithubConnection, id: string): Promise<GithubStanding> {
  const { place } = connection;
  const named = `${place.owner}/${place.repo}`;
  const installation = await app?.installation(id);
  if (installation?.suspended)
    return { problem: 'The GitHub App is suspended. An owner at GitHub takes that back in its settings.' };
  if (!app || !installation) {
    // Who installs it again need not know the project: a member shows again that they may push there.
    const isBack = (await app?.installationOf(place)) !== undefined;
    return {
      problem: isBack
        ? `The GitHub App was removed from ${named} and installed there again. Connect the repository again.`
        : `The GitHub App was removed from ${named}. Install it there, then connect the repository again.`,
    };
  }
  const gone = `GitHub shows ${named} to the GitHub App no more: it was deleted there, or taken from the App. Install the App for the repository again, or connect another one.`;
  try {
    // A new one: a token from before may still read a public repository that was taken from the App.
    const token = await app.tokenFor(id, { ...place, id: connection.repository_id }, true);
    return await read(await clientOf(token), connection, gone);
  } catch (error) {
    if (error instanceof RepositoryError) return { problem: gone };
    throw error;
  }
}

async function byMember({ clientOf, tokenOf }: Access, connection: GithubConnection): Promise<GithubStanding> {
  const { place, source } = connection;
  const token = await tokenOf(source);
  const remedy = 'Connect the repository again, or connect another one.';
  if (!token) return { problem: `No account at GitHub serves the repository. ${remedy}` };
  const gone = `GitHub shows ${place.owner}/${place.repo} to the connected account no more: it was deleted there, or the account may not read it. ${remedy}`;
  return read(await clientOf(token), connection, gone);
}

/** @param gone the problem where GitHub shows none. */
async function read(
  client: Octokit,
  { place, repository_id: id }: GithubConnection,
  gone: string,
): Promise<GithubStanding> {
  return asking(`${place.owner}/${place.repo}`, async () => {
    try {
      // The address by id is the one to which GitHub leads from each name that the repository had.
      const { data } = id
        ? ((await client.request('GET /repositories/{id}', { id })) as Answer)
        : await client.rest.repos.get({ ...place });
      const repository = {
        id: String(data.id),
        full_name: data.full_name,
        place: { owner: data.owner.login, repo: data.name },
      };
      const problem = data.archived
        ? `${data.full_name} is archived at GitHub, so nothing can be pushed there. Take that back there.`
        : null;
      return { repository, problem };
    } catch (error) {
      if (answers(error, 404) || answers(error, 451)) return { problem: gone };
      throw error;
    }
  });
}
