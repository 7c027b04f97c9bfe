import { patched } from '@temporalio/workflow';
import { workflowId } from '../contracts/ids.ts';
import type { ToolOutcome } from '../contracts/run.ts';
import type { NoTurn } from '../contracts/stretch.ts';
import { nudgeSignal } from '../contracts/watch.ts';
import { afterAnswer, afterTurn, nextAsk, outcomesOf, type Decided } from '../domain/agent/state.ts';
import { models } from '../support/activities.ts';
import { signalIfRunning } from '../support/handlers.ts';
import type { AgentCalls } from './calls.ts';
import type { AgentCompaction } from './compaction.ts';
import type { AgentIterations } from './iterations.ts';
import type { AgentRun, End, AnsweredTurn } from './run.ts';
import type { AgentWaits } from './waits.ts';

/** Seconds of the n-th wait for a provider that does not say how long: 15 s doubling to 15 min. */
const providerWait = (n: number) => Math.min(900, 15 * 2 ** n);

/** The turns of a run: one model call, its tool calls, and the decision about what follows. */
export class AgentTurns {
  constructor(
    private readonly run: AgentRun,
    private readonly parts: {
      waits: AgentWaits;
      calls: AgentCalls;
      iterations: AgentIterations;
      compaction: AgentCompaction;
    },
  ) {}

  /** @returns the run's end, or undefined where another turn follows. */
  async take(): Promise<End | undefined> {
    const { state, control, input, progress, ref } = this.run;
    progress.set('running', `thinking (turn ${state.turn + 1})`);
    state.call_no += 1;
    control.pendingUrgency = null;
    const asked = { ...ref, ...nextAsk(state, input.limits.cache_ttl_seconds, Date.now()) };
    const called = await control.interruptible(() => models.modelTurn(asked));
    if ('cut' in called) return undefined;
    const result = called.value;
    if (result.kind !== 'turn') return this.withoutAnswer(result);
    Object.assign(state, afterAnswer(state, result, new Date().toISOString()));
    return this.act(result);
  }

  /** The model gave no turn: a wait, a limit, or an error that only a person can fix. */
  async withoutAnswer(result: NoTurn): Promise<End | undefined> {
    const { state, control, input } = this.run;
    const { waits, compaction } = this.parts;
    switch (result.kind) {
      case 'wait': {
        const seconds = result.seconds ?? providerWait(state.waits);
        state.waits += 1;
        await waits.waitFor('model', result.message, { done: () => false, ms: seconds * 1000 });
        return undefined;
      }
      case 'budget': {
        // An exploration ends: the run that asks waits for the money, where a person looks.
        if (result.scope_type === 'run' && (input.kind === 'explore' || !patched('run-budget-waits')))
          return { status: 'failed', reason: 'max_cost_reached', message: result.message };
        const wakes = control.wakes;
        const ms = result.until === undefined ? undefined : Math.max(1000, Date.parse(result.until) - Date.now());
        await waits.waitFor('budget', result.message, { done: () => control.wakes > wakes, ms });
        return undefined;
      }
      case 'person':
        state.ask_anyway = true;
        state.paused = { by: 'platform', reason: result.message };
        return undefined;
      case 'compact':
        return compaction.shorten(0);
      case 'drop_thinking':
        return compaction.dropRefused('thinking', result.message);
      case 'drop_images':
        return compaction.dropRefused('images', result.message);
      case 'switch_model':
        return compaction.switchModel(result);
      case 'fail':
        return { status: 'failed', reason: result.reason, message: result.message };
    }
  }

  private async act(result: AnsweredTurn): Promise<End | undefined> {
    const { state, input } = this.run;
    const { calls: made } = this.parts;
    const { calls, files_changed } = await made.make(result);
    await made.followDiscoveries(outcomesOf(calls));
    const rephrase = result.stop_reason === 'refusal' && patched('refusal-rephrased');
    const after = afterTurn(state, { ...result, calls, files_changed, rephrase }, input);
    Object.assign(state, after.state);
    if (after.quiet)
      await signalIfRunning(workflowId.guardian(input.project_id), nudgeSignal, { run_id: input.run_id });
    return after.next.kind === 'turn' ? undefined : this.follow(after.next);
  }

  /** Does what the rules have decided after a turn. */
  async follow(next: Decided<ToolOutcome>): Promise<End | undefined> {
    const { iterations, compaction } = this.parts;
    switch (next.kind) {
      case 'close':
        return iterations.close(next.cause, next.message, next.outcome);
      case 'end':
        return { status: 'failed', reason: next.reason, message: next.message };
      case 'compact':
        return compaction.shorten(1);
    }
  }
}
