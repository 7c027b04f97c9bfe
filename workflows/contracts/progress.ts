import { z } from 'zod';
import { query } from './message.ts';

export const runStates = ['pending', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

/** Why a workflow waits while no time of its own passes: no idle, stale or duration rule counts then. */
const waitingFor = z.enum(['gate', 'slot', 'budget', 'person', 'model', 'sandbox']);
export type WaitingFor = z.output<typeof waitingFor>;

const progress = z.object({
  state: z.enum(runStates),
  /** The step under way, for a person. */
  step: z.string(),
  /** ISO time the step began. */
  since: z.string(),
  waiting_for: waitingFor.nullable(),
  attempt: z.number(),
  /** ISO time of the timer it sleeps on, if any. */
  next_wake_at: z.string().nullable(),
  totals: z.record(z.string(), z.number()),
});

/** The answer of the query `progress` on every workflow. */
export type Progress = z.output<typeof progress>;

export const progressQuery = query('progress', progress);
