import { z } from 'zod';
import { query } from './message.ts';
import { retryingSchema } from '../domain/retrying.ts';

/** The states of a workflow, in the query `progress` and the search attribute OmoiosStatus. */
export const runStates = ['pending', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

/** The reason of a wait that is not the workflow's own time: idle, stale and duration rules do not count it. */
const waitingFor = z.enum(['gate', 'slot', 'budget', 'person', 'model', 'sandbox']);
export type WaitingFor = z.output<typeof waitingFor>;

const progress = z.object({
  state: z.enum(runStates),
  /** The step under way, for a person. */
  step: z.string(),
  /** ISO time at which the step started. */
  since: z.string(),
  waiting_for: waitingFor.nullable(),
  attempt: z.number(),
  /** ISO time at which the workflow's timer fires; null without one. */
  next_wake_at: z.string().nullable(),
  /** Null while no step is retried. */
  retrying: retryingSchema.nullable(),
  totals: z.record(z.string(), z.number()),
});

/** The answer of the query `progress` on every workflow. */
export type Progress = z.output<typeof progress>;

/** Every workflow answers this query. */
export const progressQuery = query('progress', progress);
