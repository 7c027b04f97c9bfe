import { condition, continueAsNew } from '@temporalio/workflow';
import { lookSignal, type HeartbeatInput } from './contracts/agents.ts';
import { records } from './support/activities.ts';
import { SignalHandlers } from './support/handlers.ts';
import { historyIsLong } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/** Milliseconds that a run has to stop by itself. */
const graceMs = 10_000;

/**
 * Watches the registered agents of an organization: silent ones degrade, fail and are restarted, and runs stop whose
 * place is gone. It ends when no agent runs elsewhere and no run has to stop.
 */
export async function heartbeatWorkflow(input: HeartbeatInput): Promise<void> {
  const progress = new ProgressReport('watching agents');
  const signals = new SignalHandlers({ organization_id: input.organization_id, project_id: null });
  const everyMs = input.every_seconds * 1000;
  let stopping: Record<string, string> = input.stopping ?? {};
  let asked = true;
  let nextAt = Date.now() + everyMs;
  signals.handle(lookSignal, () => {
    asked = true;
  });
  signals.ignoreRest();

  for (;;) {
    const now = Date.now();
    const counts = now >= nextAt;
    if (counts) nextAt = now + everyMs;
    asked = false;
    const late = Object.entries(stopping).filter(([, since]) => now - Date.parse(since) >= graceMs);
    const seen = await records.watchAgents({
      organization_id: input.organization_id,
      counts,
      cut: late.map(([id]) => id),
    });
    const at = new Date().toISOString();
    stopping = Object.fromEntries(seen.stopping.map((id) => [id, stopping[id] ?? at]));
    progress.now.totals = { watched: seen.watched, stopping: seen.stopping.length };
    if (signals.someIgnored) await signals.recordIgnored();
    if (asked) continue;
    if (seen.watched === 0 && seen.stopping.length === 0) {
      progress.set('completed', 'no agent is watched');
      return;
    }
    if (historyIsLong()) await continueAsNew<typeof heartbeatWorkflow>({ ...input, stopping });
    progress.set('running', 'watching agents', { until: new Date(nextAt).toISOString() });
    await condition(() => asked || signals.someIgnored, Math.max(1, nextAt - Date.now()));
  }
}
