import { condition, continueAsNew, sleep } from '@temporalio/workflow';
import { noticedSignal, type NoticesInput } from './contracts/notices.ts';
import { records, work } from './support/activities.ts';
import { SignalHandlers } from './support/handlers.ts';
import { historyIsLong } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/**
 * Sends what the members of an organization are told by mail and to Slack: at once, after their quiet hours, or with
 * their digest. It ends when nothing waits to be sent.
 */
export async function noticesWorkflow(input: NoticesInput): Promise<void> {
  const progress = new ProgressReport('telling people');
  const signals = new SignalHandlers({ organization_id: input.organization_id, project_id: null });
  let noticed = false;
  let nextAt: string | null = null;
  signals.handle(noticedSignal, () => {
    noticed = true;
  });
  signals.ignoreRest();

  do {
    if (historyIsLong()) await continueAsNew<typeof noticesWorkflow>(input);
    if (nextAt && !noticed) {
      progress.set('waiting', 'for the time at which somebody is told', { until: nextAt });
      await condition(() => noticed, Math.max(0, Date.parse(nextAt) - Date.now()));
    }
    if (noticed) {
      progress.set('running', 'gathering what happens');
      await sleep(input.gather_seconds * 1000);
    }
    noticed = false;
    progress.set('running', 'sending');
    await records.mailNotices({ organization_id: input.organization_id });
    ({ next_at: nextAt } = await work.sendNotices({ organization_id: input.organization_id }));
    if (signals.someIgnored) await signals.recordIgnored();
  } while (noticed || nextAt);
  progress.set('completed', 'everybody is told');
}
