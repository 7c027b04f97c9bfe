import { RepositoryError } from '../../ports/repositories.ts';
import type { Git } from './git-command.ts';
import type { LocalSource } from './sources.ts';

/** Milliseconds for the look at a repository's objects. A larger one is read in the fetch alone, which says the same. */
const lookMs = 8000;

/** What git says of an object that is not there. */
export const lacksObjects =
  /promisor|missing (blob|tree|commit|object)|bad object|unable to read (sha1|tree|[0-9a-f]{40})|could not (read|parse) (commit|[0-9a-f]{40})|failed to traverse parents|did not send all necessary objects/i;

export const missingObjects = () =>
  new RepositoryError(
    'missing_objects',
    'The repository lacks objects of its own history: it is a partial clone or is damaged. Run "git fetch --refetch --no-filter" in it, or name a full clone.',
  );

/** What git says of a branch or tag that leads to no object: it names the ref. */
const brokenRef = /^fatal: bad object (?![0-9a-f]{40}$)(.+)$/m;

/**
 * Looks for objects that branches and tags of a source need and that are not there.
 * @param head the commit of its default branch.
 * @throws RepositoryError('missing_objects')
 */
export async function requireObjects(git: Git, source: LocalSource, head?: string): Promise<void> {
  const tips = [...(head ? [head] : []), '--branches', '--tags'];
  const walk = ['rev-list', '--objects', '--quiet', '--missing=print', ...tips];
  const walked = await git
    .run(['--git-dir', source.commonDir, ...walk], { timeoutMs: lookMs, maxBytes: 2 ** 20 })
    .catch((error: unknown) => {
      if (error instanceof RepositoryError && error.code === 'unreachable') return undefined;
      throw error;
    });
  if (!walked) return;
  const [, ref] = brokenRef.exec(walked.stderr) ?? [];
  if (ref !== undefined)
    throw new RepositoryError(
      'missing_objects',
      `The branch or tag "${ref}" of the repository leads to no object, so git fetches nothing from it. Delete its file in .git/refs, or run "git update-ref -d refs/heads/${ref}" (a tag: refs/tags/${ref}), then try again.`,
    );
  if (walked.exitCode === -1 || /^\?/m.test(walked.stdout.toString()) || lacksObjects.test(walked.stderr))
    throw missingObjects();
}
