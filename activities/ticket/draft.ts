import type { PullRequestHostState } from '#prisma/store/json.ts';
import type { PullRequest } from '#prisma/store/pull-requests.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import { RepositoryError } from '../ports/repositories.ts';
import { asHostPull, hostProject } from '../ports/host-project.ts';
import { pullTickets } from '../ports/pull-tickets.ts';
import type { Services } from '../ports/services.ts';

type Parts = Pick<Services, 'store' | 'codeHost' | 'repositories'>;

/** The first task whose work is not in the pull request yet; undefined: all of it is. */
export async function unfinishedTask(
  { store, repositories }: Pick<Parts, 'store' | 'repositories'>,
  pull: PullRequest,
): Promise<{ ticket: Ticket; task: Task } | undefined> {
  for (const ticket of await pullTickets({ store }, pull)) {
    if (ticket.status === 'cancelled') continue;
    for (const task of await store.tasks.ofTicket(ticket.id)) {
      const { status, base_sha: base, head_sha: head } = task;
      if (status === 'cancelled') continue;
      const idle = head === null || head === base;
      if (status === 'completed' && (idle || (await repositories.isAncestor(pull.project_id, head, pull.head_sha))))
        continue;
      return { ticket, task };
    }
  }
  return undefined;
}

/** Why the pull request is not ready for review; undefined: it is. */
async function unready(parts: Parts, pull: PullRequest): Promise<string | undefined> {
  const open = await unfinishedTask(parts, pull);
  if (open) return `Work on it goes on: "${open.task.title}" of ${open.ticket.key}.`;
  const failed = pull.checks.find(({ passed }) => !passed);
  return failed && `The project's check fails on its newest commit: ${failed.name}.`;
}

/**
 * Makes a pull request a draft at its code host while work on it goes on, and ready for review once the work is in it and its
 * checks pass. Safe to repeat. A draft that a person made stays theirs, and one that they made ready stays ready.
 */
export async function settleDraft(parts: Parts, organizationId: string, pullId: string): Promise<void> {
  const { store, codeHost } = parts;
  const pull = await store.pullRequests.get(organizationId, pullId);
  if (pull.provider === 'local' || pull.state !== 'open') return;
  const { draft } = pull.host_state;
  const note = await unready(parts, pull);
  if (note === undefined && !draft) return;
  if (note !== undefined && draft && draft.state !== 'wanted') return;
  const project = hostProject(await store.projects.get(organizationId, pull.project_id));
  const host = asHostPull(pull);
  const keep = (state: PullRequestHostState['draft']) =>
    store.pullRequests.noteHostState(organizationId, pullId, { draft: state });
  if (note === undefined) {
    // One that never was a draft of the platform may be a person's by now.
    const done = draft?.state === 'refused' ? {} : await orRefusal(codeHost.setDraft(project, host, false));
    await keep(
      draft && 'refused' in done
        ? { ...draft, note: `The work on it is done. The code host does not make it ready for review: ${done.refused}` }
        : undefined,
    );
    return;
  }
  const refused = (reason: string) =>
    keep({ state: 'refused', note: `${note} The code host has no draft of it: ${reason}` });
  // A lost step finds its intention, and does not take its own draft for a person's.
  if (!draft) {
    const there = await orRefusal(codeHost.readPullRequest(project, host));
    if ('refused' in there) {
      await refused(there.refused);
      return;
    }
    if (there.draft || there.state !== 'open') return;
    await keep({ state: 'wanted', note });
  }
  const done = await orRefusal(codeHost.setDraft(project, host, true));
  await ('refused' in done ? refused(done.refused) : keep({ state: 'held', note }));
}

/** What the code host does not allow holds no work up: a draft is a sign for its readers, and no more. */
const orRefusal = <T extends object>(step: Promise<T>): Promise<T | { refused: string }> =>
  step.catch((error: unknown) => {
    if (!(error instanceof RepositoryError)) throw error;
    return { refused: error.message };
  });

/** Makes a draft of the platform ready, because a person decides about it now. */
export async function endDraft({ store, codeHost }: Parts, pull: PullRequest): Promise<void> {
  if (!pull.host_state.draft) return;
  const project = await store.projects.get(pull.organization_id, pull.project_id);
  await codeHost.setDraft(hostProject(project), asHostPull(pull), false);
  await store.pullRequests.noteHostState(pull.organization_id, pull.id, { draft: undefined });
}
