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

/**
 * Looks for objects that branches and tags of a source need and that are not there. A branch or tag that itself leads to
 * no object is ignored, as in all other commands.
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
  if (walked.exitCode === -1 || /^\?/m.test(walked.stdout.toString()) || lacksObjects.test(walked.stderr))
    throw missingObjects();
}
