import { defineQuery } from '@temporalio/workflow';

export const runStates = ['pending', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

/** What a workflow waits for while no time of its own passes: no idle, stale or duration rule counts then. */
export type WaitingFor = 'gate' | 'slot' | 'budget' | 'person' | 'model' | 'sandbox';

/** The answer of the query `progress` on every workflow. */
export interface Progress {
  state: RunState;
  /** What it does now, in words. */
  step: string;
  /** ISO time the step began. */
  since: string;
  waiting_for: WaitingFor | null;
  attempt: number;
  /** ISO time of the timer it sleeps on, if any. */
  next_wake_at: string | null;
  totals: Record<string, number>;
}

export const progressQuery = defineQuery<Progress>('progress');
