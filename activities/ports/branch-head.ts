import { present } from '#workflows/domain/errors.ts';
import type { Services } from '../ports/services.ts';

/** The commit at the end of a branch. @throws internal when the branch does not exist. */
export async function branchHead(
  { repositories }: Pick<Services, 'repositories'>,
  projectId: string,
  branch: string,
): Promise<string> {
  return present(await repositories.resolve(projectId, `refs/heads/${branch}`), `the branch ${branch}`);
}
