import { setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { progressQuery, type Progress, type RunState, type WaitingFor } from '../contracts/progress.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { retryingNow } from './retrying.ts';

/** The present state of a workflow, for the query `progress` and the search attribute OmoiosStatus. */
export class ProgressReport {
  readonly now: Omit<Progress, 'retrying'>;
  private shown: RunState | undefined;

  constructor(step: string) {
    this.now = {
      state: 'pending',
      step,
      since: new Date().toISOString(),
      waiting_for: null,
      attempt: 1,
      next_wake_at: null,
      totals: {},
    };
    setHandler(progressQuery, () => ({ ...this.now, retrying: retryingNow() }));
  }

  /**
   * Sets the state. The search attribute is written only when it changes, since each write adds an event to the
   * history.
   */
  set(state: RunState, step: string, waiting: { for?: WaitingFor | null; until?: string | null } = {}): void {
    const changed = state !== this.now.state || step !== this.now.step;
    Object.assign(this.now, { state, step, waiting_for: waiting.for ?? null, next_wake_at: waiting.until ?? null });
    if (changed) this.now.since = new Date().toISOString();
    if (this.shown !== state) {
      upsertSearchAttributes([{ key: searchAttributes.status, value: state }]);
      this.shown = state;
    }
  }
}
