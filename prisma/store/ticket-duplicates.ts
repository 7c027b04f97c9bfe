import { finishedTask } from '#workflows/domain/tasks/states.ts';
import { nextStatuses } from '#workflows/domain/transitions.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { Ticket } from '../generated/client.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { taskRow } from './json.ts';
import { lockPair, lockProject, lockTicket } from './row-locks.ts';
import { writeDependencies } from './tasks.ts';
import { writeComment, type Author } from './ticket-comments.ts';
import { requireNoCycle } from './ticket-dependencies.ts';
import { endOpenWork, unstarted } from './ticket-end.ts';
import { moveTicket } from './ticket-moves.ts';

interface Merge {
  into: string;
  /** The id of the comment that the other ticket gets. */
  comment_id: string;
  by: Author;
}

const refuse = (message: string) => new AppError('conflict', message);
const linkInstead = 'Link them as duplicates instead.';
const keysIn = (rows: readonly { key: string }[]) => rows.map(({ key }) => key);
const keysOf = (rows: readonly { key: string }[]) => keysIn(rows).join(', ');

const eventOf = ({ id, organization_id, project_id }: Ticket) => ({
  ...{ organization_id, project_id },
  entity: { kind: 'ticket' as const, id },
});

/** @throws conflict while its work is under way or would be lost. */
async function requireMergeable(tx: Transaction, ticket: Ticket, into: Ticket): Promise<void> {
  const ended = (one: Ticket) => nextStatuses('ticket', one.status).length === 0;
  if (ended(ticket)) throw refuse(`${ticket.key} is ${ticket.status}, so there is nothing to merge. ${linkInstead}`);
  if (ended(into) || into.archived_at)
    throw refuse(
      `into: ${into.key} is ${into.archived_at ? 'archived' : into.status} and takes no more work. ${linkInstead}`,
    );
  // The spec itself carries out its tickets in the order of its plan.
  if (ticket.spec_id && ticket.spec_id !== into.spec_id)
    throw refuse(`into: ${ticket.key} is part of a spec, and ${into.key} is not part of the same one. ${linkInstead}`);
  const tasks = await tx.task.findMany({ where: { ticket_id: ticket.id }, orderBy: { number: 'asc' } });
  const atWork = tasks.filter(({ status }) => !finishedTask(status) && !unstarted.includes(status));
  if (atWork.length > 0)
    throw refuse(`${ticket.key} is being worked on: ${keysOf(atWork)}. Let the work end, or cancel these tasks.`);
  const run = await tx.run.findFirst({ where: { ticket_id: ticket.id, ended_at: null } });
  if (run) throw refuse(`${ticket.key} is being worked on: ${run.title}. Let the run end, or cancel it.`);
  const pull = await tx.pullRequest.findFirst({ where: { ticket_id: ticket.id, state: 'open' } });
  if (pull) throw refuse(`Pull request #${pull.number} of ${ticket.key} is open. Merge or close it first.`);
}

/** What waited for the ticket waits for the other one. @returns the tickets and the tasks that do, but for those of the two. */
async function redirectWaiting(tx: Transaction, emit: Emit, ticket: Ticket, into: Ticket) {
  const others = await tx.ticket.findMany({ where: { project_id: ticket.project_id, blocked_by: { has: ticket.id } } });
  for (const { id, blocked_by: before } of others) {
    const rest = before.filter((one) => one !== ticket.id);
    const blocked_by = id === into.id ? rest : [...new Set([...rest, into.id])];
    await tx.ticket.update({ where: { id }, data: { blocked_by, updated_at: new Date() } });
  }
  await requireNoCycle(tx, ticket.project_id, linkInstead);
  const [mine, theirs] = await Promise.all(
    [ticket, into].map(({ id: ticket_id }) =>
      tx.task.findMany({ where: { ticket_id, status: { notIn: ['completed', 'cancelled'] } }, select: { id: true } }),
    ),
  );
  const dropped = new Set(mine?.map(({ id }) => id));
  const waiting = await tx.task.findMany({
    where: { ticket_id: { not: ticket.id }, status: 'pending', depends_on: { hasSome: [...dropped] } },
    orderBy: { number: 'asc' },
  });
  const foreign = waiting.filter((task) => task.ticket_id !== into.id);
  if (foreign.length > 0 && theirs?.length === 0)
    throw refuse(
      `into: ${keysOf(foreign)} would wait for ${into.key}, which has no open task. Add one to it first, or remove the dependencies.`,
    );
  for (const task of waiting) {
    const rest = task.depends_on.filter((id) => !dropped.has(id));
    const added = task.ticket_id === into.id ? [] : (theirs ?? []).map(({ id }) => id);
    await writeDependencies(tx, emit, taskRow(task), [...rest, ...added]);
  }
  return { tickets: others.filter(({ id }) => id !== into.id), tasks: waiting };
}

