import { CancellationScope, condition, continueAsNew, TemporalFailure } from '@temporalio/workflow';
import type { AgentInput, RunOutcome } from '../contracts/run.ts';
import { asksAt, limitsToAnnounce, type LimitReached } from '../domain/agent/limits.ts';
import { records } from '../support/activities.ts';
import { mayRetry } from '../domain/tasks/retry.ts';
import { failureOf, stepFailure, wasCancelled } from '../support/failure.ts';
import { historyIsLong, handlersFinished } from '../support/history.ts';
import { AgentCalls } from './calls.ts';
import { AgentCompaction } from './compaction.ts';
import { AgentIterations } from './iterations.ts';
import { AgentRun, type End } from './run.ts';
import { AgentStretches } from './stretches.ts';
import { AgentTurns } from './turns.ts';
import { AgentWaits } from './waits.ts';

/** A step failed for good. A fresh attempt can help where its type says so; otherwise a person has to fix the cause. */
function failedStep(error: unknown): End {
  const { reason, message } = failureOf(error);
  return mayRetry(reason)
    ? { status: 'failed', reason, message }
    : { status: 'failed', reason: 'step_failed', message: `${stepFailure(error)} Fix the cause, then retry.` };
}

/**
 * One agent, durable: each model call and each tool call is a step, so that the run continues at the same turn
 * whichever process dies. The state here is small; messages, results and files are in the store and travel by id.
 */
export class AgentLoop {
  private readonly run: AgentRun;
  private readonly waits: AgentWaits;
  private readonly iterations: AgentIterations;
  private readonly compaction: AgentCompaction;
  private readonly turns: AgentTurns;
  private readonly stretches: AgentStretches;

  constructor(private readonly input: AgentInput) {
    this.run = new AgentRun(input);
    this.waits = new AgentWaits(this.run);
    this.iterations = new AgentIterations(this.run, this.waits);
    this.compaction = new AgentCompaction(this.run);
    const parts = {
      waits: this.waits,
      calls: new AgentCalls(this.run, this.waits),
      iterations: this.iterations,
      compaction: this.compaction,
    };
    this.turns = new AgentTurns(this.run, parts);
    this.stretches = new AgentStretches(this.run, { ...parts, turns: this.turns, takeIn: () => this.takeIn() });
  }

  async untilEnd(): Promise<RunOutcome> {
    const { state, control } = this.run;
    try {
      if (!state.sandbox_open) {
        await this.waits.takeOwnSlot();
        if (!this.input.own_slot || !control.stop) await this.waits.openSandbox();
      }
      this.waits.armDeadline();
      for (;;) {
        const next = this.run.inStretches ? this.stretches : this.turns;
        const end = (await this.beforeTurn()) ?? (await (this.input.elsewhere ? this.untilReported() : next.take()));
        this.run.publishTotals();
        if (end && (await this.end(end))) return this.outcome(end);
      }
    } catch (error) {
      // Continue-as-new is thrown too. An error of the code itself fails the workflow task, which a corrected version
      // repeats.
      if (!wasCancelled(error) && !(error instanceof TemporalFailure)) throw error;
      const end: End = wasCancelled(error)
        ? { status: 'cancelled', reason: 'cancelled', message: 'The run was cancelled.' }
        : failedStep(error);
      await CancellationScope.nonCancellable(() => this.end(end));
      return this.outcome(end);
    } finally {
      control.disarmDeadline();
    }
  }

  /** An agent elsewhere works. It reads its order and its messages by REST, and says by REST that it is done. */
  private async untilReported(): Promise<undefined> {
    const { control, progress, state } = this.run;
    progress.set('running', 'an agent elsewhere works on it');
    const { expired } = control;
    await condition(
      () =>
        control.stop !== undefined ||
        control.reported !== undefined ||
        control.incoming.length > 0 ||
        control.signals.someIgnored ||
        state.paused !== null ||
        control.expired !== expired,
    );
  }

  private outcome(end: End): RunOutcome {
    const { progress, state } = this.run;
    progress.set(end.status, end.message);
    return { ...end, turns: state.turn, cost_micros: state.cost_micros };
  }

