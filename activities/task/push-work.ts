import type { Project } from '#prisma/store/projects.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { hostProject } from '../ports/host-project.ts';
import type { Services } from '../ports/services.ts';
import { requires } from '../run/limits.ts';

/**
 * Brings the accepted work of a task to the project's repository. Where the project requires that, the branch is read there again:
 * a state that is not known does not pass. Elsewhere a push that fails holds nothing up.
 * @throws unavailable while the repository does not have the commit.
 */
export async function pushWork(
  { codeHost, repositories, config, log }: Pick<Services, 'codeHost' | 'repositories' | 'config' | 'log'>,
  project: Project,
  branch: string,
  sha: string,
): Promise<void> {
  const host = hostProject(project);
  if (!requires('require_code_pushed', config, project.settings)) {
    await codeHost
      .pushBranch(host, branch, sha)
      .catch((error: unknown) => log.warn({ branch, error: String(error) }, 'the branch of a task is not pushed'));
    return;
  }
  await codeHost.pushBranch(host, branch, sha);
  const there = await repositories.remoteBranch(host, branch);
  if (there === sha) return;
  throw new AppError(
    'unavailable',
    `The branch ${branch} was pushed, and the repository has it ${there ? `at ${there.slice(0, 12)} instead of ${sha.slice(0, 12)}` : 'not at all'}. Allow the platform to push branches there, or set require_code_pushed of the project to false.`,
  );
}
