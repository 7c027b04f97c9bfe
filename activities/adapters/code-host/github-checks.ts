import { RequestError } from '@octokit/request-error';
import { oneLine } from '#workflows/domain/agent/untrusted.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { GithubRepository } from './github-remarks.ts';

const mostNamed = 10;
const passing = ['success', 'neutral', 'skipped'];

/**
 * The checks of a commit that have not passed, in a sentence; empty where there are none, and where the token may not
 * read them.
 */
export async function openChecks({ client, owner, repo }: GithubRepository, sha: string): Promise<string> {
  const at = { owner, repo, ref: sha, per_page: 100 };
  const mayNot = (error: unknown) => {
    if (error instanceof RequestError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  };
  const runs = await client.rest.checks.listForRef(at).catch(mayNot);
  const combined = await client.rest.repos.getCombinedStatusForRef(at).catch(mayNot);
  const ofRuns = (runs?.data.check_runs ?? [])
    .filter(({ conclusion }) => !passing.includes(conclusion ?? ''))
    .map(({ name, conclusion }) => ({ name, failed: conclusion !== null }));
  const ofStatuses = (combined?.data.statuses ?? [])
    .filter(({ state }) => state !== 'success')
    .map(({ context, state }) => ({ name: context, failed: state !== 'pending' }));
  const open = [...ofRuns, ...ofStatuses];
  const named = open
    .slice(0, mostNamed)
    .map(({ name, failed }) => `"${cutStart(oneLine(name), 80)}" ${failed ? 'fails' : 'has not ended'}`);
  const more = open.length > mostNamed ? `, and ${open.length - mostNamed} more` : '';
  return named.length > 0 ? `Its checks: ${named.join(', ')}${more}.` : '';
}
