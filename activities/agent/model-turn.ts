import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  costOf,
  defaultPrices,
  estimateOf,
  estimateTokens,
  priceOf,
  type TokenCounts,
} from '#workflows/domain/billing/prices.ts';
import { wasCutOff } from '#workflows/domain/agent/loop-control.ts';
import { noticeText } from '#workflows/domain/agent/notices.ts';
import { thinkingFor, userContent } from '#workflows/domain/agent/user-message.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { CostEntry, ReservationResult } from '#prisma/store/reservations.ts';
import type { StoredMessage } from '#prisma/store/transcripts.ts';
import type { AnsweredRow, StoredTurn, TurnMaterial } from '#prisma/store/turns.ts';
import { ModelError, type ModelResponse } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';
import { givenUp } from '../support/heartbeat.ts';
import type { ToolBox } from '../tools/support/tool-box.ts';
import type { Conversation, Conversations } from './conversation.ts';
import { createNestedInstructions } from './nested-instructions.ts';
import { callFacts, runInline, type CallFacts } from './run-calls.ts';

export interface ModelTurnInput {
  organization_id: string;
  run_id: string;
  turn: number;
  /** Counts the loop's calls of the model, so that a repeated activity adds nothing twice. */
  call_no: number;
  iteration: number;
  notices: string[];
  /** Tokens the provider holds in its cache for this conversation, 0 when it has gone cold. */
  cached_tokens: number;
  double_output: boolean;
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
  /** The provider wants to be asked again later, or is away: a wait, no failure. `seconds` where it says how long. */
  | { kind: 'wait'; seconds: number | null; message: string }
  | { kind: 'budget'; scope_type: string; message: string }
  /** Only a person can mend it, such as a refused key. */
  | { kind: 'person'; reason: string; message: string }
  | { kind: 'fail'; reason: string; message: string }
  | { kind: 'compact' };

export function createModelTurn(services: Services, tools: ToolBox, conversations: Conversations) {
  const { store, model, config } = services;
  const prices = { ...defaultPrices, ...config.model.prices };
  const ttl = config.model.cache_ttl;
  const nestedInstructions = createNestedInstructions(services);

  async function image({ blob_id: id }: AnsweredRow) {
    const blob = id ? await store.toolCalls.blob(id) : null;
    return blob ? { media_type: blob.kind, data: Buffer.from(blob.content).toString('base64') } : undefined;
  }

  /** What the turn adds to the conversation: results of the turn before, an opening, undelivered messages, notices; each once. */
  async function compose(input: ModelTurnInput, { run, calls, messages }: TurnMaterial, conversation: Conversation) {
    const said = conversation.saidIn(input.turn);
    const first = said.length === 0;
    const pending = run.call_no < input.call_no ? run.pending_opening : null;
    const answered = first && input.turn > 1 ? calls : [];
    const touched = answered.flatMap((call) =>
      call.status === 'done' && !call.is_error && call.path ? [call.path] : [],
    );
    const told = JSON.stringify(said);
    const blocks = userContent({
      calls: await Promise.all(answered.map(async (call) => ({ ...call, image: await image(call) }))),
      opening: first && input.turn === 1 ? run.opening : pending,
      cache: input.turn === 1 ? { type: 'ephemeral', ttl } : undefined,
      instructions: await nestedInstructions(run, conversation, touched),
      messages,
      // A call that brought no answer is made again; what it has told the model is not told twice.
      notices: input.notices.filter((code) => !told.includes(JSON.stringify(noticeText(code)))),
    });
    const message: StoredMessage | null =
      blocks.length === 0
        ? null
        : { seq: conversation.last_seq + 1, turn: input.turn, role: 'user', content: JSON.stringify(blocks) };
    return { message, opened: pending !== null };
  }

  /**
   * Stores what the turn says to the model and holds the money for its answer; a turn that was answered before is
   * handed back. What reaches the run meanwhile is taken in by looking again.
   */
  async function begin(
    input: ModelTurnInput,
  ): Promise<
    | { stored: StoredTurn; run: Run }
    | { run: Run; conversation: Conversation; delivered: number; estimates: Estimates; held: ReservationResult }
  > {
    for (let tries = 1; tries <= 20; tries += 1) {
      const known = conversations.of(input.run_id);
      const material = await store.turns.material(input, known?.last_seq ?? 0);
      const { run, stored } = material;
      if (stored) return { stored, run };
      const conversation = conversations.extend(run, known, material.rows);
      const { message, opened } = await compose(input, material, conversation);
      const estimates = estimatesOf(run, input, conversation.characters + (message?.content.length ?? 0));
      const { wanted, least } = estimates;
      const held = await store.turns.begin({
        run,
        version: material.version,
        turn: input.turn,
        call_no: input.call_no,
        message,
        delivered: material.messages,
        opened,
        key: reservationKey(run.id, input.turn),
        wanted,
        least,
      });
      if (!held) continue;
      if (message) conversation.add([message]);
      return { run, conversation, delivered: material.messages.length, estimates, held };
    }
    throw ApplicationFailure.create({
      type: 'run_changes',
      message: 'The run kept changing while its turn was begun.',
    });
  }

  /** Micro-dollars that the call may cost, with all the output it wants and with as little as makes sense. */
  function estimatesOf(run: Run, input: ModelTurnInput, characters: number): Estimates {
    const output = config.model.max_output_tokens * (input.double_output ? 2 : 1);
    const fresh = Math.max(
      0,
      estimateTokens(characters + run.system_prompt.length + run.tools.length) - input.cached_tokens,
    );
    const estimate = (maxOutput: number) =>
      estimateOf(run.model, { cached: input.cached_tokens, fresh, max_output: maxOutput }, ttl, prices);
    return { output, wanted: estimate(output), least: estimate(Math.min(1024, output)), without: estimate(0) };
  }

  /** The output limit that the money held allows; it shrinks to what is left before the call is refused. */
  function roomFor(
    run: Run,
    { output, without }: Estimates,
    held: ReservationResult,
  ): { max_tokens: number } | ModelTurnResult {
    if (!held.ok) {
      if (held.spent) return { kind: 'budget', scope_type: held.budget.scope_type, message: budgetWords(held.budget) };
      // Calls under way hold the rest; what they do not use comes back when they end.
      throw ApplicationFailure.create({
        type: 'budget_held',
        message: 'The rest of the budget is held by calls under way.',
        nextRetryDelay: 1000,
      });
    }
    return {
      max_tokens: Math.max(
        1,
        Math.min(output, Math.floor((held.held_micros - without) / priceOf(run.model, prices).output)),
      ),
    };
  }

  function costEntry(run: Run, key: string, usage: TokenCounts, answeredBy?: string): CostEntry {
    return {
      key,
      organization_id: run.organization_id,
      project_id: run.project_id,
      spec_id: run.spec_id,
      ticket_id: run.ticket_id,
      task_id: run.task_id,
      run_id: run.id,
      phase: run.phase,
      kind: run.kind,
      provider: model.provider,
      model: answeredBy || run.model,
      ...usage,
      ...costOf(run.model, usage, ttl, prices),
    };
  }

  async function ask(
    run: Run,
    input: ModelTurnInput,
    request: { messages: { role: 'user' | 'assistant'; content: unknown[] }[]; max_tokens: number },
    signal: AbortSignal,
  ): Promise<ModelResponse> {
    let usage: TokenCounts | undefined;
    let pending = '';
    let sent = 0;
    const flush = () => {
      if (!pending) return;
      services.bus.publish('deltas', {
        organization_id: run.organization_id,
        run_id: run.id,
        project_id: run.project_id,
        turn: input.turn,
        text: pending,
      });
      pending = '';
      sent = performance.now();
    };
    try {
      return await model.call(
        {
          model: run.model,
          system: [{ type: 'text', text: run.system_prompt, cache_control: { type: 'ephemeral', ttl } }],
          tools: JSON.parse(run.tools) as unknown[],
          thinking: thinkingFor(run.model),
          user_id: `run:${run.id}`,
          messages: request.messages,
          max_tokens: request.max_tokens,
          cache_ttl: ttl,
        },
        {
          signal,
          onUsage: (seen) => (usage = { ...seen }),
          onDelta: (text) => {
            pending += text;
            if (performance.now() - sent > 100) flush();
          },
        },
      );
    } catch (error) {
      // A call that broke off after it began is paid by what it had used; one that never began holds nothing back.
      const key = reservationKey(run.id, input.turn);
      if (usage && usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens > 0) {
        await store.turns.recordUnfinished(
          costEntry(run, `${key}:broken:${input.call_no}:${Context.current().info.attempt}`, usage),
        );
      }
      await store.turns.releaseReservation(run.organization_id, key);
      throw error;
    } finally {
      flush();
    }
  }

  return async function modelTurn(input: ModelTurnInput): Promise<ModelTurnResult> {
    const full = services.disk.problem();
    if (full) return { kind: 'wait', seconds: waitForRoomSeconds, message: full };
    const signal = Context.current().cancellationSignal;
    const begun = await begin(input);
    const { run } = begun;
    if ('stored' in begun) {
      await store.turns.emitCrossedLimits(run);
      return summarise(input, run, begun.stored, 0, signal);
    }
    const { conversation } = begun;
    const room = roomFor(run, begun.estimates, begun.held);
    if ('kind' in room) return room;
    const startedAt = new Date();
    const shared = conversation.sent;
    conversation.sent = conversation.characters;
    let response: ModelResponse;
    try {
      response = await ask(run, input, { messages: [...conversation.messages], ...room }, signal);
    } catch (error) {
      return onModelError(error, config.model);
    }
    const fixed = run.system_prompt.length + run.tools.length;
    const finished = await store.turns.finish({
      run,
      turn: input.turn,
      call_no: input.call_no,
      iteration: input.iteration,
      model: response.model || run.model,
      stop_reason: response.stop_reason,
      content: JSON.stringify(response.content),
      calls: tools.readCalls(response),
      request_bytes: conversation.characters + fixed,
      shared_bytes: shared + fixed,
      model_attempts: Context.current().info.attempt,
      started_at: startedAt,
      cost: costEntry(run, reservationKey(run.id, input.turn), response.usage, response.model),
    });
    return summarise(input, run, finished, begun.delivered, signal, response);
  };

  /** Runs what can be read at once, and tells the workflow the rest in names and sizes only. */
  async function summarise(
    input: ModelTurnInput,
    run: Run,
    { turn, calls }: StoredTurn,
    delivered: number,
    signal: AbortSignal,
    response?: ModelResponse,
  ): Promise<ModelTurnResult> {
    const cut = wasCutOff(turn.stop_reason) && calls.length > 0;
    const done = cut ? await tools.refuseCut(run, calls) : await runInline(services, tools, run, calls, signal);
    const text = response
      ? response.content.some((block) => block.type === 'text' && String(block.text).trim() !== '')
      : await store.transcripts.hasText(run.id, input.turn);
    return {
      kind: 'turn',
      turn: input.turn,
      stop_reason: turn.stop_reason,
      text,
      calls: done.map((call) => callFacts(call, tools.effectOf(call.name))),
      message: response?.refusal,
      delivered,
      context_tokens: turn.input_tokens + turn.cache_read_tokens + turn.cache_write_tokens + turn.output_tokens,
      cost_micros: turn.cost_micros,
      run_cost_micros: run.cost_micros + turn.cost_micros,
    };
  }
}

interface Estimates {
  /** Tokens of output. */
  output: number;
  wanted: number;
  least: number;
  without: number;
}

/** A run that waits for room on the disk looks again this often. */
const waitForRoomSeconds = 10;

const reservationKey = (runId: string, turn: number) => `run:${runId}:turn:${turn}`;

const usd = (micros: number) => `$${(micros / 1e6).toFixed(4).replace(/0{1,2}$/, '')}`;

function budgetWords(budget: { scope_type: string; limit_micros: number; spent_micros: number }): string {
  return `The budget of this ${budget.scope_type === 'global' ? 'organization' : budget.scope_type} is spent: ${usd(budget.spent_micros)} of ${usd(budget.limit_micros)}. Raise it, and the run goes on.`;
}

/** What a failed call means for the loop: another try here, a wait that costs nothing, a person, or a rewrite of the context. */
function onModelError(error: unknown, settings: { short_wait: number; max_attempts: number }): ModelTurnResult {
  if (!(error instanceof ModelError)) throw error;
  const { attempt } = Context.current().info;
  switch (error.kind) {
    case 'aborted':
      throw givenUp('The model call was given up.');
    case 'too_large':
      return { kind: 'compact' };
    case 'auth':
      return {
        kind: 'person',
        reason: 'model_key',
        message: `${error.message} Mend ANTHROPIC_API_KEY, then resume the run.`,
      };
    case 'billing':
      return {
        kind: 'person',
        reason: 'model_billing',
        message: `${error.message} Settle it with the model's provider, then resume the run.`,
      };
    case 'invalid':
      return { kind: 'fail', reason: 'invalid_request', message: error.message };
    default: {
      const wait = error.retryAfter ?? Math.min(60, 2 ** (attempt - 1));
      if (wait <= settings.short_wait && attempt < settings.max_attempts) {
        throw ApplicationFailure.create({
          type: `model_${error.kind}`,
          message: error.message,
          nextRetryDelay: wait * 1000,
          cause: error,
        });
      }
      return { kind: 'wait', seconds: error.retryAfter ?? null, message: error.message };
    }
  }
}
