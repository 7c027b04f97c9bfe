import type { ScoreWeights } from '../domain/tasks/score.ts';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import type { RunLimits } from './run.ts';
import { priorities } from '../domain/tasks/states.ts';

/** Whose work it is: on every input of a workflow below the project. */
interface Scope {
  organization_id: string;
  project_id: string;
  spec_id: string | null;
  ticket_id: string;
}

// ── project queue ──

export interface QueueEntry {
  task_id: string;
  ticket_id: string;
  priority: string;
  /** ISO time it asked. */
  requested_at: string;
  /** Tasks that wait for it. */
  dependents: number;
  retry_count: number;
  max_retries: number;
  /** ISO time, or null. */
  deadline_at: string | null;
  /** Asked for by hand: starts even where a project's agents do not start by themselves. */
  forced: boolean;
}

/** An entry, with what the project's record said when it was made. */
export type QueueRequest = QueueEntry & { project_open: boolean };

export interface QueueHolder {
  task_id: string;
  ticket_id: string;
  since: string;
}

export interface QueueView {
  limit: number;
  /** Tasks that the project has slots for, and the organization has not. */
  held_back: number;
  active: QueueHolder[];
  waiting: (QueueEntry & { score: number })[];
}

export interface QueueInput {
  organization_id: string;
  project_id: string;
  limit: number;
  weights: ScoreWeights;
  holder_check_seconds: number;
  state?: { waiting: QueueEntry[]; holders: QueueHolder[]; open: boolean };
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

export const queueRequest = z.strictObject({
  task_id: z.string(),
  ticket_id: z.string(),
  priority: z.string(),
  requested_at: z.string(),
  dependents: z.number(),
  retry_count: z.number(),
  max_retries: z.number(),
  deadline_at: z.string().nullable(),
  forced: z.boolean(),
  project_open: z.boolean(),
});
/** Whether the project's agents may start by themselves; closed, only what was asked for by hand gets a slot. */
export const setOpenSignal = defineSignal<[unknown]>('setOpen');
export const setOpenInput = z.strictObject({ open: z.boolean() });
export const requestSignal = defineSignal<[unknown]>('request');
export const releaseSignal = defineSignal<[unknown]>('release');
export const reprioritiseSignal = defineSignal<[unknown]>('setPriority');
/** The organization has a slot for one of the project's tasks. */
export const organizationFreeSignal = defineSignal<[unknown]>('organizationFree');
export const queueQuery = defineQuery<QueueView>('queue');

// ── task ──

export interface TaskInput extends Scope {
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

export const grantedSignal = defineSignal<[unknown]>('granted');
export const agentIdleSignal = defineSignal<[unknown]>('agentIdle');
export const agentIdleInput = z.strictObject({ idle: z.boolean(), run_id: z.string() });
export const cancelInput = z.strictObject({
  reason: z.string().max(2000).optional(),
  actor: z.string().max(200).optional(),
});
export const cancelUpdate = defineUpdate<{ status: string }, [unknown]>('cancel');
export const retryUpdate = defineUpdate<{ status: string }, [unknown]>('retry');
export const setPriorityUpdate = defineUpdate<{ priority: string }, [unknown]>('setPriority');
export const setPriorityInput = z.strictObject({ priority: z.enum(priorities), actor: z.string().optional() });

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

export const discoveredSignal = defineSignal<[unknown]>('discovered');
export const discoveredInput = z.strictObject({
  discovery_id: z.string(),
  task_id: z.string(),
  run_id: z.string().nullable().optional(),
  source_task_id: z.string().nullable().optional(),
  blocking: z.boolean().default(false),
});
/** Something outside the workflow changed its tasks, or ended one they wait for: it looks at them anew. */
export const recheckSignal = defineSignal<[unknown]>('recheck');
export const recheckInput = z.strictObject({});
/** A task has failed for good and waits for somebody to retry or cancel it. */
export const taskStuckSignal = defineSignal<[unknown]>('taskStuck');
export const taskStuckInput = z.strictObject({ task_id: z.string(), stuck: z.boolean(), message: z.string() });
export const addTaskUpdate = defineUpdate<{ added: boolean }, [unknown]>('addTask');
export const addTaskInput = z.strictObject({ task_id: z.string() });
/** Blocked state of a ticket's tasks, told to whoever waits for the ticket. */
export const ticketStuckSignal = defineSignal<[unknown]>('ticketStuck');
export const ticketStuckInput = z.strictObject({ ticket_id: z.string(), stuck: z.boolean(), message: z.string() });

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
