import type { PageQuery } from '#prisma/store/page.ts';
import type { LinkMethod, TicketCommit } from '#prisma/store/commits.ts';
import { commitFields, commitMessage } from '#activities/ports/commit-fields.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/commits.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { hunksOf } from './commit-hunks.ts';
import { shownChange } from './shown-change.ts';
import { at, toPageView } from './views.ts';

/** Most links of one answer. */
const mostLinks = 200;

const toCommitView = (redact: Call['services']['redact']) => (row: TicketCommit) => ({
  id: row.id,
  sha: row.sha,
  message: redact(row.message),
  author: row.author,
  committed_at: at(row.committed_at),
  files_changed: row.files_changed,
  insertions: row.insertions,
  deletions: row.deletions,
  project_id: row.project_id,
  ticket_id: row.ticket_id,
  task_id: row.task_id,
  run_id: row.run_id,
  turn: row.turn,
  requirements: row.requirements,
  link_method: row.link_method as LinkMethod,
  linked_by: row.linked_by,
  created_at: at(row.created_at),
});

export const listCommits = async (
  { services, organization_id }: Call,
  filter: { ticket_id?: string; run_id?: string },
  page: PageQuery,
) => toPageView(await services.store.commits.list(organization_id, filter, page), toCommitView(services.redact));

/** The commits of a project that a text may mean: none, one, or several. */
async function commitOf({ services }: Call, projectId: string, text: string) {
  const commit = await services.repositories.commit(projectId, text);
  // A branch may have a name of hexadecimal digits.
  return commit?.sha.startsWith(text) ? commit : undefined;
}

/**
 * Finds a commit: in the project, or by the tickets that it belongs to.
 * @throws conflict when the text is the beginning of several commits, or the commit is in several projects.
 */
async function find(call: Call, text: string, projectId: string | undefined) {
  const { services, organization_id } = call;
  const links = await services.store.commits.beginning(organization_id, text, projectId, mostLinks);
  const shas = [...new Set(links.map(({ sha }) => sha))];
  if (shas.length > 1)
    throw new AppError(
      'conflict',
      `sha: ${text} is the beginning of ${shas.length} commits. Give more of its digits.`,
      {
        commits: shas,
      },
    );
  const [first] = links;
  if (!projectId && first && links.some(({ project_id }) => project_id !== first.project_id))
    throw new AppError('conflict', `sha: ${text} is a commit of several projects. Name one by project_id.`, {
      projects: [...new Set(links.map(({ project_id }) => project_id))],
    });
  const project = projectId ?? first?.project_id;
  const commit = project && (await commitOf(call, project, shas[0] ?? text));
  if (!project || !commit) throw notFound('commit');
  return { project_id: project, commit, links };
}

export async function getCommit(call: Call, text: string, projectId: string | undefined) {
  const { redact } = call.services;
  const { project_id, commit, links } = await find(call, text, projectId);
  const fields = commitFields(commit);
  return {
    ...fields,
    requirements: [...new Set([...links.flatMap(({ requirements }) => requirements), ...fields.requirements])],
    message: redact(commitMessage(commit)),
    committed_at: commit.at,
    parents: commit.parents,
    project_id,
    links: links.map(toCommitView(redact)),
  };
}

export async function commitDiff(
  call: Call,
  text: string,
  { project_id: projectId, whitespace }: Query<typeof contracts.commitDiff>,
) {
  const { project_id, commit } = await find(call, text, projectId);
  const ignoreWhitespace = whitespace === 'ignore';
  return {
    sha: commit.sha,
    from: commit.parents[0] ?? null,
    ...(await shownChange(call.services, project_id, commit.compared_with, commit.sha, { ignoreWhitespace })),
  };
}

export async function commitHunks(call: Call, text: string, projectId: string | undefined) {
  const { project_id, commit } = await find(call, text, projectId);
  const { patch, truncated } = await shownChange(call.services, project_id, commit.compared_with, commit.sha);
  return { sha: commit.sha, hunks: hunksOf(patch), truncated };
}

export async function linkCommit(call: Call, ticketId: string, text: string) {
  const { services, organization_id, actor } = call;
  const ticket = await services.store.tickets.get(organization_id, ticketId);
  const commit = await commitOf(call, ticket.project_id, text);
  if (!commit)
    throw new AppError(
      'invalid_body',
      `sha: the project's repository has no commit ${text}, or several that begin so. Push it first, and give its whole id.`,
      [{ field: 'sha', message: 'must be a commit of the repository of the project' }],
    );
  const row = await services.store.commits.linkOnce({
    organization_id,
    project_id: ticket.project_id,
    ticket_id: ticket.id,
    ...commitFields(commit),
    link_method: 'manual',
    linked_by: actor.email,
  });
  return toCommitView(services.redact)(row);
}
