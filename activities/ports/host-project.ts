import type { Project } from '#prisma/store/projects.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { HostProject, HostPullRequest, NewPullRequest } from '../ports/code-host.ts';
import { repositorySource } from '../ports/repositories.ts';
import type { Services } from '../ports/services.ts';

/** A project in the form that the code host's port takes. */
export const hostProject = (project: Project): HostProject => ({
  id: project.id,
  organization_id: project.organization_id,
  ...repositorySource(project),
  default_branch: project.default_branch,
});

/**
 * A free branch name: the wanted name, or with -2, -3 and so on where it exists. Git cannot keep a branch beside another
 * one that is a folder of its name, so `fix/a` becomes `fix-a` where there is a branch `fix`.
 */
export async function freeBranch(
  services: Pick<Services, 'repositories'>,
  projectId: string,
  wanted: string,
): Promise<string> {
  const taken = await services.repositories.branches(projectId);
  const free = besideBranches(taken, wanted);
  const blocks = (name: string) => taken.some((other) => other === name || other.startsWith(`${name}/`));
  let name = free;
  for (let n = 2; blocks(name); n += 1) name = `${free}-${n}`;
  return name;
}

/** The name, with dashes for slashes where a branch is in the place of one of its folders. */
export const besideBranches = (taken: string[], wanted: string): string =>
  taken.some((other) => wanted.startsWith(`${other}/`)) ? wanted.replaceAll('/', '-') : wanted;

/** A stored pull request in the form that the code host's port takes. */
export const asHostPull = (pull: PullRequest): HostPullRequest & NewPullRequest => ({
  business_key: pull.business_key,
  title: pull.title,
  body: pull.body,
  branch: pull.branch,
  base: pull.base,
  base_sha: pull.base_sha,
  head_sha: pull.head_sha,
  provider: pull.provider,
  provider_id: pull.provider_id ?? pull.id,
  number: pull.number,
  url: pull.url,
  state: pull.state as HostPullRequest['state'],
});
