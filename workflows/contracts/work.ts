import { retryingSchema } from '../domain/retrying.ts';
import type { ScoreWeights } from '../domain/tasks/score.ts';
import { z } from 'zod';
import { query, signal, update } from './message.ts';
import type { RunLimits } from '../domain/agent/run.ts';
import { priorities } from '../domain/tasks/states.ts';
import { blockKinds } from '../domain/tasks/ticket-moves.ts';
import type { GateDecision } from '../domain/tasks/gates.ts';

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
  /** ISO time of the request. */
  requested_at: z.string(),
  /** Number of tasks that depend on this one. */
  dependents: z.number(),
  retry_count: z.number(),
  max_retries: z.number(),
  /** ISO time, or null. */
  deadline_at: z.string().nullable(),
  /** Requested by a person: starts even when the project's agents do not start by themselves. */
  forced: z.boolean(),
  /** A person wants it to start at once: it goes first, and passes the project's limit by one. */
  bumped: z.boolean().optional(),
});
export type QueueEntry = z.output<typeof queueEntry>;

/** The facts that decide the urgency of a claim to one of the organization's slots. */
export const slotEntry = queueEntry.omit({ ticket_id: true, forced: true }).strip();
export type SlotEntry = z.output<typeof slotEntry>;

/** An entry, and whether the project was open when it was made (see `setOpenSignal`). */
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
  /** Tasks that the project has slots for but the organization does not. */
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
  state?: { waiting: QueueEntry[]; holders: QueueHolder[]; open: boolean; missed?: string[]; delayed?: boolean };
}

/** The tasks that hold the project's slots, and the tasks that the queue would start next, most urgent first. */
export interface SlotsClaimed {
  organization_id: string;
  project_id: string;
  holders: string[];
  candidates: QueueEntry[];
  /** Also checks whether the queues of the projects that hold the other slots still run. */
  check: boolean;
}

export interface SlotsShared {
  granted: string[];
  /** Granted tasks that turned out to have ended. */
  gone: string[];
  /** Candidates that wait for money or a person, so that others get their slots. Absent in older histories. */
  held_back?: string[];
}

/** Whether the project's agents may start by themselves. When closed, only tasks requested by a person get a slot. */
export const setOpenSignal = signal('setOpen', z.strictObject({ open: z.boolean() }));
/** Requests a slot for a task. A task that already holds one is granted again. */
export const requestSignal = signal('request', queueRequest);
/** Releases the slot of a task, or withdraws its request for one. */
export const releaseSignal = signal('release', z.object({ task_id: z.string() }));
/** Starts a waiting task at once, at most one over the project's limit (EXEC-13). */
export const bumpUpdate = update(
  'bump',
  z.strictObject({ task_id: z.string(), actor: z.string().max(200).optional() }),
  z.object({ status: z.string() }),
);
/** Changes the priority of a waiting task. */
export const reprioritiseSignal = signal(
  'setPriority',
  z.strictObject({ task_id: z.string(), priority: z.enum(priorities), actor: z.string().optional() }),
);
/** The organization has a slot for one of the project's tasks. */
export const organizationFreeSignal = signal('organizationFree', z.looseObject({}));
/** The slots of a project: who holds them, and who waits. */
export const queueQuery = query('queue', queueView);

// ── task ──

export interface TaskInput extends Scope {
  ticket_id: string;
  task_id: string;
  validation_rounds: number;
  max_retries: number;
  retry_backoff_seconds: number;
  /** Attempts that an earlier workflow of the task has made. */
  attempts?: number;
}

export interface TaskResult {
  task_id: string;
  status: 'completed' | 'cancelled';
  /** Commit to join; null when the task produced no code. */
  head_sha: string | null;
}

/** The task has a slot. */
export const grantedSignal = signal('granted', z.looseObject({}));
/** To a task or run that waits for a slot: the step of the queue that fails and holds it up; null once it succeeds. */
export const slotDelayedSignal = signal('slotDelayed', z.strictObject({ retrying: retryingSchema.nullable() }));
/** A run of the task releases its slot during a wait (`idle`), or requests one again. */
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
/** Changes the priority of a task, also while it waits for its slot. */
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
  /** Turns that its conversation already has; absent for a fresh one. */
  start_turn?: number;
  /** The step that prepared a task's run has recorded that the task runs. */
  task_running?: true;
  /** A registered agent that runs elsewhere does the work. */
  elsewhere?: true;
}

// ── ticket ──

export interface TicketInput {
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string;
  /** Branch that the ticket starts from. The ticket of a spec is also joined into it. */
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
/** The ticket's tasks, or the tasks that they wait for, were changed outside the workflow: it reads them again. */
export const recheckSignal = signal('recheck', z.strictObject({}));
/** A task has failed for good and waits until a person retries or cancels it. */
export const taskStuckSignal = signal(
  'taskStuck',
  z.strictObject({ task_id: z.string(), stuck: z.boolean(), message: z.string() }),
);
/** Makes the ticket read its tasks again after a new one was stored. */
export const addTaskUpdate = update(
  'addTask',
  z.strictObject({ task_id: z.string() }),
  z.object({ added: z.boolean() }),
);
/** Moves a ticket to another status. The caller has checked that it may. */
export const moveUpdate = update(
  'move',
  z.strictObject({
    to_status: z.string(),
    to_phase: z.string().optional(),
    reason: z.string().max(2000).optional(),
    force: z.boolean().optional(),
    validation_feedback: z.string().max(20_000).optional(),
    via: z.array(z.string()).optional(),
    from_phase: z.string().optional(),
    gate: z.custom<GateDecision>((value) => typeof value === 'object' && value !== null).optional(),
    room: z.strictObject({ column: z.string(), statuses: z.array(z.string()), limit: z.number() }).optional(),
    actor: z.string().max(200).optional(),
  }),
  status,
);
/** Blocks a ticket: its tasks that have not started wait until it is unblocked. */
export const blockUpdate = update(
  'block',
  z.strictObject({
    kind: z.enum(blockKinds).default('waiting_on_clarification'),
    reason: z.string().min(1).max(2000),
    actor: z.string().max(200).optional(),
  }),
  status,
);
export const unblockUpdate = update(
  'unblock',
  z.strictObject({ reason: z.string().max(2000).optional(), actor: z.string().max(200).optional() }),
  status,
);
/** From a ticket to its spec: whether it waits for a person, and why. */
export const ticketStuckSignal = signal(
  'ticketStuck',
  z.strictObject({ ticket_id: z.string(), stuck: z.boolean(), message: z.string() }),
);

// ── merge ──

export interface MergeSource {
  sha: string;
  /** Branch of the commit, for messages. */
  branch: string;
  title: string;
  /** The task or ticket that produced the commit. */
  subject_id: string;
}

export interface MergeInput {
  merge_id: string;
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string | null;
  /** Branch that the sources are merged into. */
  target: string;
  sources: MergeSource[];
}

export interface MergeResult {
  status: 'completed' | 'failed' | 'cancelled';
  head_sha: string | null;
  message: string;
}
