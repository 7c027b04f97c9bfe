import { CancellationScope, condition, continueAsNew, TemporalFailure } from '@temporalio/workflow';
import { servingSignal, stopPreviewSignal, type PreviewInput } from './contracts/preview.ts';
import { records, sandboxActivities } from './support/activities.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { SignalHandlers } from './support/handlers.ts';
import { historyIsLong } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/** A ready preview, after its workflow continued as new. */
type Continued = PreviewInput & { ready?: boolean };

const pollMs = 3000;
const watchMs = 30_000;

/**
 * One start of a sandbox's preview: waits for the agent's own server, else starts the project's dev server, and watches it
 * until it ends. The row says at each moment what it waits for.
 */
export async function previewWorkflow(input: Continued): Promise<void> {
  const progress = new ProgressReport('starting');
  const signals = new SignalHandlers(input);
  const sandbox = sandboxActivities(input.sandbox_queue);
  let { port } = input;
  let changes = 0;
  let stopped = false;
  signals.handle(servingSignal, (given) => {
    port = given.port;
    changes += 1;
  });
  signals.handle(stopPreviewSignal, () => {
    stopped = true;
    changes += 1;
  });
  signals.ignoreRest();
  const start = () => ({
    organization_id: input.organization_id,
    preview_id: input.preview_id,
    attempt: input.attempt,
  });

  /** Waits for a change, or some time. */
  const pause = async (ms: number) => {
    const known = changes;
    await condition(() => changes !== known, ms);
  };

  /** @returns what a look said last: `silent` when the time has passed. */
  async function untilServing(timeMs: number): Promise<'serving' | 'silent' | 'ended'> {
    const until = Date.now() + timeMs;
    for (;;) {
      if (stopped) return 'ended';
      const { state } = await sandbox.lookAtPreview({ ...start(), port });
      if (state !== 'silent' || Date.now() >= until) return state;
      await pause(pollMs);
    }
  }

  async function watch(): Promise<void> {
    progress.set('running', `serving port ${port}`);
    for (let silent = 0; silent < 2;) {
      await pause(watchMs);
      if (stopped) return;
      const { state } = await sandbox.lookAtPreview({ ...start(), port });
      if (state === 'ended') return;
      silent = state === 'silent' ? silent + 1 : 0;
      if (state === 'serving') await records.setPreview({ ...start(), status: 'ready', port });
      if (signals.someIgnored) await signals.recordIgnored();
      if (historyIsLong()) await continueAsNew<typeof previewWorkflow>({ ...input, port, ready: true });
    }
    await fail(`The server on port ${port} does not answer any more.`);
  }

  async function fail(reason: string): Promise<void> {
    await records.setPreview({ ...start(), status: 'failed', reason });
  }

  async function run(): Promise<void> {
    if (input.ready) return watch();
    if (input.command === null) {
      const until = new Date(Date.now() + input.wait_ms).toISOString();
      progress.set('waiting', `the agent's own server on port ${port}`, { for: 'sandbox', until });
    }
    let state = input.command === null ? await untilServing(input.wait_ms) : ('silent' as const);
    if (state === 'silent' && !stopped) {
      progress.set('running', 'starting the dev server');
      const { problem } = await sandbox.startPreview({ ...start(), port });
      if (problem) return fail(problem);
      state = await untilServing(input.start_ms);
    }
    if (state === 'silent')
      return fail(
        `Nothing serves port ${port} after ${input.start_ms / 1000} s. Start the server in the sandbox, or retry.`,
      );
    if (state === 'ended' || stopped) return;
    await records.setPreview({ ...start(), status: 'ready', port });
    await watch();
  }

  try {
    await run();
  } catch (error) {
    // Continue-as-new is thrown too. An error of the code itself fails the workflow task, which a corrected version repeats.
    if (!wasCancelled(error) && !(error instanceof TemporalFailure)) throw error;
    const end = wasCancelled(error)
      ? { status: 'stopped' as const, reason: 'The preview was cancelled.' }
      : { status: 'failed' as const, reason: stepFailure(error) };
    await CancellationScope.nonCancellable(() => records.setPreview({ ...start(), ...end }));
  }
  await CancellationScope.nonCancellable(() => sandbox.stopPreview(start()));
  progress.set('completed', 'ended');
}
