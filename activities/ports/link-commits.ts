import type { LinkMethod, NewTicketCommit } from '#prisma/store/commits.ts';
import type { Project } from '#prisma/store/projects.ts';
import type { Task } from '#prisma/store/tasks.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { namedTickets } from '#workflows/domain/merge/named-tickets.ts';
import { commitFields, commitMessage } from '../ports/commit-fields.ts';
import { repositorySource, type CommitDetails } from '../ports/repositories.ts';
import type { Services } from '../ports/services.ts';

/** Most commits that are linked at once: of a history that was rewritten, the newest. */
const mostCommits = 1000;
/** Most commits whose turn is looked up, the newest. */
const mostTurns = 50;

type Where = Pick<NewTicketCommit, 'organization_id' | 'project_id'>;
type Maker = Pick<NewTicketCommit, 'task_id' | 'run_id'>;

const linkOf = (
  where: Where & { ticket_id: string },
  commit: CommitDetails,
  link_method: LinkMethod,
  maker: Maker = {},
): NewTicketCommit => ({
  organization_id: where.organization_id,
  project_id: where.project_id,
  ticket_id: where.ticket_id,
  ...maker,
  ...commitFields(commit),
  link_method,
  linked_by: 'platform',
});

/** Links for the tickets that the messages of commits name. */
async function namedLinks({ store }: Services, where: Where, atHost: boolean, commits: CommitDetails[], maker?: Maker) {
  const links: NewTicketCommit[] = [];
  for (const commit of commits) {
    const named = namedTickets(commitMessage(commit), !atHost);
    for (const ticket_id of await store.commits.ticketsNamed(where.project_id, named))
      links.push(linkOf({ ...where, ticket_id }, commit, 'message', maker));
  }
  return links;
}

/** A commit that cannot be read is none of the work's problems. While the records are away, the step is tried again. */
async function orWarn({ log }: Services, projectId: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError && error.code === 'unavailable') throw error;
    log.warn({ project_id: projectId, error: String(error) }, 'commits could not be linked to their tickets');
  }
}

/** The turns of a run by the trees that they left: of several with the same files, the first. */
async function turnsByTree({ store }: Services, runId: string): Promise<Map<string, number>> {
  const checkpoints = await store.toolCalls.checkpoints(runId);
  return new Map(checkpoints.toReversed().map(({ tree, turn }) => [tree, turn]));
}

/** Links the accepted commits of a task to its ticket, and to others that their messages name. Safe to repeat. */
export const linkTaskCommits = (services: Services, project: Project, task: Task, head: string, runId: string) =>
  orWarn(services, project.id, async () => {
    const { store, repositories } = services;
    if (!task.base_sha) return;
    const maker = { task_id: task.id, run_id: runId };
    const commits = await repositories.commits(project.id, task.base_sha, head, mostCommits);
    const own: NewTicketCommit[] = [];
    const turnOf = await turnsByTree(services, runId);
    for (const [at, commit] of commits.entries()) {
      const link = linkOf(task, commit, 'branch', maker);
      const turn = at < mostTurns ? turnOf.get(await repositories.treeOf(project.id, commit.sha)) : undefined;
      own.push({ ...link, turn, requirements: [...new Set([...task.requirements, ...(link.requirements ?? [])])] });
    }
    await store.commits.link([
      ...own,
      ...(await namedLinks(services, task, project.repository_url !== null, commits, maker)),
    ]);
  });

/** Links the commit by which a pull request was merged to its tickets. Safe to repeat. */
export const linkMerge = (services: Services, where: Where, ticketIds: string[], sha: string) =>
  orWarn(services, where.project_id, async () => {
    const commit = await services.repositories.commit(where.project_id, sha);
    if (!commit) return;
    await services.store.commits.link(
      ticketIds.map((ticket_id) => linkOf({ ...where, ticket_id }, commit, 'pull_request')),
    );
  });

/** Links the commits that the default branch has got since the last time to the tickets that their messages name. */
const linkNewCommits = (services: Services, project: Project, sha: string) =>
  orWarn(services, project.id, async () => {
    const { store, repositories } = services;
    const seen = await store.commits.seen(project.id);
    if (seen === sha) return;
    // A project has no tickets before its first work, which is when its commits are looked at for the first time.
    if (seen && (await repositories.resolve(project.id, seen)))
      await store.commits.link(
        await namedLinks(
          services,
          { organization_id: project.organization_id, project_id: project.id },
          project.repository_url !== null,
          await repositories.commits(project.id, seen, sha, mostCommits),
        ),
      );
    await store.commits.markSeen(project.id, sha);
  });

/** Brings the project's mirror up to date. @returns the newest commit of the branch that the work starts from. */
export async function syncBase(
  services: Services,
  project: Project,
  { base_branch: branch }: { base_branch: string | null },
): Promise<string> {
  if (!branch || branch === project.default_branch) return syncProject(services, project);
  return (await services.repositories.sync(project.id, repositorySource(project), branch)).sha;
}

/** Brings the project's mirror up to date. @returns the newest commit of its default branch. */
export async function syncProject(services: Services, project: Project): Promise<string> {
  const { sha } = await services.repositories.sync(project.id, repositorySource(project), project.default_branch);
  await linkNewCommits(services, project, sha);
  return sha;
}
