import { z } from 'zod';
import { signal, update } from './message.ts';

export interface WatchInput {
  organization_id: string;
  project_id: string;
  interval_seconds: number;
  /** The watcher ends after this many seconds without an active run. */
  idle_stop_seconds: number;
  /** Guardian: number of runs judged at once. */
  concurrency?: number;
  state?: WatchState;
}

export interface WatchState {
  cycle: number;
  /** ISO time when an active run was last seen. */
  last_active: string;
}

const aboutRun = z.strictObject({ run_id: z.string().optional() });

/** Asks the watcher to judge a run; without a run id, it only keeps the watcher running. */
export const nudgeSignal = signal('nudge', aboutRun);
/** Runs a cycle now. @returns its number, and how many runs it judged. */
export const analyseNowUpdate = update('analyseNow', aboutRun, z.object({ cycle: z.number(), judged: z.number() }));
/** Sets the interval between cycles: above 0, at most 86,400 seconds. */
export const configureUpdate = update(
  'configure',
  z.strictObject({ interval_seconds: z.number().positive().max(86_400) }),
  z.object({ interval_seconds: z.number() }),
);

export interface WatchdogInput {
  /** Seconds between two looks at the loops. */
  interval_seconds: number;
  state?: WatchdogState;
}

export interface WatchdogState {
  /** Looks in a row that found an issue, by the id of the loop's workflow. */
  looks: Record<string, { issue: string; count: number }>;
  /** Whether the schedule that brings the watchdog back is on. */
  guarded: boolean;
}

export interface WatchdogLook extends WatchdogState {
  /** Loops that are watched. */
  watched: number;
}
