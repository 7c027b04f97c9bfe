import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { costOf, defaultPrices, estimateOf, estimateTokens, priceOf, type TokenCounts } from '#workflows/domain/billing/prices.ts';
import { wasCutOff } from '#workflows/domain/agent/loop-control.ts';
import { noticeText } from '#workflows/domain/agent/notices.ts';
import { thinkingFor, userContent } from '#workflows/domain/agent/user-message.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { ToolCall } from '#prisma/store/tool-calls.ts';
import type { CostEntry } from '#prisma/store/money.ts';
import { ModelError, type ModelResponse } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';
import { givenUp, withHeartbeat } from '../support/heartbeat.ts';
import type { ToolBox } from '../tools/index.ts';
import type { Conversations } from './conversation.ts';
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
  const nestedInstructions = createNestedInstructions(services, conversations);

  async function image(call: ToolCall) {
    const blob = call.blob_id ? await store.toolCalls.blob(call.blob_id) : null;
    return blob ? { media_type: blob.kind, data: Buffer.from(blob.content).toString('base64') } : undefined;
  }

  async function prepare(input: ModelTurnInput) {
    // Pictures are read before the transaction opens: in it nothing waits for anything else.
    const pictures = new Map<number, { media_type: string; data: string }>();
    if (input.turn > 1) {
      for (const call of await store.toolCalls.picturesOf(input.run_id, input.turn - 1)) {
        const picture = await image(call);
        if (picture) pictures.set(call.position, picture);
      }
    }
    const instructions = input.turn > 1 ? await nestedInstructions(input.run_id, input.turn) : [];
    return store.turns.begin(input, ({ calls, opening, messages, said }) =>
      userContent({
        calls: calls.map((call) => ({ ...call, image: pictures.get(call.position) })),
        opening,
        cache: input.turn === 1 ? { type: 'ephemeral', ttl } : undefined,
        instructions,
        messages,
        // A call that brought no answer is made again; what it has told the model is not told twice.
        notices: input.notices.filter((code) => !said.some((content) => content.includes(JSON.stringify(noticeText(code))))),
      }),
    );
  }

  /** Holds the money; the output limit shrinks to what is left before the call is refused. */
  async function reserve(run: Run, input: ModelTurnInput, characters: number, wanted: number): Promise<{ max_tokens: number } | ModelTurnResult> {
    const fixed = run.system_prompt.length + run.tools.length;
    const fresh = Math.max(0, estimateTokens(characters + fixed) - input.cached_tokens);
    const estimate = (maxOutput: number) => estimateOf(run.model, { cached: input.cached_tokens, fresh, max_output: maxOutput }, ttl, prices);
    const least = estimate(Math.min(1024, wanted));
    const held = await store.turns.reserve(run, reservationKey(run.id, input.turn), { wanted: estimate(wanted), least });
    if (!held.ok) {
      if (held.spent) return { kind: 'budget', scope_type: held.budget.scope_type, message: budgetWords(held.budget) };
      // Calls under way hold the rest; what they do not use comes back when they end.
      throw ApplicationFailure.create({ type: 'budget_held', message: 'The rest of the budget is held by calls under way.', nextRetryDelay: 1000 });
    }
    const output = Math.floor((held.held_micros - estimate(0)) / priceOf(run.model, prices).output);
    return { max_tokens: Math.max(1, Math.min(wanted, output)) };
  }

  function costEntry(run: Run, key: string, usage: TokenCounts, answeredBy?: string): CostEntry {
    return {
      key, organization_id: run.organization_id, project_id: run.project_id, spec_id: run.spec_id, ticket_id: run.ticket_id, task_id: run.task_id, run_id: run.id,
      kind: run.kind, provider: model.provider, model: answeredBy || run.model, ...usage, ...costOf(run.model, usage, ttl, prices),
    };
  }

  async function ask(run: Run, input: ModelTurnInput, request: { messages: { role: 'user' | 'assistant'; content: unknown[] }[]; max_tokens: number }, signal: AbortSignal): Promise<ModelResponse> {
    let usage: TokenCounts | undefined;
    let pending = '';
    let sent = 0;
    const flush = () => {
      if (!pending) return;
      services.bus.publish('deltas', { organization_id: run.organization_id, run_id: run.id, project_id: run.project_id, turn: input.turn, text: pending });
      pending = '';
      sent = Date.now();
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
            if (Date.now() - sent > 100) flush();
          },
        },
      );
    } catch (error) {
      // A call that broke off after it began is paid by what it had used; one that never began holds nothing back.
      const key = reservationKey(run.id, input.turn);
      if (usage && usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens > 0) {
        await store.turns.settleUnfinished(costEntry(run, `${key}:broken:${input.call_no}:${Context.current().info.attempt}`, usage));
      }
      await store.turns.releaseHold(key);
      throw error;
    } finally {
      flush();
    }
  }

  return async function modelTurn(input: ModelTurnInput): Promise<ModelTurnResult> {
    return withHeartbeat(config.temporal.heartbeat * 1000, async (signal) => {
      const prepared = await prepare(input);
      const { run } = prepared;
      if (prepared.stored) return summarise(input, run, prepared.stored.turn, prepared.stored.calls, 0, signal);

      const conversation = await conversations.load(run.id, run.epoch, prepared.last_seq);
      const reserved = await reserve(run, input, conversation.characters, config.model.max_output_tokens * (input.double_output ? 2 : 1));
      if ('kind' in reserved) return reserved;
      const startedAt = new Date();
      let response: ModelResponse;
      try {
        response = await ask(run, input, { messages: conversation.messages, max_tokens: reserved.max_tokens }, signal);
      } catch (error) {
        return onModelError(error, config.model);
      }
      const finished = await store.turns.finish({
        organization_id: run.organization_id, run_id: run.id, turn: input.turn, call_no: input.call_no, iteration: input.iteration, epoch: run.epoch, model: response.model || run.model, stop_reason: response.stop_reason,
        content: JSON.stringify(response.content), calls: tools.readCalls(response), request_bytes: conversation.characters + run.system_prompt.length + run.tools.length,
        shared_bytes: conversation.shared + run.system_prompt.length + run.tools.length, model_attempts: Context.current().info.attempt, started_at: startedAt,
        cost: costEntry(run, reservationKey(run.id, input.turn), response.usage, response.model),
      });
      return summarise(input, run, finished.turn, finished.calls, prepared.delivered.length, signal, response);
    });
  };

  /** Runs what can be read at once, and tells the workflow the rest in names and sizes only. */
  async function summarise(input: ModelTurnInput, run: Run, turn: { stop_reason: string; input_tokens: number; cache_read_tokens: number; cache_write_tokens: number; output_tokens: number; cost_micros: number }, calls: ToolCall[], delivered: number, signal: AbortSignal, response?: ModelResponse): Promise<ModelTurnResult> {
    const cut = wasCutOff(turn.stop_reason) && calls.length > 0;
    const done = cut ? await tools.refuseCut(run, input.turn, calls) : await runInline(services, tools, run, calls, signal);
    const text = response ? response.content.some((block) => block.type === 'text' && String(block.text).trim() !== '') : await store.turns.hasText(run.id, input.turn);
    return {
      kind: 'turn', turn: input.turn, stop_reason: turn.stop_reason, text, calls: done.map((call) => callFacts(call, tools.effectOf(call.name))), message: response?.refusal, delivered,
      context_tokens: turn.input_tokens + turn.cache_read_tokens + turn.cache_write_tokens + turn.output_tokens, cost_micros: turn.cost_micros, run_cost_micros: run.cost_micros + turn.cost_micros,
    };
  }
}

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
      return { kind: 'person', reason: 'model_key', message: `${error.message} Mend ANTHROPIC_API_KEY, then resume the run.` };
    case 'billing':
      return { kind: 'person', reason: 'model_billing', message: `${error.message} Settle it with the model's provider, then resume the run.` };
    case 'invalid':
      return { kind: 'fail', reason: 'invalid_request', message: error.message };
    default: {
      const wait = error.retryAfter ?? Math.min(60, 2 ** (attempt - 1));
      if (wait <= settings.short_wait && attempt < settings.max_attempts) {
        throw ApplicationFailure.create({ type: `model_${error.kind}`, message: error.message, nextRetryDelay: wait * 1000, cause: error });
      }
      return { kind: 'wait', seconds: error.retryAfter ?? null, message: error.message };
    }
  }
}
