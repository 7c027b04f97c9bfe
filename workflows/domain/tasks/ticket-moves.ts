import { AppError } from '../errors.ts';
import { nextStatuses } from '../transitions.ts';

/** The phase of the board that belongs to each status of a ticket. */
export const phaseOfStatus: Readonly<Record<string, string>> = {
  pending_review: 'PHASE_BACKLOG',
  backlog: 'PHASE_BACKLOG',
  analyzing: 'PHASE_REQUIREMENTS',
  building: 'PHASE_IMPLEMENTATION',
  'building-done': 'PHASE_TESTING',
  testing: 'PHASE_TESTING',
  deploying: 'PHASE_DEPLOYMENT',
  done: 'PHASE_DONE',
};

const ticketOrder = ['backlog', 'building', 'building-done', 'testing', 'done'];
/** Statuses beside the straight way: the one that is passed before the same next status. */
const beside: Readonly<Record<string, string>> = { analyzing: 'backlog', deploying: 'testing' };

/**
 * The statuses that a ticket passes on its way forward to `to`, in order; the last one is `to`. Empty when the table
 * has no way forward: the ticket is already there, is past it, or has ended.
 */
export function ticketPath(from: string, to: string): string[] {
  const start = ticketOrder.indexOf(beside[from] ?? from);
  if (start < 0) return [];
  const path = ticketOrder.slice(start + 1, ticketOrder.indexOf(to) + 1);
  const allowed = path.every((status, i) =>
    nextStatuses('ticket', i === 0 ? from : (path[i - 1] ?? '')).includes(status),
  );
  return allowed ? path : [];
}

/**
 * The fewest statuses that a ticket passes from one to another by the table, the last one included; undefined when no way
 * leads there.
 */
export function statusPath(from: string, to: string): string[] | undefined {
  const before = new Map<string, string>();
  for (const queue = [from]; queue.length > 0;) {
    const status = queue.shift() ?? '';
    if (status === to) {
      const path: string[] = [];
      for (let at = to; at !== from; at = before.get(at) ?? from) path.unshift(at);
      return path;
    }
    for (const next of nextStatuses('ticket', status))
      if (next !== 'cancelled' && next !== from && !before.has(next)) {
        before.set(next, status);
        queue.push(next);
      }
  }
  return undefined;
}

/** Whether all tasks of a ticket were joined: what follows is testing, deploying, or the end. */
export const isBuilt = (status: string) => ['building-done', 'testing', 'deploying', 'done'].includes(status);

/** The statuses that take a block away (PLAN-23). */
export const unblockingStatuses: readonly string[] = ['analyzing', 'building', 'building-done', 'testing'];

export const blockKinds = ['dependency', 'waiting_on_clarification', 'failing_checks', 'environment'] as const;

/** Whether a block holds the tasks of a ticket that have not started. One that the platform has found only says so. */
export const holdsTasks = (ticket: { is_blocked: boolean; blocked_actor: string | null }) =>
  ticket.is_blocked && ticket.blocked_actor !== null && ticket.blocked_actor !== 'platform';

/** The statuses to which a person may move a ticket. One that waits for its approval moves by its decision alone. */
export const allowedMoves = ({ status }: { status: string }): readonly string[] =>
  status === 'pending_review' ? ['cancelled'] : nextStatuses('ticket', status);

/** @throws AppError `invalid_rule`, with the moves that are allowed, unless a person may move the ticket so. */
export function checkTicketMove(ticket: { key: string; status: string }, to: string, force = false): void {
  const allowed = allowedMoves(ticket);
  // The end of a ticket is final, and only a decision ends the wait for one.
  if (allowed.includes(to) || (force && ticket.status !== 'pending_review' && allowed.length > 0)) return;
  const remedy =
    ticket.status === 'pending_review'
      ? 'Approve or reject it first.'
      : allowed.length > 0
        ? `It may become ${allowed.join(', ')}.`
        : 'It has ended. Create a new ticket for the work.';
  throw new AppError(
    'invalid_rule',
    `to_status: ${ticket.key} is ${ticket.status} and cannot become ${to}. ${remedy}`,
    {
      from_status: ticket.status,
      to_status: to,
      allowed: [...allowed],
    },
  );
}

/** The refusal of work on a ticket that nobody has approved. */
export const waitsForApproval = (key: string) =>
  new AppError(
    'conflict',
    `ticket_id: ${key} waits for its approval, so no work on it begins. Approve or reject it first.`,
  );
