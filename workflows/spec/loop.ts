import { CancellationScope, patched, startChild } from '@temporalio/workflow';
import { workflowId } from '../contracts/ids.ts';
import {
  cancelSpecUpdate,
  openEarlyUpdate,
  retrySpecUpdate,
  type PhaseResult,
  type SpecInput,
} from '../contracts/spec.ts';
import { specPhaseWorkflow } from '../spec-phase.ts';
import { endedAtLimit } from '../domain/phases/phase-limits.ts';
import { records, work } from '../support/activities.ts';
import { childOptions } from '../support/children.ts';
import { stepFailure, wasCancelled } from '../support/failure.ts';
import { handleUpdate, refuse } from '../support/handlers.ts';
import { SpecGates } from './gates.ts';
import { SpecPauses } from './pauses.ts';
import { SpecQuestions } from './questions.ts';
import { SpecRun } from './run.ts';
import { SpecTickets } from './tickets.ts';

export interface SpecResult {
  status: 'pr_created' | 'completed' | 'failed' | 'cancelled';
  message: string;
}

/**
 * A feature from sentence to pull request: phases behind gates, then its tickets in parallel, each joined as it is
 * done, then the one pull request.
 */
export class SpecLoop {
  private readonly spec: SpecRun;
  private readonly gates: SpecGates;
  private readonly questions: SpecQuestions;
  private readonly pauses: SpecPauses;
  private readonly tickets: SpecTickets;
  private readonly scope = new CancellationScope();
  private cancelReason: string | undefined;
  private cancelledBy: string | undefined;
  /** How often each phase was started. */
  private readonly chains: Record<string, number>;

  constructor(private readonly input: SpecInput) {
    this.spec = new SpecRun(input);
    this.gates = new SpecGates(this.spec);
    this.questions = new SpecQuestions(this.spec);
    this.pauses = new SpecPauses(this.spec);
    this.tickets = new SpecTickets(this.spec, this.pauses);
    this.chains = { ...input.again?.chains };
    this.gates.handleUpdates();
    this.questions.handleUpdates();
    this.pauses.handleUpdates();
    this.handleUpdates();
    this.handleEarlyPull();
    this.pauses.handleSignals();
    this.tickets.handleSignals();
    this.spec.signals.ignoreRest();
  }

  private handleUpdates(): void {
    handleUpdate(cancelSpecUpdate, {
      apply: ({ reason, actor }) => {
        this.cancelledBy = actor ?? 'operator';
        this.cancelReason = `${reason ?? 'Cancelled'} (${this.cancelledBy})`;
        this.scope.cancel();
        return { state: 'cancelling' };
      },
    });
    handleUpdate(retrySpecUpdate, {
      check: () => {
        if (!this.spec.failed && !this.tickets.waitForCancelled)
          throw refuse('Nothing in the spec has failed that could be retried.');
      },
      apply: () => {
        if (this.tickets.waitForCancelled) this.tickets.forgoCancelled();
        this.spec.failed = undefined;
        return { state: 'running' };
      },
    });
  }

  private handleEarlyPull(): void {
    const { spec } = this;
    handleUpdate(openEarlyUpdate, {
      check: () => {
        if (!spec.branch) throw refuse('The spec has no work yet. Wait until its first ticket is joined.');
        if (spec.pulls.taken) throw refuse('The pull request of the spec is being opened. Ask again.');
      },
      apply: async () => {
        const opened = await spec.openEarly();
        if (!opened.opened) throw refuse(opened.reason);
        spec.openedEarly = true;
        const { pull_request_id, number, url } = opened;
        return { pull_request_id, number, url };
      },
    });
  }

  async untilDone(): Promise<SpecResult> {
    try {
      return await this.scope.run(() => this.untilPullRequest());
    } catch (error) {
      const cancelled = wasCancelled(error);
      const message = cancelled ? (this.cancelReason ?? 'The spec was cancelled.') : stepFailure(error);
      const status = cancelled ? 'cancelled' : 'failed';
      const result = await CancellationScope.nonCancellable(() => this.end(status, message));
      if (!cancelled || !this.cancelReason) throw error;
      return result;
    }
  }

  private async end(status: 'failed' | 'cancelled', message: string): Promise<SpecResult> {
    await records.markSpec({
      ...this.spec.ref,
      status,
      waiting_for: null,
      error: message,
      ended: true,
      event: 'spec.execution_failed',
      data: { error: message },
      ...(status === 'cancelled' && this.cancelledBy ? { by: this.cancelledBy } : {}),
    });
    this.spec.progress.set(status, message);
    return { status, message };
  }

