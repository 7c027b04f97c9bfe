import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { isStopped, type NightTerms } from '#workflows/domain/agent/night-terms.ts';
import { estimateTokens, type TokenCounts } from '#workflows/domain/billing/prices.ts';
import { affordableOutput, estimateTurn, type TurnEstimate } from '#workflows/domain/billing/turn-estimate.ts';
import type { NoTurn } from '#workflows/contracts/stretch.ts';
import type { Answer } from '#workflows/domain/agent/state.ts';
import { wasCutOff } from '#workflows/domain/agent/loop-control.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { ReservationResult } from '#prisma/store/reservations.ts';
import type { StoredLoop } from '#prisma/store/json.ts';
import { fenced } from '#workflows/domain/errors.ts';
import type { ToolCall } from '#prisma/store/tool-calls.ts';
import type { FinishedTurn } from '#prisma/store/finished-turn.ts';
import type { StoredTurn } from '#prisma/store/turns.ts';
import type { ModelResponse } from '../../ports/model.ts';
import type { Permit } from '../../ports/model-permits.ts';
import type { Services } from '../../ports/services.ts';
import type { ToolBox } from '../../tools/support/tool-box.ts';
import type { Conversation, Conversations } from '../conversation.ts';
import { callFacts, runInline, type CallFacts } from '../run-calls.ts';
import { kept } from '../../support/kept.ts';
import { measures } from '../../support/measures.ts';
import { endModelPause } from '../../ports/end-model-pause.ts';
import { createAskModel, onModelError, reservationKey } from './ask.ts';
import { createAskOthers } from './fallback.ts';
import { createCompose } from './compose.ts';
import { costEntry, paidRun, type PaidRun } from './estimate.ts';
import { createRefuseSpending } from './refuse-spending.ts';
import { stopForNight } from './stop-for-night.ts';

export interface ModelTurnInput {
  organization_id: string;
  run_id: string;
  turn: number;
  /** Counts the loop's calls of the model, so that a repeated activity adds nothing twice. */
  call_no: number;
  iteration: number;
  /** Codes of notices to send with the turn. */
  notices: string[];
  /** Tokens of this conversation in the provider's cache; 0 when the cache has expired. */
  cached_tokens: number;
  double_output: boolean;
  /** The owner that the run must have; absent: a turn of a loop that Temporal carries. */
  owner?: number;
  /** A person resumed the run after a pause of its provider: the provider is asked although the pause still holds. */
  ask_anyway?: boolean;
}

export type ModelTurnResult =
  | {
      kind: 'turn';
      turn: number;
      stop_reason: string;
      text: boolean;
      calls: CallFacts[];
      context_tokens: number;
      cost_micros: number;
      run_cost_micros: number;
      message?: string;
      delivered: number;
    }
  | NoTurn;

/** How a turn is tried. */
export interface TurnTry {
  signal: AbortSignal;
  /** Aborted when another worker continues: a write that fails is not tried again. */
  left?: AbortSignal;
  /** Counts the tries of the turn, from 1. */
  attempt: number;
  /** When the turn was due, by `performance.now()`; absent: a loop that Temporal carries. */
  due?: number;
  /** Given back when the model has answered. */
  permit?: Permit;
  /** The loop's state with which the turn begins; absent: a loop that Temporal carries. */
  loop?: StoredLoop;
  /** The loop's state after an answer. */
  loopAfter?: (answer: AnswerFacts) => StoredLoop;
}

/** What an answer counts for. */
export interface AnswerFacts extends Answer {
  /** Milliseconds, by a clock that nobody sets. */
  took_ms: number;
  answered_at: Date;
}

/** An answer of the model that is stored, and its calls, of which the leading reads have run. */
export interface TakenTurn {
  kind: 'turn';
  run: Run;
  row: StoredTurn['turn'];
  calls: ToolCall[];
  text: boolean;
  delivered: number;
  /** The turn was stored before, by an earlier try. */
  repeated: boolean;
}

type StartedTurn =
  | { stored: StoredTurn; run: Run }
  /** The end of the night has come: no turn begins. */
  | { night: NightTerms; spec_paused: boolean; run: Run }
  /** No key pays for the call, or the provider refuses all runs, until a person fixes the cause. */
  | { paused: string; run: Run }
  | {
      run: PaidRun;
      conversation: Conversation;
      delivered: number;
      estimate: TurnEstimate;
      reserved: ReservationResult;
      terms: NightTerms | null;
      /** The pause of the provider that the request ends if it is answered. */
      pause: string | null;
    };

