import { condition, patched } from '@temporalio/workflow';
import { workflowId } from '../contracts/ids.ts';
import { slotDelayedSignal, type QueueEntry } from '../contracts/work.ts';
import { stepFailure, failureOf, wasCancelled } from './failure.ts';
import { inBackground, signalIfRunning } from './handlers.ts';
import { retryingNow, showRetrying } from './retrying.ts';

/** Steps of a queue that may fail: while one does, those that wait for a slot show the reason and the next try. */
export class SlotDelay {
  /** The steps that fail, by name. */
  private readonly failing = new Map<string, { since: string; failures: number }>();

  /** @param shown those that wait have been told of a failure, before this part of the queue's history. */
  constructor(
    private readonly waiting: readonly QueueEntry[],
    private readonly nextTrySeconds: number,
    public shown = false,
  ) {}

  /**
   * The queue outlives a step that failed, since all work of the project waits for it: it tries again at its next look.
   * @returns why the step failed, for a person; empty when it did not.
   */
  async orLater(name: string, step: () => Promise<void>): Promise<string> {
    let over = false;
    const showing = this.showWhile(() => !over);
    let trouble = '';
    try {
      await step();
      const passed = this.failing.get(name);
      if (passed) showRetrying(passed);
      this.failing.delete(name);
    } catch (error) {
      if (wasCancelled(error)) throw error;
      const failed = this.failing.get(name) ?? { since: new Date().toISOString(), failures: 0 };
      this.failing.set(name, failed);
      failed.failures += 1;
      showRetrying(failed, {
        step: name,
        since: failed.since,
        attempt: failed.failures + 1,
        error: failureOf(error).message,
        next_try_at: new Date(Date.now() + this.nextTrySeconds * 1000).toISOString(),
      });
      trouble = `. ${stepFailure(error)} The queue tries again within ${this.nextTrySeconds} s.`;
    } finally {
      over = true;
    }
    await showing;
    await this.show();
    return trouble;
  }

  private async showWhile(going: () => boolean): Promise<void> {
    for (let known = retryingNow(); ; known = retryingNow()) {
      await condition(() => !going() || retryingNow() !== known);
      if (!going()) return;
      await this.show();
    }
  }

  private async show(): Promise<void> {
    const retrying = retryingNow();
    if (!retrying && !this.shown) return;
    if (this.waiting.length === 0 || !patched('slot-delay-shown')) return;
    this.shown = retrying !== null;
    const tell = async (id: string) =>
      (await signalIfRunning(workflowId.task(id), slotDelayedSignal, { retrying })) ||
      (await signalIfRunning(workflowId.run(id), slotDelayedSignal, { retrying }));
    await Promise.all(this.waiting.map((entry) => inBackground(tell(entry.task_id))));
  }
}
