import { condition, patched } from '@temporalio/workflow';
import { heldSignal, holdSignal, pauseSpecUpdate, resumeSpecUpdate } from '../contracts/spec.ts';
import { records } from '../support/activities.ts';
import { handleUpdate, inBackground, refuse, signalIfRunning } from '../support/handlers.ts';
import type { SpecRun } from './run.ts';

/** The pause of a spec: it reaches the phase under way and the runs of the spec's tickets. */
export class SpecPauses {
  /** Runs of its tickets that wait because the spec is paused. */
  private readonly pausedRuns: string[] = [];
  private propagation = Promise.resolve();

  constructor(private readonly spec: SpecRun) {}

  handleUpdates(): void {
    const { spec } = this;
    handleUpdate(pauseSpecUpdate, {
      apply: ({ reason, actor }) => {
        spec.paused = `${reason ?? 'Paused'} (${actor ?? 'operator'})`;
        this.propagatePause();
        return { state: 'paused' };
      },
    });
    handleUpdate(resumeSpecUpdate, {
      check: () => {
        if (!spec.paused) throw refuse('The spec is not paused.');
      },
      apply: () => {
        spec.paused = undefined;
        this.propagatePause();
        return { state: 'running' };
      },
    });
  }

  handleSignals(): void {
    this.spec.signals.handle(heldSignal, ({ run_id: runId }) => {
      this.pausedRuns.push(runId);
      if (!this.spec.paused) this.propagatePause();
    });
  }

  /** Passes the pause on to all that work for the spec, or its end: one change after another, in its latest state. */
  propagatePause(): void {
    // A run that paused by itself has to be resumed, by a spec from before this patch too.
    if (this.pausedRuns.length === 0 && !patched('pause-reaches-agents')) return;
    this.propagation = this.propagation.then(() => inBackground(this.pauseAgents()));
  }

  private async pauseAgents(): Promise<void> {
    const { paused, phaseRun, progress, ref } = this.spec;
    const { organization_id, project_id, spec_id } = this.spec.input;
    const reason = paused ? `The spec is paused. ${paused}` : null;
    await (phaseRun && signalIfRunning(phaseRun, holdSignal, { reason }));
    if (reason) {
      const { run_ids: runIds } = await records.holdRuns({
        organization_id,
        project_id,
        spec_id,
        run_id: null,
        reason,
      });
      this.pausedRuns.push(...runIds);
    } else if (this.pausedRuns.length > 0) {
      await records.resumeRuns({ run_ids: this.pausedRuns.splice(0) });
    }
    // Between its steps the spec shows by itself what it does.
    if (!phaseRun || phaseRun !== this.spec.phaseRun || paused !== this.spec.paused) return;
    if (paused) progress.set('paused', paused, { for: 'person' });
    else progress.set('running', `phase ${this.spec.sessionAt(progress.now.totals.phases_done ?? 0)}`);
    await records.markSpec({
      ...ref,
      status: paused ? 'paused' : 'executing',
      waiting_for: paused ? 'person' : null,
      waiting_reason: paused ?? null,
    });
  }

  async waitWhilePaused(): Promise<void> {
    const { spec } = this;
    if (spec.signals.someIgnored) await spec.signals.recordIgnored();
    if (!spec.paused) return;
    await records.markSpec({
      ...spec.ref,
      status: 'paused',
      waiting_for: 'person',
      waiting_reason: spec.paused,
    });
    spec.progress.set('paused', spec.paused, { for: 'person' });
    await condition(() => spec.paused === undefined);
    await records.markSpec({ ...spec.ref, status: 'executing', waiting_for: null });
  }
}