/** The content of a ticket as a comment: its words, what people said, and where its finished work is. */
async function contentOf(tx: Transaction, ticket: Ticket): Promise<string> {
  const comments = await tx.ticketComment.findMany({
    where: { ticket_id: ticket.id },
    orderBy: [{ created_at: 'asc' }, { id: 'asc' }],
  });
  return [
    `${ticket.key} was merged into this ticket: ${ticket.title}`,
    ticket.description,
    ...comments.map(({ author, created_at, text }) => `${author}, ${created_at.toISOString()}:\n\n${text}`),
    ...(ticket.branch ? [`Its finished work is on the branch ${ticket.branch}.`] : []),
  ].join('\n\n');
}

async function mergeIn(
  tx: Transaction,
  emit: Emit,
  organizationId: string,
  id: string,
  { into: other, comment_id, by }: Merge,
) {
  const [ticket, into] = await lockPair(tx, organizationId, id, other, 'into');
  if (ticket.merged_into === other)
    return { ticket, into, comment: null, dropped: [], waiting: { tickets: [], tasks: [] } };
  await requireMergeable(tx, ticket, into);
  await lockProject(tx, ticket.project_id);
  const waiting = await redirectWaiting(tx, emit, ticket, into);
  const comment = await contentOf(tx, ticket);
  await writeComment(tx, emit, into, { id: comment_id, text: comment, by, told: [] });
  const reason = `Merged into ${into.key}`;
  const dropped = await endOpenWork(tx, emit, ticket, { reason, by: by.email });
  await moveTicket(tx, emit, ticket, { status: 'cancelled', reason }, by.email);
  const { key, spec_id } = ticket;
  emit({
    ...eventOf(ticket),
    type: 'ticket.merged',
    data: { ticket_id: id, key, spec_id, into_ticket_id: other, into_key: into.key, by: by.email },
  });
  const merged = await tx.ticket.update({ where: { id }, data: { merged_into: other } });
  return { ticket: merged, into, comment, dropped, waiting };
}

type Merged = Awaited<ReturnType<typeof mergeIn>>;

/** Ends a transaction that was made only to see what it does. */
class TakenBack extends Error {
  constructor(readonly seen: Merged) {
    super('This merge was made to be looked at, and is taken back.');
  }
}

/** What people do with tickets that say the same (DEDUP-04). */
export const ticketDuplicates = (core: StoreCore) => ({
  /** Says of which ticket this one is a duplicate; null takes that back. A repeated call changes nothing. */
  linkDuplicate: (organizationId: string, id: string, of: string | null, by: string): Promise<Ticket> =>
    core.change(async (tx, emit) => {
      const [ticket, original] = of
        ? await lockPair(tx, organizationId, id, of, 'of')
        : [await lockTicket(tx, organizationId, id), null];
      if (ticket.duplicate_of === of) return ticket;
      if (original?.duplicate_of === id)
        throw refuse(`of: ${original.key} is a duplicate of ${ticket.key} already. Take that link away first.`);
      const row = await tx.ticket.update({ where: { id }, data: { duplicate_of: of, updated_at: new Date() } });
      const { key, spec_id } = ticket;
      emit({
        ...eventOf(ticket),
        type: 'ticket.duplicate_linked',
        data: { ticket_id: id, key, spec_id, of_ticket_id: of, of_key: original?.key ?? null, by },
      });
      return row;
    }),

  /**
   * Ends a ticket as a part of another one, in one transaction: the other gets its content as a comment, what waited for
   * it waits for the other, and its tasks that have not started are dropped. A repeated call changes nothing.
   * @throws conflict with the remedy: one of them has ended, or the work on this one is under way.
   */
  merge: (organizationId: string, id: string, order: Merge) =>
    core.change(async (tx, emit) => {
      const { ticket, into, waiting } = await mergeIn(tx, emit, organizationId, id, order);
      return { ticket, into, waiting: [...new Set(waiting.tasks.map(({ ticket_id }) => ticket_id))] };
    }),

  /**
   * What the same merge would do, found out by making it and taking it back: nothing changes, and no event is stored.
   * @returns the comment that the other ticket would get, and the keys of what would be dropped and of what would wait.
   * @throws what the merge would throw.
   */
  previewMerge: async (organizationId: string, id: string, order: Merge) => {
    const { into, comment, dropped, waiting } = await core
      .change(async (tx, emit): Promise<Merged> => {
        throw new TakenBack(await mergeIn(tx, emit, organizationId, id, order));
      })
      .catch((error: unknown) => {
        if (error instanceof TakenBack) return error.seen;
        throw error;
      });
    return { into, comment, dropped: keysIn(dropped), waiting: [...keysIn(waiting.tickets), ...keysIn(waiting.tasks)] };
  },
});