/** Seconds after which a run that waits for disk space checks again. */
const diskWaitSeconds = 10;
const maxStarts = 20;

/** One turn: stores the user message, reserves money, calls the model, stores the answer, runs its leading reads. */
export function createModelTurn(services: Services, tools: ToolBox, conversations: Conversations) {
  const { store, config } = services;
  const compose = createCompose(services);
  const askModel = createAskModel(services);
  const askOthers = createAskOthers(services);

  /**
   * Stores the turn's user message and reserves the money for the answer. A turn that has an answer already is
   * returned. When the run changes meanwhile (a message arrived), it starts again from the new state.
   */
  async function start(input: ModelTurnInput, loop?: StoredLoop): Promise<StartedTurn> {
    for (let tries = 1; tries <= maxStarts; tries += 1) {
      const known = conversations.of(input.run_id);
      const material = await store.turns.material(input, known?.last_seq ?? 0);
      const { stored } = material;
      if (input.owner !== undefined && material.run.owner !== input.owner) throw fenced();
      if (stored) return { stored, run: material.run };
      const { night: terms, spec_paused } = material;
      if (terms && isStopped(terms, new Date())) return { night: terms, spec_paused, run: material.run };
      const run = await paidRun(services.model, material.run);
      if (run.refused !== null) return { paused: run.refused, run };
      const pause = material.model_pauses.find((one) => one.model_key_id === (run.model_key_id ?? ''))?.message ?? null;
      if (pause !== null && !input.ask_anyway) return { paused: pause, run };
      const conversation = conversations.extend(run, known, material.rows);
      const { message, opened } = await compose(input, material, conversation);
      const estimate = estimateTurn(
        {
          model: run.model,
          tokens: conversation.tokensWith(message) + estimateTokens(run.system_prompt.length + run.tools.length),
          cached_tokens: input.cached_tokens,
          max_output_tokens: config.model.max_output_tokens * (input.double_output ? 2 : 1),
        },
        config.model,
      );
      const reserved = await store.turns.begin({
        run,
        version: material.version,
        turn: input.turn,
        call_no: input.call_no,
        message,
        delivered: material.messages,
        opened,
        key: reservationKey(run.id, input.turn),
        wanted: estimate.full_micros,
        least: estimate.minimum_micros,
        loop,
      });
      if (!reserved) continue;
      if (message) conversation.add([message]);
      return { run, conversation, delivered: material.messages.length, estimate, reserved, terms, pause };
    }
    throw ApplicationFailure.create({
      type: 'run_changes',
      message: 'The run kept changing while its turn was started.',
    });
  }

  const refuseSpending = createRefuseSpending(services);

  async function takeTurn(input: ModelTurnInput, how: TurnTry): Promise<TakenTurn | NoTurn> {
    const full = services.disk.problem();
    if (full) return { kind: 'wait', seconds: diskWaitSeconds, message: full };
    const started = await start(input, how.loop);
    if ('stored' in started) {
      await store.turns.emitCrossedLimits(started.run);
      return finishReads(started.run, { turn: started.stored, delivered: 0, how, repeated: true });
    }
    if ('night' in started) return stopForNight(services, started);
    if ('paused' in started) return { kind: 'person', reason: 'model_paused', message: started.paused };
    const { run, conversation, reserved, estimate } = started;
    if (!reserved.ok) return refuseSpending(run, reserved, started.terms);
    const maxTokens = affordableOutput(estimate, reserved.held_micros);
    const startedAt = new Date();
    const began = performance.now();
    let firstTokenMs: number | undefined;
    const onFirst = () => (firstTokenMs = Math.round(performance.now() - began));
    const shared = conversation.sent;
    conversation.sent = conversation.characters;
    const ask = (asked: PaidRun) =>
      askModel(asked, input, { messages: [...conversation.messages], max_tokens: maxTokens }, { ...how, onFirst });
    let answer: Awaited<ReturnType<typeof askOthers>>;
    try {
      answer = await askOthers(run, reservationKey(run.id, input.turn), await ask(run), ask);
    } catch (error) {
      const failed = onModelError(error, how.attempt, config.model, services.model.settingNames?.(run.provider));
      if (failed.kind === 'person') await store.modelPauses.begin(run, failed);
      return failed;
    } finally {
      how.permit?.give();
    }
    // The run was resumed, and its provider answers: whatever way the person took, the others continue too.
    if (started.pause !== null) await endModelPause(services, run, started.pause, { actor: 'platform' });
    if ('continue_with' in answer) return { kind: 'switch_model', ...answer.continue_with };
    const { response, asked } = answer;
    const refused = response.stop_reason === 'refusal';
    const fixed = run.system_prompt.length + run.tools.length;
    const call = {
      key: reservationKey(run.id, input.turn),
      usage: response.usage,
      provider: asked.provider,
      answered_by: response.model,
    };
    const cost = costEntry(asked, call, config.model);
    const answeredAt = new Date();
    const answered: FinishedTurn = {
      run,
      refusal: response.refusal,
      loop: how.loopAfter?.({
        turn: input.turn,
        run_cost_micros: run.cost_micros + cost.cost_micros,
        context_tokens: conversationTokens(response.usage),
        took_ms: Math.round(performance.now() - began),
        answered_at: answeredAt,
      }),
      turn: input.turn,
      call_no: input.call_no,
      iteration: input.iteration,
      model: response.model || asked.model,
      stop_reason: response.stop_reason,
      // A refused answer leaves the conversation: sent back, it would be refused again. None of its calls is run.
      content: refused ? '[]' : JSON.stringify(response.content),
      calls: refused ? [] : tools.readCalls(response),
      request_bytes: conversation.characters + fixed,
      shared_bytes: shared + fixed,
      model_attempts: how.attempt,
      waited_ms: how.due === undefined ? undefined : Math.max(0, Math.round(began - how.due)),
      started_at: startedAt,
      first_token_ms: firstTokenMs,
      answered_at: answeredAt,
      cost,
    };
    const turn = await kept(() => store.turns.finish(answered), how.left);
    measures.turns().add(1, { mode: run.mode });
    measures.spent().add(cost.cost_micros / 1_000_000, { model: answered.model });
    return finishReads(run, { turn, delivered: started.delivered, how, response });
  }

  /** Runs the leading reads of an answer. */
  async function finishReads(
    run: Run,
    ended: { turn: StoredTurn; delivered: number; how: TurnTry; repeated?: boolean; response?: ModelResponse },
  ): Promise<TakenTurn> {
    const { response, delivered, how } = ended;
    const scope = { services, tools, run, signal: how.signal, left: how.left };
    const { turn: row, calls } = ended.turn;
    const cut = wasCutOff(row.stop_reason) && calls.length > 0;
    const done = cut ? await tools.refuseCut(run, calls) : await runInline(scope, calls);
    const text =
      row.stop_reason === 'refusal'
        ? false
        : response
          ? response.content.some((block) => block.type === 'text' && String(block.text).trim() !== '')
          : await store.transcripts.hasText(run.id, row.turn);
    return { kind: 'turn', run, row, calls: done, text, delivered, repeated: ended.repeated ?? false };
  }

  /** A turn as an activity of its own: only for runs that began before stretches. */
  async function modelTurn(input: ModelTurnInput): Promise<ModelTurnResult> {
    const context = Context.current();
    const taken = await takeTurn(input, { signal: context.cancellationSignal, attempt: context.info.attempt });
    if (taken.kind !== 'turn') return taken;
    const { run, row } = taken;
    return {
      kind: 'turn',
      turn: row.turn,
      stop_reason: row.stop_reason,
      text: taken.text,
      calls: taken.calls.map((call) => callFacts(call, tools.effectOf(call.name))),
      message: row.refusal ?? undefined,
      delivered: taken.delivered,
      context_tokens: conversationTokens(row),
      cost_micros: row.cost_micros,
      // The row of a turn that was stored before has its cost already.
      run_cost_micros: run.cost_micros + (taken.repeated ? 0 : row.cost_micros),
    };
  }

  return { modelTurn, takeTurn };
}

/** Tokens of the whole conversation after an answer. */
export const conversationTokens = (usage: TokenCounts): number =>
  usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens + usage.output_tokens;