  /** @returns false when a message came in between: then there is one more turn. */
  private async end(end: End): Promise<boolean> {
    const { progress, sandbox, ref, state, control } = this.run;
    progress.set('running', 'ending');
    await this.takeIn();
    const { ended, message } = await sandbox.endRun({ ...ref, ...end, turn: state.turn });
    if (message) end.message = message;
    if (ended) await this.waits.releaseOwnSlot();
    // A message that comes while the run ends is refused by name: accepted is not lost.
    while (ended && control.incoming.length > 0) await this.takeIn();
    return ended;
  }

  private async beforeTurn(): Promise<End | undefined> {
    const { control, state, input } = this.run;
    await this.takeIn();
    if (control.stop) return this.stopped();
    if (state.paused)
      await this.waits.waitFor('person', state.paused.reason, {
        done: () => state.paused === null,
        paused: true,
        notice: 'resumed',
      });
    if (control.stop) return this.stopped();
    if (control.reported) {
      const outcome = control.reported;
      control.reported = undefined;
      return this.iterations.close(outcome.kind, '', outcome);
    }
    if (historyIsLong()) await this.continueAsNew();
    const over = control.expired ? await this.iterations.closeForTime() : undefined;
    if (over) return over;
    const reached = this.checkLimits();
    if (reached && !asksAt(reached, input.limits)) return { status: 'failed', ...reached };
    if (reached) {
      await this.waits.untilRaised(reached);
      return this.beforeTurn();
    }
    if (state.iteration_turn >= input.limits.iteration_turns) return this.iterations.closeForTurns();
    await this.compaction.compactIfNeeded();
    return undefined;
  }

  private stopped(): End | undefined {
    const { stop } = this.run.control;
    if (!stop) return undefined;
    const { by, reason, message } = stop;
    // A guardian's stop is a failed attempt, which may be tried again; a person's is the end.
    return { status: reason === 'stopped' ? 'cancelled' : 'failed', reason, message: `${message} (${by})`, by };
  }

  /** Gives rows to the messages that came by signal. */
  private async takeIn(): Promise<void> {
    const { control, ref } = this.run;
    if (control.incoming.length > 0) {
      const messages = control.incoming;
      control.incoming = [];
      // Once it is taken out of the list only its row keeps it, even if the run is cancelled meanwhile.
      await CancellationScope.nonCancellable(() => records.storeMessages({ ...ref, messages }));
    }
    if (control.signals.someIgnored) await control.signals.recordIgnored();
  }

  /**
   * Gives notice of limits that come near. One that is reached grants one last turn.
   * @returns the limit at which the run ends or asks a person.
   */
  private checkLimits(): LimitReached | undefined {
    const { state, input } = this.run;
    this.takeInRaise();
    for (const name of limitsToAnnounce(state, input.limits, state.noticed)) {
      state.noticed.push(name);
      state.notices.push(`limit_${name}`);
    }
    const reached = this.run.limitReached();
    if (!reached) return undefined;
    if (state.grace_used) return reached;
    state.grace_used = true;
    state.notices.push('grace');
    this.waits.armDeadline();
    return undefined;
  }

  /** A raised limit is announced again when it comes near, and grants a last turn again when it is reached. */
  private takeInRaise(): void {
    const { state, control, input } = this.run;
    if (!control.limitsRaised) return;
    control.limitsRaised = false;
    const near = limitsToAnnounce(state, input.limits, []);
    state.noticed = state.noticed.filter((name) => near.some((other) => other === name));
    if (!state.grace_used || this.run.limitReached()) return;
    state.grace_used = false;
    state.notices.push('raised');
    this.waits.armDeadline();
  }

  private async continueAsNew(): Promise<void> {
    const { control, state } = this.run;
    control.disarmDeadline();
    await handlersFinished();
    await this.takeIn();
    if (control.stop || control.reported) return;
    const carried = this.run.inStretches ? { state, stretches: this.stretches.count } : { state };
    await continueAsNew<(input: AgentInput) => Promise<RunOutcome>>({ ...this.input, ...carried });
  }
}
