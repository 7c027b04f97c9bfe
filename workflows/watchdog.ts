import { continueAsNew, log, setDefaultSignalHandler, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { workflowId } from './contracts/ids.ts';
import { nudgeSignal, type WatchdogInput, type WatchdogState } from './contracts/watch.ts';
import { records } from './support/activities.ts';
import { historyIsLong } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/** Looks in a row without a loop after which the watchdog ends. One may be too early: a loop may just have begun. */
const idleLooks = 3;

/**
 * Watches the loops of all projects, and brings back those that are gone. It runs while a loop runs. Its schedule brings
 * it back itself: what the schedule starts has the time in its id, and only sees to it that there is the one.
 */
export async function watchdogWorkflow(input: WatchdogInput): Promise<void> {
  const progress = new ProgressReport('watching the loops');
  if (workflowInfo().workflowId !== workflowId.watchdog()) {
    await records.startWatchdog();
    progress.set('completed', 'the watchdog runs');
    return;
  }
  let nudged = false;
  setHandler(nudgeSignal, () => {
    nudged = true;
  });
  setDefaultSignalHandler((signal) => log.warn('a signal was ignored', { signal }));
  let state: WatchdogState = input.state ?? { looks: {}, guarded: false };
  let idle = 0;
  for (;;) {
    nudged = false;
    const { watched, ...seen } = await records.watchMonitors(state);
    state = seen;
    progress.now.totals = { watched, suspected: Object.keys(state.looks).length };
    idle = watched > 0 || nudged ? 0 : idle + 1;
    if (idle >= idleLooks) {
      state = await records.leaveMonitors(state);
      // Where work began meanwhile, it goes on, and its schedule too.
      if (!nudged) {
        progress.set('completed', 'no loop runs');
        return;
      }
      idle = 0;
    }
    if (historyIsLong()) await continueAsNew<typeof watchdogWorkflow>({ ...input, state });
    const until = new Date(Date.now() + input.interval_seconds * 1000).toISOString();
    progress.set('running', 'watching the loops', { until });
    await sleep(input.interval_seconds * 1000);
  }
}
