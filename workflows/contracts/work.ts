import type { ScoreWeights } from '../domain/tasks/score.ts';
import { z } from 'zod';
import { query, signal, update } from './message.ts';
import type { RunLimits } from '../domain/agent/run.ts';
import { priorities } from '../domain/tasks/states.ts';

/** The organization, project, spec and ticket that a piece of work belongs to. */
export interface Scope {
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id?: string | null;
}

// ── project queue ──

const queueEntry = z.strictObject({
  task_id: z.string(),
  ticket_id: z.string(),
  priority: z.string(),
  /** ISO time it asked. */
  requested_at: z.string(),
  /** Tasks that wait for it. */
  dependents: z.number(),
  retry_count: z.number(),
  max_retries: z.number(),
  /** ISO time, or null. */
  deadline_at: z.string().nullable(),
  /** Asked for by hand: starts even where a project's agents do not start by themselves. */
  forced: z.boolean(),
});
export type QueueEntry = z.output<typeof queueEntry>;

/** An entry, with the state of the project's record when it was made. */
const queueRequest = queueEntry.extend({ project_open: z.boolean() });
export type QueueRequest = z.output<typeof queueRequest>;

const queueHolder = z.object({
  task_id: z.string(),
  ticket_id: z.string(),
  /** ISO time. */
  since: z.string(),
});
export type QueueHolder = z.output<typeof queueHolder>;

const queueView = z.object({
  limit: z.number(),
  /** Tasks that the project has slots for, and the organization has not. */
  held_back: z.number(),
  active: z.array(queueHolder),
  /** The highest score first. */
  waiting: z.array(queueEntry.extend({ score: z.number() })),
});
export type QueueView = z.output<typeof queueView>;

export interface QueueInput {
  organization_id: string;
  project_id: string;
  limit: number;
  weights: ScoreWeights;
  holder_check_seconds: number;
  state?: { waiting: QueueEntry[]; holders: QueueHolder[]; open: boolean; missed?: string[] };
}

/** What a project's queue holds, and what it would start next, most urgent first. */
export interface SlotsClaimed {
  organization_id: string;
  project_id: string;
  holders: string[];
  candidates: QueueEntry[];
  /** Looks also whether the queues of the projects that hold the others still run. */
  check: boolean;
}

export interface SlotsShared {
  granted: string[];
  /** Granted, and found to have ended. */
  gone: string[];
}

/** Whether the project's agents may start by themselves; closed, only what was asked for by hand gets a slot. */
export const setOpenSignal = signal('setOpen', z.strictObject({ open: z.boolean() }));
export const requestSignal = signal('request', queueRequest);
export const releaseSignal = signal('release', z.object({ task_id: z.string() }));
export const reprioritiseSignal = signal(
  'setPriority',
  z.strictObject({ task_id: z.string(), priority: z.enum(priorities), actor: z.string().optional() }),
);
/** The organization has a slot for one of the project's tasks. */
export const organizationFreeSignal = signal('organizationFree', z.looseObject({}));
export const queueQuery = query('queue', queueView);

// ── task ──

export interface TaskInput extends Scope {
  ticket_id: string;
  task_id: string;
  validation_rounds: number;
  max_retries: number;
  retry_backoff_seconds: number;
  /** Attempts that a workflow of the task before this one has taken. */
  attempts?: number;
}

export interface TaskResult {
  task_id: string;
  status: 'completed' | 'cancelled';
  /** Commit to be joined; null when no code came of it. */
  head_sha: string | null;
}

/** The task has a slot. */
export const grantedSignal = signal('granted', z.looseObject({}));
/** A run of the task gives its slot back during a wait, or wants one again. */
export const agentIdleSignal = signal('agentIdle', z.strictObject({ idle: z.boolean(), run_id: z.string() }));

const status = z.object({ status: z.string() });
/** Cancels a task or a ticket. */
export const cancelUpdate = update(
  'cancel',
  z.strictObject({ reason: z.string().max(2000).optional(), actor: z.string().max(200).optional() }),
  status,
);
/** Retries a task or a ticket that has failed and waits for a person. */
export const retryUpdate = update('retry', z.unknown(), status);
export const setPriorityUpdate = update(
  'setPriority',
  z.strictObject({ priority: z.enum(priorities), actor: z.string().optional() }),
  z.object({ priority: z.string() }),
);

/** A run that is ready to be started. */
export interface PreparedRun {
  run_id: string;
  attempt: number;
  sandbox_queue: string;
  limits: RunLimits;
}

// ── ticket ──

export interface TicketInput {
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string;
  /** Branch the ticket starts from and, for a spec's ticket, is joined into. */
  base_branch: string | null;
}

export interface TicketResult {
  ticket_id: string;
  status: 'completed' | 'cancelled';
  branch: string;
  head_sha: string | null;
}

/** An agent's finding opened a task; a run may wait for it. */
export const discoveredSignal = signal(
  'discovered',
  z.strictObject({
    discovery_id: z.string(),
    task_id: z.string(),
    run_id: z.string().nullable().optional(),
    source_task_id: z.string().nullable().optional(),
    blocking: z.boolean().default(false),
  }),
);
/** Something outside the workflow changed its tasks, or ended one they wait for: it reads them again. */
export const recheckSignal = signal('recheck', z.strictObject({}));
/** A task has failed for good and waits until a person retries or cancels it. */
export const taskStuckSignal = signal(
  'taskStuck',
  z.strictObject({ task_id: z.string(), stuck: z.boolean(), message: z.string() }),
);
export const addTaskUpdate = update(
  'addTask',
  z.strictObject({ task_id: z.string() }),
  z.object({ added: z.boolean() }),
);
/** From a ticket to its spec: whether it waits for a person, and why. */
export const ticketStuckSignal = signal(
  'ticketStuck',
  z.strictObject({ ticket_id: z.string(), stuck: z.boolean(), message: z.string() }),
);

// ── merge ──

export interface MergeSource {
  sha: string;
  /** The branch it stands on, for messages. */
  branch: string;
  title: string;
  /** The task or ticket whose work it is. */
  subject_id: string;
}

export interface MergeInput {
  merge_id: string;
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string | null;
  /** Branch that takes the sources in. */
  target: string;
  sources: MergeSource[];
}

export interface MergeResult {
  status: 'completed' | 'failed' | 'cancelled';
  head_sha: string | null;
  message: string;
}
