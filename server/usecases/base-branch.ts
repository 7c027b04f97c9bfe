import { RepositoryError, repositorySource, type RepositoryFacts } from '#activities/ports/repositories.ts';
import type { Services } from '#activities/ports/services.ts';
import type { Project } from '#prisma/store/projects.ts';
import { AppError } from '#workflows/domain/errors.ts';

/**
 * What a launch finds at the branch that it starts from.
 * @throws invalid_rule for a named branch that the repository does not have.
 */
export async function factsAt(
  { repositories }: Pick<Services, 'repositories'>,
  project: Project,
  baseBranch: string | undefined,
): Promise<RepositoryFacts> {
  try {
    return await repositories.inspect(repositorySource(project), baseBranch ?? project.default_branch);
  } catch (error) {
    const missing = error instanceof RepositoryError && ['branch_missing', 'bad_ref'].includes(error.code);
    if (baseBranch === undefined || !missing) throw error;
    throw new AppError('invalid_rule', `base_branch: ${error.message}`, [
      { field: 'base_branch', message: error.message },
    ]);
  }
}

/** The branch to store: the usual one is not named, so that it follows the project. */
export const namedBase = (project: Project, baseBranch: string | undefined): string | undefined =>
  baseBranch === project.default_branch ? undefined : baseBranch;

/** Most branches of one answer. */
const mostBranches = 500;

/** The branches of a project's repository that work can start from, the default one first. */
export async function projectBranches({ repositories }: Services, project: Project, search: string | undefined) {
  const { branches } = await repositories.inspect(repositorySource(project), project.default_branch);
  const others = branches.filter((name) => name !== project.default_branch).sort();
  const found = [project.default_branch, ...others].filter((name) =>
    name.toLowerCase().includes((search ?? '').toLowerCase()),
  );
  return { default_branch: project.default_branch, total: found.length, branches: found.slice(0, mostBranches) };
}
