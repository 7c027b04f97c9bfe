import { estimateTurn } from '#workflows/domain/billing/turn-estimate.ts';
import type { CostEntry } from '#prisma/store/recorded-costs.ts';
import type { Run } from '#prisma/store/runs.ts';
import { contextBlock } from '#workflows/domain/agent/context-block.ts';
import { wasCutOff } from '#workflows/domain/agent/loop-control.ts';
import { factsOf } from '#workflows/domain/agent/models.ts';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import { scopeOf, scopesOf } from '#workflows/domain/billing/scopes.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { ModelError, needsPerson, type ModelResponse } from '../ports/model.ts';
import type { Services } from '../ports/services.ts';
import type { SentMessage } from './conversation.ts';
import { contentTokens } from '../support/content-tokens.ts';
import { withPermit } from '../support/with-permit.ts';
import { requestOf } from './turn/ask.ts';
import { costEntry, paidRun, type PaidRun } from './turn/estimate.ts';

/** Business key of the summary that ends a run's epoch. */
export const summaryKey = (run: Pick<Run, 'id' | 'epoch'>) => `compaction:${run.id}:${run.epoch}`;

const summaryChars = 20_000;
/** Output tokens of the summary, with the thinking before it. */
const summaryTokens = 16_000;

const order =
  'Your conversation has become too long. The platform is about to remove everything but your first message and your newest answer. Write the summary that you need to continue. Keep: decisions and why, what was tried and failed and why, facts you found out (with file and line), the next step. Leave out what the platform keeps for you: constraints, messages to you, your plan, the criteria, the list of changed files, the last failing command.\n\nAnswer in text, with at most 4,000 tokens. Call no tool: no call is made now.';

const inText = 'No call was made. Answer with the summary in text, without a call.';

/** The parts of the services that a summary needs. */
type SummaryServices = Pick<Services, 'store' | 'model' | 'permits' | 'config' | 'log'>;

/** Asks a run's model for a summary, as the run's own next request: the provider's cache holds its conversation. */
export function createSummarise({ store, model, permits, config, log }: SummaryServices) {
  const pricing = config.model;

  /** @returns undefined where the provider gives no answer. @throws ModelError where other messages may get one. */
  async function ask(
    run: PaidRun,
    call: { key: string; messages: SentMessage[]; max_tokens: number },
    signal: AbortSignal,
  ): Promise<{ response: ModelResponse; cost: CostEntry } | undefined> {
    const facts = factsOf(run.model, pricing);
    const tokens =
      contentTokens(JSON.stringify(call.messages), facts) + estimateTokens(run.system_prompt.length + run.tools.length);
    const cost = (cached: number) =>
      estimateTurn({ model: run.model, tokens, cached_tokens: cached, max_output_tokens: call.max_tokens }, pricing)
        .full_micros;
    const scope = { ...scopeOf(run), run_id: run.id };
    const held = await store.budgets.reserve({
      key: call.key,
      organization_id: run.organization_id,
      run_id: run.id,
      scopes: scopesOf(scope),
      wanted: cost(0),
      least: cost(tokens),
    });
    if (!held.ok) return undefined;
    try {
      const response = await model.call(
        { ...requestOf(run, call, pricing), user_id: `compaction:${run.id}` },
        { signal },
      );
      const { usage } = response;
      const entry = { key: call.key, usage, provider: run.provider, answered_by: response.model };
      return { response, cost: { ...costEntry(run, entry, pricing), kind: 'compaction' } };
    } catch (error) {
      await store.budgets.release(run.organization_id, call.key);
      if (!(error instanceof ModelError) || error.kind === 'aborted') throw error;
      if (error.kind === 'too_large' || error.kind === 'thinking') throw error;
      log.warn({ run_id: run.id, reason: error.message }, 'a conversation could not be summarised');
      if (needsPerson(error))
        await store.costs.requestRefused({
          ...scope,
          kind: 'compaction',
          subject: run.id,
          model: run.model,
          reason: error.message,
        });
      return undefined;
    }
  }

  /**
   * @param owed results of the newest answer's calls, which the next user message has to begin with.
   * @returns undefined when the model gives no summary; the caller continues with the state alone.
   * @throws ModelError of kind too_large or thinking: shorter messages, or messages without thinking, may be accepted.
   */
  return async function summarise(
    stored: Run,
    conversation: SentMessage[],
    owed: unknown[],
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const run = await paidRun(model, stored);
    if (run.refused !== null) return undefined;
    const { spec_id, ticket_id, task_id, title, mode } = run;
    const context = contextBlock({ kind: 'compaction', spec_id, ticket_id, task_id, title, mode });
    const messages: SentMessage[] = [
      ...conversation,
      { role: 'user', content: [...owed, { type: 'text', text: `${context}\n\n${order}` }] },
    ];
    let maxTokens = Math.min(summaryTokens, factsOf(run.model, pricing).max_output);
    for (const round of [1, 2]) {
      const call = { key: `${summaryKey(run)}:${round}`, messages, max_tokens: maxTokens };
      const { provider, organization_id } = run;
      const asked = await withPermit(permits, { id: call.key, provider, organization_id }, signal, () =>
        ask(run, call, signal),
      );
      if (!asked) return undefined;
      const { response, cost } = asked;
      const calls = response.content.filter((block) => block.type === 'tool_use');
      const text = response.content.flatMap((block) => (block.type === 'text' ? [String(block.text)] : []));
      const refused = response.stop_reason === 'refusal';
      if (!refused && calls.length === 0 && text.length > 0) {
        const summary = cutStart(text.join('\n').trim(), summaryChars);
        await store.costs.keepAnswer(
          { key: summaryKey(run), organization_id, kind: 'compaction', value: { summary } },
          cost,
        );
        return summary;
      }
      await store.costs.record(cost);
      // The same request is refused again.
      if (refused) return undefined;
      // A thought or a call that was cut off cannot be sent back: the same request is made with more room.
      if (wasCutOff(response.stop_reason)) {
        maxTokens = Math.min(2 * maxTokens, factsOf(run.model, pricing).max_output);
        continue;
      }
      const results = calls.map((call) => ({
        type: 'tool_result',
        tool_use_id: call.id,
        is_error: true,
        content: inText,
      }));
      if (response.content.length > 0) messages.push({ role: 'assistant', content: response.content });
      messages.push({ role: 'user', content: [...results, { type: 'text', text: inText }] });
    }
    return undefined;
  };
}
