import type { OpenedPullRequest } from '#activities/ticket/pull-request.ts';
import { condition, type ChildWorkflowHandle } from '@temporalio/workflow';
import type { SpecInput } from '../contracts/spec.ts';
import { planSession } from '../domain/phases/names.ts';
import type { specPhaseWorkflow } from '../spec-phase.ts';
import { records, work } from '../support/activities.ts';
import { stepFailure, wasCancelled } from '../support/failure.ts';
import { SignalHandlers } from '../support/handlers.ts';
import { ProgressReport } from '../support/progress.ts';
import { Turns } from '../support/turns.ts';

/** The parts of a spec's work that its loop, its gates, its pauses and its tickets share. */
export class SpecRun {
  readonly progress = new ProgressReport('fetching the repository');
  readonly signals: SignalHandlers;
  readonly ref: { organization_id: string; spec_id: string };
  /** Why the spec is paused, and by whom. */
  paused: string | undefined;
  /** The phase that runs. */
  phaseRun: ChildWorkflowHandle<typeof specPhaseWorkflow> | undefined;
  /** Why a step failed and waits for a person; a person's retry clears it. */
  failed: string | undefined;
  branch = '';
  /** Steps that open its pull request or bring it up to date, one after another. */
  readonly pulls = new Turns();
  /** A person wanted its pull request before its work is complete. */
  openedEarly = false;

  constructor(readonly input: SpecInput) {
    this.signals = new SignalHandlers(input);
    this.ref = { organization_id: input.organization_id, spec_id: input.spec_id };
  }

  /** The session that plans the phase at this place of the plan. */
  sessionAt(index: number): string | undefined {
    const { compact, phases } = this.input.plan;
    return compact ? planSession : phases[index];
  }

  /** Opens the pull request with the work that is there, or brings it up to date. */
  openEarly(): Promise<OpenedPullRequest> {
    return this.pulls.take(() => work.openEarlyPull(this.ref));
  }

  async waitUntilRetried(reason: string): Promise<void> {
    this.failed = reason;
    await records.markSpec({ ...this.ref, status: 'waiting', waiting_for: 'person', error: reason });
    this.progress.set('waiting', reason, { for: 'person' });
    await condition(() => this.failed === undefined);
    await records.markSpec({ ...this.ref, status: 'executing', waiting_for: null, error: null });
  }

  /** Does a step again each time it has failed and a person has asked for a retry. */
  async orWaitUntilRetried<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (wasCancelled(error)) throw error;
        await this.waitUntilRetried(`${stepFailure(error)} Fix the cause, then retry the spec.`);
      }
    }
  }
}
