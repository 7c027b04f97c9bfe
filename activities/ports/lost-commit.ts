import { RepositoryError, type RepositoriesPort } from './repositories.ts';

/** The error for a commit that nothing holds any more. */
export const lostCommit = (sha: string) =>
  new RepositoryError(
    'damaged',
    `The commit ${sha.slice(0, 12)} is lost: only the platform's copy of the repository held it, and that copy was deleted. Pushed work is kept. Retry the task: its next attempt starts from the newest commit that is left.`,
  );

/** Ensures that the mirror holds a commit. @throws RepositoryError('damaged') */
export async function requireCommit(
  { repositories }: { repositories: Pick<RepositoriesPort, 'resolve'> },
  projectId: string,
  sha: string,
): Promise<void> {
  if (!(await repositories.resolve(projectId, sha))) throw lostCommit(sha);
}
