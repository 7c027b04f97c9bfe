import type { Project } from '#prisma/store/projects.ts';
import type { HostProject } from '../ports/code-host.ts';
import type { Services } from '../ports/services.ts';

/** A project as its code host knows it. */
export const hostProject = (project: Project): HostProject => ({
  id: project.id,
  organization_id: project.organization_id,
  path: project.repository_path,
  url: project.repository_url,
  default_branch: project.default_branch,
});

/** A branch name that is not taken: with -2, -3 ... where the wanted one is. */
export async function freeBranch(
  services: Pick<Services, 'repositories'>,
  projectId: string,
  wanted: string,
): Promise<string> {
  const taken = new Set(await services.repositories.branches(projectId, wanted));
  let name = wanted;
  for (let n = 2; taken.has(name); n += 1) name = `${wanted}-${n}`;
  return name;
}
