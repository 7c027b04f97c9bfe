import type { z } from 'zod';
import type { Effort } from '#workflows/domain/agent/model-facts.ts';
import type { ModelSettings } from '#workflows/domain/agent/models.ts';
import { costOf, estimateOf, estimateTokens } from '#workflows/domain/billing/prices.ts';
import { contextBlock, type ContextFields } from '#workflows/domain/agent/context-block.ts';
import { shortage } from '#workflows/domain/billing/spent-budget.ts';
import { scopesOf, type CallScope } from '#workflows/domain/billing/scopes.ts';
import { factsOf } from '#workflows/domain/agent/models.ts';
import { wasCutOff } from '#workflows/domain/agent/loop-control.ts';
import { ModelError, needsPerson, type ModelRequest, type ModelResponse } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';
import type { Store } from '../ports/store.ts';
import { readValue } from './read-value.ts';
import { strictSchema } from './strict-schema.ts';
import { withPermit } from './with-permit.ts';

/** A request to a model for one value, which it gives through one tool. */
export interface ValueRequest<S extends z.ZodType> {
  /** Business key: `{kind}:{subject}:{n}`. A repeated request gets the stored answer. */
  key: string;
  /** Subject's id, for `metadata.user_id` = `{kind}:{id}`. */
  subject: string;
  context: ContextFields;
  model: string;
  system: string;
  /** The facts. Text that is not the platform's own is inside <data>. */
  prompt: string;
  tool: { name: string; description: string };
  schema: S;
  scope: CallScope;
}

/** The parts of the services that a request for a value needs. */
export interface ValueServices {
  store: {
    costs: Pick<Store['costs'], 'answer' | 'record' | 'keepAnswer' | 'requestRefused'>;
    budgets: Pick<Store['budgets'], 'reserve' | 'release'>;
  };
  model: Pick<Services['model'], 'provider' | 'call' | 'accountOf'>;
  permits: Pick<Services['permits'], 'take'>;
  config: { model: ModelSettings & { effort?: { small?: Effort } } };
  log: Pick<Services['log'], 'warn' | 'error'>;
}

/** Output tokens of an answer. Models think before they answer, and the thinking counts. */
const outputTokens = 8192;

/** A model without a usable answer counts as unavailable. That is never taken as consent. */
export type Answered<T> = { available: true; value: T } | { available: false; reason: string };

/**
 * Asks once, and a second time with the error when the answer is invalid. Then the model counts as unavailable.
 * A provider that is down or limited counts as unavailable too: each caller has a fallback. A request that the provider
 * refuses is an error of the platform or of its settings, so people are notified of it.
 */
export async function askForValue<S extends z.ZodType>(
  services: ValueServices,
  request: ValueRequest<S>,
  signal?: AbortSignal,
): Promise<Answered<z.output<S>>> {
  const { store, model, config } = services;
  const known = await store.costs.answer(request.key);
  if (known) return { available: true, value: known.value as z.output<S> };
  const pricing = { ...config.model, cache_ttl: '5m' } as const;
  const { name } = request.tool;
  const account = await model.accountOf?.(request.scope);
  if (account?.refused) return { available: false, reason: account.refused };
  const asked = account?.modelFor(request.model) ?? request.model;
  const provider = account?.provider ?? model.provider;
  const facts = factsOf(asked, config.model);
  const strict = facts.strict_schemas ? { strict: true } : {};
  const text = `${contextBlock(request.context)}\n\n${request.prompt}\n\nCall the tool ${name} once with your answer.`;
  const messages: ModelRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text }] }];
  let problem = '';
  let maxTokens = Math.min(outputTokens, facts.max_output);
  for (const round of [1, 2]) {
    const key = `${request.key}:${round}`;
    const wanted = estimateOf(
      asked,
      { cached: 0, fresh: estimateTokens(text.length + request.system.length + 2000), max_output: maxTokens },
      pricing,
    );
    const { organization_id } = request.scope;
    const ask = async (): Promise<ModelResponse | string> => {
      const held = await store.budgets.reserve({
        key,
        organization_id,
        run_id: request.scope.run_id ?? null,
        scopes: scopesOf(request.scope),
        wanted,
        least: wanted,
      });
      if (!held.ok) return shortage(held.budget, held.least);
      try {
        return await model.call(
          {
            provider,
            key_id: account?.key?.id,
            model: asked,
            system: [{ type: 'text', text: request.system }],
            tools: [{ ...request.tool, ...strict, input_schema: strictSchema(request.schema) }],
            // Several models refuse a forced tool, so the prompt asks for it by name.
            single_call: true,
            effort: config.model.effort?.small,
            user_id: `${request.context.kind}:${request.subject}`,
            messages,
            max_tokens: maxTokens,
          },
          { signal },
        );
      } catch (error) {
        await store.budgets.release(organization_id, key);
        if (!(error instanceof ModelError) || error.kind === 'aborted') throw error;
        if (needsPerson(error)) await reportRefusal(services, { ...request, model: asked }, error.message);
        return error.message;
      }
    };
    const response =
      (await withPermit(services.permits, { id: key, provider, organization_id }, signal, ask)) ??
      `${provider} had as many calls under way as it may get at once`;
    if (typeof response === 'string') return { available: false, reason: response };
    const cost = {
      key,
      ...request.scope,
      kind: request.context.kind,
      provider,
      model_key_id: account?.key?.id,
      model: response.model || asked,
      ...response.usage,
      ...costOf(asked, response.usage, pricing),
    };
    const read = readValue(response, name, request.schema);
    if (read.ok && response.stop_reason !== 'refusal') {
      await store.costs.keepAnswer(
        {
          key: request.key,
          organization_id: request.scope.organization_id,
          kind: request.context.kind,
          value: read.value as object,
        },
        cost,
      );
      return { available: true, value: read.value };
    }
    await store.costs.record(cost);
    // The same request is refused again.
    if (response.stop_reason === 'refusal')
      return {
        available: false,
        reason: `the model refused to answer${response.refusal ? `: ${response.refusal}` : ''}`,
      };
    problem = read.ok ? '' : read.problem;
    // A thought that was cut off cannot be sent back: the same request is made with more room.
    if (wasCutOff(response.stop_reason)) maxTokens = Math.min(2 * maxTokens, facts.max_output);
    else messages.push(...correction(response, name, problem));
  }
  services.log.warn({ key: request.key, problem }, 'a model gave no usable answer');
  return { available: false, reason: `the answer did not fit: ${problem}` };
}

/** The invalid answer as it came, and the order to correct it. */
function correction({ content }: ModelResponse, tool: string, problem: string): ModelRequest['messages'] {
  const results = content
    .filter((block) => block.type === 'tool_use')
    .map((block) => ({ type: 'tool_result', tool_use_id: block.id, is_error: true, content: problem }));
  const order = `The answer does not fit: ${problem}. Call ${tool} once more with all fields.`;
  const said: ModelRequest['messages'] = content.length > 0 ? [{ role: 'assistant', content }] : [];
  return [...said, { role: 'user', content: [...results, { type: 'text', text: order }] }];
}

/** Notifies people: nothing that only the model could decide is decided until the cause is fixed. */
async function reportRefusal<S extends z.ZodType>(
  { store, log }: ValueServices,
  request: ValueRequest<S>,
  reason: string,
): Promise<void> {
  const { kind } = request.context;
  log.error({ key: request.key, kind, model: request.model, reason }, "the model's provider refused a request");
  await store.costs.requestRefused({ ...request.scope, kind, subject: request.subject, model: request.model, reason });
}
