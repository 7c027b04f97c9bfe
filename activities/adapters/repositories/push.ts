import { RepositoryError } from '../../ports/repositories.ts';
import { gitFailed, pastLocks, type Git } from './git-command.ts';
import { branchRef } from './ref-names.ts';
import { remoteFailed } from './remote.ts';
import { envOf, serviceFlags, type Source } from './sources.ts';

export type PushOutcome = { outcome: 'done' } | { outcome: 'moved_on' } | { outcome: 'refused'; reason: string };

/** Another push has the ref at the same moment, perhaps an earlier try of this one. */
const met = /\.lock': File exists|shallow file has changed|failed to (update|lock) ref|incorrect old value/i;

/**
 * Pushes a commit (or, with '', a deletion) to a branch of the source, without hooks of a local source.
 * @param expected the commit that the branch must be at, '' for a missing branch; undefined: fast-forward only.
 * @throws RepositoryError: unreachable, git_failed.
 */
export async function pushCommit(
  git: Git,
  gitDir: string,
  source: Source,
  branch: string,
  sha: string,
  expected?: string,
): Promise<PushOutcome> {
  const ref = branchRef(branch);
  const lease = expected === undefined ? [] : [`--force-with-lease=${ref}:${expected}`];
  const flags = [
    '--porcelain',
    '--no-verify',
    '--no-recurse-submodules',
    ...lease,
    ...serviceFlags(source, 'receive-pack'),
  ];
  const pushed = await pastLocks(
    () =>
      git.run(['--git-dir', gitDir, 'push', ...flags, '--', source.address, `${sha}:${ref}`], { env: envOf(source) }),
    met,
  );
  const said = `${pushed.stdout.toString()}\n${pushed.stderr}`;
  if (pushed.exitCode === 0 || (sha === '' && said.includes('remote ref does not exist'))) return { outcome: 'done' };
  const rejected = /^!.*\[(?:remote )?rejected\](?: \((.*)\))?/m.exec(said);
  if (!rejected) {
    throw source.kind === 'remote' ? remoteFailed('The push did not get through.') : gitFailed(pushed.stderr);
  }
  const reason = rejected[1] ?? 'it gave no reason';
  // A later try sees how that ended.
  if (met.test(reason)) throw gitFailed(reason);
  const overtaken = /fetch first|non-fast-forward|stale info|already exists/;
  return overtaken.test(reason) ? { outcome: 'moved_on' } : { outcome: 'refused', reason };
}

/** GitHub's words for a push that changes what its Actions run, by a connection that may not. */
const ofWorkflow = /refusing to allow an? (.{1,60}?) to create or update workflow \W?([^\s`'"]+)\W? without/i;

/** How such a push is allowed. The right is not asked for from all: who changes a workflow can read the secrets of the CI. */
function workflowRemedy(reason: string): string {
  const [, by, file] = ofWorkflow.exec(reason) ?? [];
  if (!by) return '';
  const remedy = /github app/i.test(by)
    ? "Add the repository permission Workflows (read and write) in the App's settings at GitHub, and let an owner of its installation accept that"
    : 'Use a token with the right to change workflows (the scope workflow of a classic token, the permission Workflows of another)';
  return ` ${remedy}; then retry. Or a person commits ${file}, and the work leaves it as it is.`;
}

/** The error for a push that was refused. */
export function pushRefused(branch: string, outcome: Exclude<PushOutcome, { outcome: 'done' }>): RepositoryError {
  const why = outcome.outcome === 'moved_on' ? 'it has moved on there, and nothing was overwritten' : outcome.reason;
  return new RepositoryError(
    'push_refused',
    `The repository refused branch "${branch}": ${why}.${workflowRemedy(why)}`,
  );
}

/**
 * Commit of a branch at the source, or undefined.
 * @throws RepositoryError `unreachable` without an answer within 30 s.
 */
export async function branchAt(git: Git, source: Source, branch: string): Promise<string | undefined> {
  const ref = branchRef(branch);
  const listed = await git.run(['ls-remote', ...serviceFlags(source, 'upload-pack'), '--', source.address, ref], {
    env: envOf(source),
    timeoutMs: 30_000,
  });
  if (listed.exitCode !== 0)
    throw source.kind === 'remote'
      ? remoteFailed('The repository could not be read.')
      : new RepositoryError('unreachable', `The repository could not be read. ${gitFailed(listed.stderr).message}`);
  const line = listed.stdout
    .toString()
    .split('\n')
    .find((l) => l.endsWith(`\t${ref}`));
  return line?.split('\t')[0];
}
