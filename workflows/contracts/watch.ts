import { z } from 'zod';
import { signal, update } from './message.ts';

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

const aboutRun = z.strictObject({ run_id: z.string().optional() });

/** A run wants a look; without one, only keeps the watcher running. */
export const nudgeSignal = signal('nudge', aboutRun);
export const analyseNowUpdate = update('analyseNow', aboutRun, z.object({ cycle: z.number(), judged: z.number() }));
export const configureUpdate = update(
  'configure',
  z.strictObject({ interval_seconds: z.number().positive().max(86_400) }),
  z.object({ interval_seconds: z.number() }),
);
