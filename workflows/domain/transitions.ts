import { AppError } from './errors.ts';

/**
 * The statuses of each kind of record, and those that may follow each. The store refuses every other move. The first
 * status of a kind is the one that its records begin with, unless a caller chooses another. One end is taken back: that of
 * a pull request which is reopened at its code host, with the ticket or spec that was cancelled with it.
 */
export const transitions = {
  spec: {
    draft: ['created', 'executing', 'cancelled'],
    created: ['executing', 'waiting', 'paused', 'failed', 'cancelled'],
    executing: ['waiting', 'paused', 'pr_created', 'completed', 'failed', 'cancelled'],
    waiting: ['executing', 'paused', 'pr_created', 'completed', 'failed', 'cancelled'],
    paused: ['executing', 'waiting', 'pr_created', 'completed', 'failed', 'cancelled'],
    // Its pull request is merged, or closed without a merge.
    pr_created: ['completed', 'cancelled'],
    // A person retries the phase that failed.
    failed: ['executing'],
    completed: [],
    cancelled: [],
  },
  /** PLAN-23 and PLAN-25. */
  ticket: {
    pending_review: ['backlog', 'cancelled'],
    backlog: ['analyzing', 'building', 'cancelled'],
    analyzing: ['building', 'cancelled'],
    building: ['building-done', 'testing', 'cancelled'],
    'building-done': ['testing', 'building', 'cancelled'],
    testing: ['building', 'deploying', 'done', 'cancelled'],
    deploying: ['done', 'cancelled'],
    done: [],
    cancelled: [],
  },
  /** EXEC-02. */
  task: {
    pending: ['claiming', 'cancelled', 'failed'],
    claiming: ['assigned', 'pending', 'failed', 'cancelled'],
    assigned: ['running', 'pending', 'failed', 'cancelled'],
    running: ['pending_validation', 'completed', 'pending', 'failed', 'cancelled'],
    pending_validation: ['validating', 'completed', 'failed', 'cancelled'],
    validating: ['completed', 'needs_revision', 'pending_validation', 'failed', 'cancelled'],
    needs_revision: ['pending', 'cancelled', 'failed'],
    failed: ['pending', 'cancelled'],
    completed: [],
    cancelled: [],
  },
  run: {
    pending: ['running', 'waiting', 'paused', 'completed', 'failed', 'cancelled'],
    running: ['waiting', 'paused', 'completed', 'failed', 'cancelled'],
    waiting: ['running', 'paused', 'completed', 'failed', 'cancelled'],
    paused: ['running', 'waiting', 'completed', 'failed', 'cancelled'],
    completed: [],
    failed: [],
    cancelled: [],
  },
  pull_request: {
    open: ['merged', 'closed'],
    merged: [],
    closed: [],
  },
  /** EXEC-29: a registered agent. One that is failed or in quarantine takes no work. */
  agent: {
    spawning: ['idle', 'failed', 'terminated'],
    idle: ['running', 'degraded', 'quarantined', 'terminated'],
    running: ['idle', 'failed', 'degraded', 'quarantined'],
    degraded: ['idle', 'failed', 'quarantined', 'terminated'],
    failed: ['quarantined', 'terminated'],
    quarantined: ['idle', 'terminated'],
    terminated: [],
  },
  discovery: {
    open: ['in_progress', 'resolved', 'invalid'],
    in_progress: ['resolved', 'invalid'],
    resolved: [],
    invalid: [],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;

export type StatusKind = keyof typeof transitions;

const tables: Record<StatusKind, Record<string, readonly string[]>> = transitions;

export const statusesOf = (kind: StatusKind): string[] => Object.keys(tables[kind]);

/** The statuses that may follow. Empty for one that ends, and for a word that is not a status. */
export const nextStatuses = (kind: StatusKind, from: string): readonly string[] => tables[kind][from] ?? [];

/** Whether nothing works on a spec of this status. */
export const specRests = (status: string): boolean =>
  ['draft', 'created', 'completed', 'failed', 'cancelled'].includes(status);

/** Whether a record may move from one status to another. A move to the same status is always allowed. */
export const mayMove = (kind: StatusKind, from: string, to: string): boolean =>
  from === to || nextStatuses(kind, from).includes(to);

/** @throws AppError `conflict` for a move that the table does not allow. */
export function checkMove(kind: StatusKind, from: string, to: string): void {
  if (mayMove(kind, from, to)) return;
  const allowed = nextStatuses(kind, from);
  throw new AppError(
    'conflict',
    `${kind === 'agent' ? 'An' : 'A'} ${kind.replace('_', ' ')} that is ${from} cannot become ${to}${allowed.length > 0 ? `; it may become ${allowed.join(', ')}` : ': it has ended'}.`,
  );
}
