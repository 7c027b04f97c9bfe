import { defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';

export interface WatchInput {
  organization_id: string;
  project_id: string;
  interval_seconds: number;
  /** Ends when no run has been active for so long. */
  idle_stop_seconds: number;
  /** Guardian: runs judged at once. */
  concurrency?: number;
  state?: WatchState;
}

export interface WatchState {
  cycle: number;
  /** ISO time when an active run was last seen. */
  last_active: string;
}

export const nudgeSignal = defineSignal<[unknown]>('nudge');
export const nudgeInput = z.strictObject({ run_id: z.string().optional() });
export const analyseNowInput = z.strictObject({ run_id: z.string().optional() });
export const configureInput = z.strictObject({ interval_seconds: z.number().positive().max(86_400) });
export const analyseNowUpdate = defineUpdate<{ cycle: number; judged: number }, [unknown]>('analyseNow');
export const configureUpdate = defineUpdate<{ interval_seconds: number }, [unknown]>('configure');
