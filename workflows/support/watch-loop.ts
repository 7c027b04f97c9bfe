import { condition, continueAsNew } from '@temporalio/workflow';
import {
  analyseNowUpdate,
  configureUpdate,
  nudgeSignal,
  type WatchInput,
  type WatchState,
} from '../contracts/watch.ts';
import { records } from './activities.ts';
import { failureOf } from './failure.ts';
import { historyIsLong, handlersFinished } from './history.ts';
import { ProgressReport } from './progress.ts';
import { handleUpdate, SignalHandlers } from './handlers.ts';

export interface Cycle {
  /** Active runs that the cycle saw. The loop ends after a long enough time without any. */
  active: number;
  judged: number;
  interventions: number;
  /** Why a part of the cycle failed; null when none did. */
  error: string | null;
}

/**
 * Watches a project. A cycle runs at each interval, on a nudge, and on request. A failed cycle is recorded and does not
 * stop the loop. The loop starts with the first run and ends when the project is idle.
 */
export async function watchLoop(
  name: 'guardian' | 'conductor' | 'health',
  input: WatchInput,
  cycleOnce: (asked: string[], state: WatchState) => Promise<Cycle>,
): Promise<void> {
  const progress = new ProgressReport('watching');
  const signals = new SignalHandlers(input);
  const state: WatchState = input.state ?? { cycle: 0, last_active: new Date().toISOString() };
  let interval = input.interval_seconds;
  let asked: string[] = [];
  let nudged = false;
  let done = 0;
  let lastJudged = 0;

  signals.handle(nudgeSignal, ({ run_id: runId }) => {
    nudged = nudged || runId !== undefined;
    if (runId && !asked.includes(runId)) asked.push(runId);
    state.last_active = new Date().toISOString();
  });
  handleUpdate(analyseNowUpdate, {
    apply: async ({ run_id: runId }) => {
      if (runId) asked.push(runId);
      nudged = true;
      const wanted = state.cycle + (busy ? 2 : 1);
      await condition(() => done >= wanted);
      return { cycle: done, judged: lastJudged };
    },
  });
  handleUpdate(configureUpdate, {
    apply: ({ interval_seconds: seconds }) => {
      interval = seconds;
      nudged = true;
      return { interval_seconds: interval };
    },
  });
  signals.ignoreRest();

  let busy = false;
  for (;;) {
    progress.set('running', 'watching', { until: new Date(Date.now() + interval * 1000).toISOString() });
    await condition(() => nudged || signals.someIgnored, interval * 1000);
    if (signals.someIgnored) await signals.recordIgnored();
    nudged = false;
    const runs = asked;
    asked = [];
    busy = true;
    state.cycle += 1;
    const began = Date.now();
    progress.set('running', `cycle ${state.cycle}`);
    let cycle: Cycle;
    try {
      cycle = await cycleOnce(runs, state);
    } catch (error) {
      cycle = { active: 1, judged: 0, interventions: 0, error: failureOf(error).message };
    }
    await records.recordCycle({
      organization_id: input.organization_id,
      project_id: input.project_id,
      loop: name,
      ok: cycle.error === null,
      error: cycle.error,
      interventions: cycle.interventions,
      duration_ms: Date.now() - began,
      interval_seconds: interval,
    });
    busy = false;
    lastJudged = cycle.judged;
    done = state.cycle;
    progress.now.totals = { cycles: state.cycle, active: cycle.active, judged: cycle.judged };
    if (cycle.active > 0) state.last_active = new Date().toISOString();
    else if (Date.now() - Date.parse(state.last_active) > input.idle_stop_seconds * 1000 && !nudged) {
      await handlersFinished();
      progress.set('completed', 'the project is idle');
      return;
    }
    if (historyIsLong()) {
      await handlersFinished();
      await continueAsNew<(next: WatchInput) => Promise<void>>({ ...input, interval_seconds: interval, state });
    }
  }
}
