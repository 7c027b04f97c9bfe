import type { Project } from '#prisma/store/projects.ts';
import type { HostProject } from '../ports/code-host.ts';
import type { Services } from '../ports/services.ts';

/** A project in the form that the code host's port takes. */
export const hostProject = (project: Project): HostProject => ({
  id: project.id,
  organization_id: project.organization_id,
  path: project.repository_path,
  url: project.repository_url,
  default_branch: project.default_branch,
});

/** A free branch name: the wanted name, or with -2, -3 and so on where it exists. */
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
