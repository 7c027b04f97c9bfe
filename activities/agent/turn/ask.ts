import { ApplicationFailure } from '@temporalio/common';
import type { Effort } from '#workflows/domain/agent/model-facts.ts';
import type { TokenCounts } from '#workflows/domain/billing/prices.ts';
import {
  ModelError,
  type ModelHooks,
  type ModelRequest,
  type ModelResponse,
  type SettingNames,
} from '../../ports/model.ts';
import type { Services } from '../../ports/services.ts';
import { givenUp } from '../../support/heartbeat.ts';
import type { SentMessage } from '../conversation.ts';
import { costEntry, type PaidRun } from './estimate.ts';
import type { NoTurn } from '#workflows/contracts/stretch.ts';
import type { ModelTurnInput, TurnTry } from './index.ts';

/** Milliseconds between two publications of text. */
const publishMs = 100;

/** Key of the reservation of money for a turn. */
export const reservationKey = (runId: string, turn: number) => `run:${runId}:turn:${turn}`;

/** A request of a run. Every request of a run begins with the same bytes, so that the provider's cache holds them. */
export const requestOf = (
  run: PaidRun,
  { messages, max_tokens }: { messages: SentMessage[]; max_tokens: number },
  settings: Services['config']['model'],
): ModelRequest => {
  const efforts: Record<string, Effort | undefined> = settings.effort;
  return {
    provider: run.provider,
    key_id: run.model_key_id,
    model: run.model,
    system: [{ type: 'text', text: run.system_prompt, cache_control: { type: 'ephemeral', ttl: settings.cache_ttl } }],
    tools: JSON.parse(run.tools) as unknown[],
    effort: efforts[run.kind],
    user_id: `run:${run.id}`,
    messages,
    max_tokens,
    cache_ttl: settings.cache_ttl,
  };
};

/** Calls the model for a turn and publishes its text as it arrives. The caller records the cost of an answer. */
export function createAskModel(services: Pick<Services, 'store' | 'model' | 'bus' | 'config'>) {
  const { store, model, bus } = services;
  const pricing = services.config.model;

  return async function askModel(
    run: PaidRun,
    input: ModelTurnInput,
    request: { messages: SentMessage[]; max_tokens: number },
    { signal, attempt, onFirst }: TurnTry & Pick<ModelHooks, 'onFirst'>,
  ): Promise<ModelResponse> {
    let usage: TokenCounts | undefined;
    let pending = '';
    let publishedAt = 0;
    const publish = () => {
      if (!pending) return;
      bus.publish('deltas', {
        organization_id: run.organization_id,
        run_id: run.id,
        project_id: run.project_id,
        turn: input.turn,
        // A later try begins the answer anew, and so does another model.
        try: input.call_no,
        model: run.model,
        text: pending,
      });
      pending = '';
      publishedAt = performance.now();
    };
    try {
      return await model.call(requestOf(run, request, pricing), {
        signal,
        onFirst,
        onUsage: (seen) => (usage = { ...seen }),
        onDelta: (text) => {
          pending += text;
          if (performance.now() - publishedAt > publishMs) publish();
        },
      });
    } catch (error) {
      // A call that failed after it started costs its usage so far; a call that never started frees its reservation.
      const key = reservationKey(run.id, input.turn);
      if (usage && usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens > 0) {
        const broken = `${key}:broken:${input.call_no}:${attempt}`;
        await store.turns.recordUnfinished(costEntry(run, { key: broken, usage, provider: run.provider }, pricing));
      }
      await store.turns.releaseReservation(run, key);
      throw error;
    } finally {
      publish();
    }
  };
}

/** What to fix for a provider without settings of its own. */
const unnamed: SettingNames = { key: 'its key', url: 'its address' };
const resume = 'resume one run: all runs of this provider wait, and continue with it.';

/** Decides after a failed model call: retry here, wait at no cost, ask a person, or compact the context. */
export function onModelError(
  error: unknown,
  attempt: number,
  settings: { short_wait: number; max_attempts: number },
  usual: SettingNames = unnamed,
): NoTurn {
  if (!(error instanceof ModelError)) throw error;
  const names = error.fix ?? usual;
  switch (error.kind) {
    case 'aborted':
      throw givenUp('The model call was given up.');
    case 'too_large':
      return { kind: 'compact' };
    case 'thinking':
      return { kind: 'drop_thinking', message: error.message };
    case 'image':
      return { kind: 'drop_images', message: error.message };
    case 'auth':
      return {
        kind: 'person',
        reason: 'model_key',
        message: `${error.message} Fix ${names.key}, then ${resume}`,
      };
    case 'settings':
      return {
        kind: 'person',
        reason: 'model_settings',
        message: `${error.message} Name a model that the provider has (${names.model ?? 'OMOIOS_MODEL'}), or fix ${names.url}. Then ${resume}`,
      };
    case 'billing':
      return {
        kind: 'person',
        reason: 'model_billing',
        message: `${error.message} Settle it with the model's provider, then ${resume}`,
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
