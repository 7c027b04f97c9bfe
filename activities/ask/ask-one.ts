import { z } from 'zod';
import { costOf, defaultPrices, estimateOf, estimateTokens } from '#workflows/domain/billing/prices.ts';
import { contextBlock, type ContextFields } from '#workflows/domain/agent/context-block.ts';
import { scopesOf } from '#workflows/domain/billing/scopes.ts';
import { ModelError, type ModelResponse } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';

/** A question to a model that wants one value: one tool, forced. */
export interface Question<S extends z.ZodType> {
  /** Business key: `{kind}:{subject}:{n}`. Answered once, whoever asks again. */
  key: string;
  /** Subject's id, for `metadata.user_id` = `{kind}:{id}`. */
  subject: string;
  context: ContextFields;
  model: string;
  system: string;
  /** The facts; whatever is not the platform's own words stands in <data>. */
  prompt: string;
  tool: { name: string; description: string };
  schema: S;
  max_tokens?: number;
  scope: {
    organization_id: string;
    project_id: string | null;
    spec_id?: string | null;
    ticket_id?: string | null;
    task_id?: string | null;
    run_id?: string | null;
    phase?: string | null;
  };
}

/** A model that cannot answer is said to be unavailable; nobody acts as if it had agreed. */
export type Answered<T> = { available: true; value: T } | { available: false; reason: string };

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as Record<string, unknown>;
  return rest;
}

/**
 * Asks once, and once more with the error when the answer does not fit; then counts the model as unavailable.
 * A provider that is away or limited is unavailable too: what asks here has something to fall back on.
 */
export async function askOne<S extends z.ZodType>(
  services: Pick<Services, 'store' | 'model' | 'config' | 'log'>,
  question: Question<S>,
  signal?: AbortSignal,
): Promise<Answered<z.output<S>>> {
  const { store, model, config } = services;
  const known = await store.costs.answer(question.key);
  if (known) return { available: true, value: known.value as z.output<S> };
  const prices = { ...defaultPrices, ...config.model.prices };
  const text = `${contextBlock(question.context)}\n\n${question.prompt}`;
  const messages: { role: 'user' | 'assistant'; content: unknown[] }[] = [
    { role: 'user', content: [{ type: 'text', text }] },
  ];
  let problem = '';
  for (const round of [1, 2]) {
    const key = `${question.key}:${round}`;
    const maxTokens = question.max_tokens ?? 2000;
    const wanted = estimateOf(
      question.model,
      { cached: 0, fresh: estimateTokens(text.length + question.system.length + 2000), max_output: maxTokens },
      '5m',
      prices,
    );
    const held = await store.budgets.reserve({
      key,
      organization_id: question.scope.organization_id,
      run_id: question.scope.run_id ?? null,
      scopes: scopesOf(question.scope),
      wanted,
      least: wanted,
    });
    if (!held.ok) return { available: false, reason: `the budget of the ${held.budget.scope_type} is spent` };
    let response: ModelResponse;
    try {
      response = await model.call(
        {
          model: question.model,
          system: [{ type: 'text', text: question.system }],
          tools: [{ ...question.tool, input_schema: jsonSchema(question.schema) }],
          tool_choice: { type: 'tool', name: question.tool.name },
          user_id: `${question.context.kind}:${question.subject}`,
          messages,
          max_tokens: maxTokens,
        },
        { signal },
      );
    } catch (error) {
      await store.budgets.release(question.scope.organization_id, key);
      if (error instanceof ModelError && error.kind !== 'aborted') return { available: false, reason: error.message };
      throw error;
    }
    const cost = {
      key,
      ...question.scope,
      kind: question.context.kind,
      provider: model.provider,
      model: response.model || question.model,
      ...response.usage,
      ...costOf(question.model, response.usage, '5m', prices),
    };
    const block = response.content.find((entry) => entry.type === 'tool_use' && entry.name === question.tool.name);
    const parsed = question.schema.safeParse(block?.input);
    if (block && parsed.success) {
      await store.costs.keepAnswer(
        {
          key: question.key,
          organization_id: question.scope.organization_id,
          kind: question.context.kind,
          value: parsed.data as object,
        },
        cost,
      );
      return { available: true, value: parsed.data };
    }
    await store.costs.record(cost);
    problem = block ? z.prettifyError(parsed.error as z.ZodError) : `no call of ${question.tool.name}`;
    if (round === 1) {
      if (response.content.length > 0) messages.push({ role: 'assistant', content: response.content });
      messages.push({
        role: 'user',
        content: [
          ...(block ? [{ type: 'tool_result', tool_use_id: block.id, is_error: true, content: problem }] : []),
          {
            type: 'text',
            text: `The answer does not fit: ${problem}. Call ${question.tool.name} once more with all fields.`,
          },
        ],
      });
    }
  }
  services.log.warn({ key: question.key, problem }, 'a model gave no usable answer');
  return { available: false, reason: `the answer did not fit: ${problem}` };
}
