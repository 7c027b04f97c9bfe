import { patched } from '@temporalio/workflow';
import type { ModelTurnResult } from '#activities/agent/turn/index.ts';
import { workflowId } from '../contracts/ids.ts';
import type { ToolOutcome } from '../contracts/run.ts';
import { nudgeSignal } from '../contracts/watch.ts';
import { judgeTurn, type LoopDecision } from '../domain/agent/loop-control.ts';
import { models } from '../support/activities.ts';
import { signalIfRunning } from '../support/handlers.ts';
import type { AgentCalls } from './calls.ts';
import type { AgentCompaction } from './compaction.ts';
import type { AgentIterations } from './iterations.ts';
import type { AgentRun, End, AnsweredTurn } from './run.ts';
import type { AgentWaits } from './waits.ts';

/** Seconds of the n-th wait for a provider that does not say how long: 15 s doubling to 15 min. */
const providerWait = (n: number) => Math.min(900, 15 * 2 ** n);

const endsIteration = (outcome: ToolOutcome) =>
  outcome.kind === 'claimed' || outcome.kind === 'submitted' || outcome.kind === 'reviewed';

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
    const warm =
      state.last_call_at !== null &&
      Date.now() - Date.parse(state.last_call_at) < input.limits.cache_ttl_seconds * 1000;
    const called = await control.interruptible(() =>
      models.modelTurn({
        ...ref,
        turn: state.turn + 1,
        call_no: state.call_no,
        iteration: state.iteration,
        notices: state.notices,
        cached_tokens: warm ? state.context_tokens : 0,
        double_output: state.double_output,
        ...(state.ask_anyway ? { ask_anyway: true } : {}),
      }),
    );
    if ('cut' in called) return undefined;
    const result = called.value;
    if (result.kind !== 'turn') return this.withoutAnswer(result);
    Object.assign(state, {
      turn: result.turn,
      iteration_turn: state.iteration_turn + 1,
      cost_micros: result.run_cost_micros,
      context_tokens: result.context_tokens,
      last_call_at: new Date().toISOString(),
      notices: [],
      waits: 0,
      ask_anyway: false,
      since_compaction: state.since_compaction + 1,
    });
    return this.act(result);
  }

  /** The model gave no turn: a wait, a limit, or an error that only a person can fix. */
  private async withoutAnswer(result: Exclude<ModelTurnResult, AnsweredTurn>): Promise<End | undefined> {
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
        await waits.waitFor('budget', result.message, { done: () => control.wakes > wakes });
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
    const { state } = this.run;
    const { calls: made, iterations } = this.parts;
    const { calls, files_changed: filesChanged } = await made.make(result);
    state.double_output = false;
    const outcomes = calls.flatMap((call) => (call.outcome && !call.is_error ? [call.outcome] : []));
    await made.followDiscoveries(outcomes);
    const final = outcomes.find(endsIteration);
    if (final) return iterations.close(final.kind, '', final);
    const refused = iterations.countRefusals(calls);
    if (refused) return iterations.closeForRefusals(refused);
    const { decision, memory } = judgeTurn(state, {
      stop_reason: result.stop_reason,
      text: result.text,
      progressed: filesChanged || outcomes.length > 0,
      files_changed: filesChanged,
      rephrase: result.stop_reason === 'refusal' && patched('refusal-rephrased'),
      calls: calls.map((call) => ({
        name: call.name,
        signature: { call: call.signature[0], result: call.signature[1], error: call.is_error },
        malformed: call.error_kind === 'bad_input',
        timed_out: call.error_kind === 'timeout',
        waiting: call.waiting,
      })),
    });
    Object.assign(state, memory);
    return this.decide(decision, result);
  }

  private async decide(decision: LoopDecision, result: AnsweredTurn): Promise<End | undefined> {
    const { state, input } = this.run;
    const { iterations, compaction } = this.parts;
    if (input.kind === 'task' && state.quiet_turns > 0 && state.quiet_turns % input.limits.quiet_turns === 0)
      await signalIfRunning(workflowId.guardian(input.project_id), nudgeSignal, { run_id: input.run_id });
    switch (decision.kind) {
      case 'go_on':
        return undefined;
      case 'nudge':
        // After a rewrite of the context a repetition means that it lost what it knew.
        if (state.compactions > 0 && state.since_compaction <= 10 && decision.notice === 'same_result') {
          state.paused = { by: 'platform', reason: 'The run repeats itself since its context was shortened.' };
        }
        state.notices.push(decision.notice);
        return undefined;
      case 'pause':
        state.paused = {
          by: 'platform',
          reason: result.message ? `${decision.message} It said: ${result.message}` : decision.message,
        };
        return undefined;
      case 'end':
        return { status: 'failed', reason: decision.reason, message: decision.message };
      case 'iteration_over':
        return iterations.close('stopped', 'You stopped without calling a tool.');
      case 'more_room':
        state.notices.push('more_room');
        state.double_output = true;
        return undefined;
      case 'compact':
        state.notices.push('context_full');
        return compaction.shorten(1);
    }
  }
}
