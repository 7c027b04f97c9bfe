import { z } from 'zod';
import { costOf, defaultPrices, estimateOf, estimateTokens } from '#workflows/domain/billing/prices.ts';
import { contextBlock, type ContextFields } from '#workflows/domain/agent/context-block.ts';
import { scopesOf, type CallScope } from '#workflows/domain/billing/scopes.ts';
import { ModelError, type ModelResponse } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';

/** A request to a model for one value, which it gives through one forced tool. */
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
  max_tokens?: number;
  scope: CallScope;
}

/** A model without a usable answer counts as unavailable. That is never taken as consent. */
export type Answered<T> = { available: true; value: T } | { available: false; reason: string };

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as Record<string, unknown>;
  return rest;
}

/**
 * Asks once, and a second time with the error when the answer is invalid. Then the model counts as unavailable.
 * A provider that is down or limited counts as unavailable too: each caller has a fallback.
 */
export async function askForValue<S extends z.ZodType>(
  services: Pick<Services, 'store' | 'model' | 'config' | 'log'>,
  request: ValueRequest<S>,
  signal?: AbortSignal,
): Promise<Answered<z.output<S>>> {
  const { store, model, config } = services;
  const known = await store.costs.answer(request.key);
  if (known) return { available: true, value: known.value as z.output<S> };
  const prices = { ...defaultPrices, ...config.model.prices };
  const text = `${contextBlock(request.context)}\n\n${request.prompt}`;
  const messages: { role: 'user' | 'assistant'; content: unknown[] }[] = [
    { role: 'user', content: [{ type: 'text', text }] },
  ];
  let problem = '';
  for (const round of [1, 2]) {
    const key = `${request.key}:${round}`;
    const maxTokens = request.max_tokens ?? 2000;
    const wanted = estimateOf(
      request.model,
      { cached: 0, fresh: estimateTokens(text.length + request.system.length + 2000), max_output: maxTokens },
      '5m',
      prices,
    );
    const held = await store.budgets.reserve({
      key,
      organization_id: request.scope.organization_id,
      run_id: request.scope.run_id ?? null,
      scopes: scopesOf(request.scope),
      wanted,
      least: wanted,
    });
    if (!held.ok) return { available: false, reason: `the budget of the ${held.budget.scope_type} is spent` };
    let response: ModelResponse;
    try {
      response = await model.call(
        {
          model: request.model,
          system: [{ type: 'text', text: request.system }],
          tools: [{ ...request.tool, input_schema: jsonSchema(request.schema) }],
          tool_choice: { type: 'tool', name: request.tool.name },
          user_id: `${request.context.kind}:${request.subject}`,
          messages,
          max_tokens: maxTokens,
        },
        { signal },
      );
    } catch (error) {
      await store.budgets.release(request.scope.organization_id, key);
      if (error instanceof ModelError && error.kind !== 'aborted') return { available: false, reason: error.message };
      throw error;
    }
    const cost = {
      key,
      ...request.scope,
      kind: request.context.kind,
      provider: model.provider,
      model: response.model || request.model,
      ...response.usage,
      ...costOf(request.model, response.usage, '5m', prices),
    };
    const block = response.content.find((entry) => entry.type === 'tool_use' && entry.name === request.tool.name);
    const parsed = request.schema.safeParse(block?.input);
    if (block && parsed.success) {
      await store.costs.keepAnswer(
        {
          key: request.key,
          organization_id: request.scope.organization_id,
          kind: request.context.kind,
          value: parsed.data as object,
        },
        cost,
      );
      return { available: true, value: parsed.data };
    }
    await store.costs.record(cost);
    problem = block ? z.prettifyError(parsed.error as z.ZodError) : `no call of ${request.tool.name}`;
    if (round === 1) {
      if (response.content.length > 0) messages.push({ role: 'assistant', content: response.content });
      messages.push({
        role: 'user',
        content: [
          ...(block ? [{ type: 'tool_result', tool_use_id: block.id, is_error: true, content: problem }] : []),
          {
            type: 'text',
            text: `The answer does not fit: ${problem}. Call ${request.tool.name} once more with all fields.`,
          },
        ],
      });
    }
  }
  services.log.warn({ key: request.key, problem }, 'a model gave no usable answer');
  return { available: false, reason: `the answer did not fit: ${problem}` };
}