  private async untilPullRequest(): Promise<SpecResult> {
    const { spec } = this;
    spec.progress.set('running', 'fetching the repository');
    if (this.input.again)
      await records.markSpec({ ...spec.ref, status: 'executing', waiting_for: null, error: null, ended: false });
    spec.branch = (await work.openSpec(spec.ref)).branch;
    const failure = await this.plan();
    if (failure) return this.end('failed', failure);
    const synced = await records.syncPlan(spec.ref);
    if (synced?.spawn === false)
      await spec.waitUntilRetried(
        'The plan is on the board. The project does not start tasks by itself (settings.auto_spawn_tasks): retry the spec to start them.',
      );
    await this.spec.orWaitUntilRetried(() => this.tickets.untilJoined());
    return this.openPullRequest();
  }

  /**
   * Runs the phases of the plan in order, or the one session of a compact plan, and then passes the gate of each phase.
   * @returns why planning failed, or undefined.
   */
  private async plan(): Promise<string | undefined> {
    const { spec } = this;
    const { phases, compact } = this.input.plan;
    let feedback = this.input.again?.feedback ?? undefined;
    let i = this.input.again?.from ?? 0;
    // A retried spec repeats its first phase whose gate is not open, even where it has passed and waited for a person.
    let from = compact && this.input.again ? phases[i] : undefined;
    let made: PhaseResult['sections'];
    for (let phase = phases[i]; phase !== undefined; phase = phases[i]) {
      this.questions.phase = phase;
      await this.pauses.waitWhilePaused();
      if (!made) {
        this.questions.takeAnswered();
        const session = spec.sessionAt(i) ?? phase;
        const result = await this.runPhase(session, i, feedback, from);
        feedback = from = undefined;
        if (!result.passed) {
          const failure = `The phase ${session} failed: ${result.message}`;
          // A limit says nothing about the plan: a person raises it, and planning continues with the draft.
          if (!endedAtLimit(result.reason) || !patched('phase-at-limit-waits')) return failure;
          await spec.waitUntilRetried(`${failure} Raise its limit if it needs more, then retry the spec.`);
          continue;
        }
        made = compact ? (result.sections ?? []) : [{ phase, score: result.score, attempt: result.attempt }];
      }
      const gate = await this.gates.pass(
        phase,
        made.find((section) => section.phase === phase) ?? { score: null, attempt: 1 },
      );
      if (gate.next === 'rejected') return `${phase}: rejected at its gate.`;
      if (gate.next === 'again') feedback = gate.feedback;
      else i += 1;
      if (gate.next === 'again' || !compact) made = undefined;
      else if (this.questions.takeAnswered()) {
        // The later sections were made without the answers.
        made = undefined;
        from = phases[i];
      }
    }
    this.questions.phase = undefined;
    return undefined;
  }

  /** Runs the session of a phase. @param from of a compact plan that is made again: the first phase that is. */
  private async runPhase(
    phase: string,
    done: number,
    feedback: string | undefined,
    from: string | undefined,
  ): Promise<PhaseResult> {
    const { spec } = this;
    const chain = (this.chains[phase] ?? 0) + 1;
    this.chains[phase] = chain;
    spec.progress.now.attempt = chain;
    spec.progress.set('running', `phase ${phase}`);
    spec.progress.now.totals = { phases: this.input.plan.phases.length, phases_done: done };
    spec.phaseRun = await startChild(specPhaseWorkflow, {
      ...childOptions(this.input, { phase }),
      workflowId: workflowId.specPhase(this.input.spec_id, phase),
      args: [
        {
          spec_id: this.input.spec_id,
          organization_id: this.input.organization_id,
          project_id: this.input.project_id,
          phase,
          chain,
          feedback: feedback ?? null,
          from,
        },
      ],
    });
    if (spec.paused) this.pauses.propagatePause();
    const result = await spec.phaseRun.result();
    spec.phaseRun = undefined;
    return result;
  }

  /** The project wants no pull request: the work ends on its branch. */
  private async endWithBranch(message: string): Promise<SpecResult> {
    await records.markSpec({
      ...this.spec.ref,
      status: 'completed',
      waiting_for: null,
      phase: 'complete',
      error: null,
      ended: true,
      event: 'spec.execution_completed',
      data: { branch: this.spec.branch },
    });
    this.spec.progress.set('completed', message);
    return { status: 'completed', message };
  }

  private async openPullRequest(): Promise<SpecResult> {
    const { spec } = this;
    for (;;) {
      await this.pauses.waitWhilePaused();
      spec.progress.set('running', 'opening the pull request');
      const opened = await spec.orWaitUntilRetried(() =>
        spec.pulls.take(() => work.openPullRequest({ ...spec.ref, ticket_id: null })),
      );
      if (opened.opened) {
        await records.markSpec({
          ...spec.ref,
          status: 'pr_created',
          waiting_for: null,
          phase: 'complete',
          error: null,
          ended: true,
          event: 'spec.execution_completed',
          data: { pr_number: opened.number, pr_url: opened.url },
        });
        const message = `Pull request #${opened.number} is open: ${opened.url}`;
        spec.progress.set('completed', message);
        return { status: 'pr_created', message };
      }
      if (opened.done) return this.endWithBranch(opened.reason);
      await spec.waitUntilRetried(opened.reason);
    }
  }
}
