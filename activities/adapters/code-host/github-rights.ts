import type { Octokit } from '@octokit/rest';
import { AppError } from '#workflows/domain/errors.ts';
import type { GithubPlace } from '../../ports/github.ts';
import { answers } from './github-client.ts';

/** A commit that no repository has. */
const noCommit = '1'.repeat(40);

/**
 * Refuses a token that cannot do the work in a repository, before there is any. A classic token names its scopes. GitHub tells
 * the rights of a fine-grained one by refusing alone: what is asked for here can never be done, so nothing changes.
 */
export async function requireRights(
  { rest }: Octokit,
  place: GithubPlace,
  { of_token: ofToken }: { of_token: boolean },
): Promise<void> {
  const { data, headers } = await rest.repos.get({ ...place });
  const { full_name: name, default_branch: base } = data;
  if (data.archived)
    throw new AppError('invalid_rule', `${name} is archived at GitHub, so nothing can be pushed there.`);
  if (!data.permissions?.push)
    throw new AppError(
      'forbidden',
      `The account may only read ${name}. Ask its owner for the right to write, or use another account.`,
    );
  if (!ofToken) return;
  const scopes = String(headers['x-oauth-scopes'] ?? '')
    .split(',')
    .map((scope) => scope.trim())
    .filter(Boolean);
  if (scopes.includes('repo') || (scopes.includes('public_repo') && !data.private)) return;
  if (scopes.length > 0)
    throw new AppError(
      'forbidden',
      `The token has the scopes ${scopes.join(', ')}; work in ${name} needs the scope repo. Give it this scope at GitHub, then try again.`,
    );
  const refused = [
    ['Contents', () => rest.git.createRef({ ...place, ref: 'refs/heads/omoios-rights', sha: noCommit })],
    ['Pull requests', () => rest.pulls.create({ ...place, title: 'Rights', head: base, base })],
  ] as const;
  const missing: string[] = [];
  for (const [right, attempt] of refused)
    await attempt().catch((error: unknown) => {
      if (answers(error, 403, /not accessible/i)) missing.push(`${right}: Read and write`);
      // That the request itself is refused shows that the token may make it. An empty repository has no references.
      else if (!answers(error, 422) && !answers(error, 409)) throw error;
    });
  if (missing.length > 0)
    throw new AppError(
      'forbidden',
      `The token lacks ${missing.join(' and ')} for ${name}. Add ${missing.length === 1 ? 'it' : 'them'} to its repository permissions at GitHub, then try again.`,
    );
}
