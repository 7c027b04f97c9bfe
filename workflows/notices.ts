import { condition, continueAsNew, sleep } from '@temporalio/workflow';
import { noticedSignal, type NoticesInput } from './contracts/notices.ts';
import { records, work } from './support/activities.ts';
import { SignalHandlers } from './support/handlers.ts';
import { historyIsLong } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/** Times are ISO text in UTC, so their order is that of the alphabet. */
const earlier = (one: string | null, other: string | null) =>
  one && other ? (one < other ? one : other) : (one ?? other);

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
    const where = { organization_id: input.organization_id };
    const next = [await records.mailNotices(where), await work.sendNotices(where)];
    nextAt = next.map((one) => one?.next_at ?? null).reduce(earlier);
    if (signals.someIgnored) await signals.recordIgnored();
  } while (noticed || nextAt);
  progress.set('completed', 'everybody is told');
}
