import type { CompactInput } from '#activities/agent/compact.ts';
import { work } from '../support/activities.ts';
import type { AgentRun, End } from './run.ts';

/** Keeps the conversation within the model's window. */
export class AgentCompaction {
  constructor(private readonly run: AgentRun) {}

  /** Shortens a conversation that has grown long, or that the provider's cache no longer holds. */
  async compactIfNeeded(): Promise<void> {
    const { state, input } = this.run;
    const idleMs = state.last_call_at ? Date.now() - Date.parse(state.last_call_at) : 0;
    const cold =
      idleMs > input.limits.cache_ttl_seconds * 1000 && state.context_tokens > input.limits.idle_compact_at_tokens;
    if (cold || state.context_tokens > input.limits.compact_at_tokens) await this.compact();
  }

  /**
   * Shortens the conversation because the model says that it is full; directly after the last time nothing is left
   * to try, and the run ends.
   * @param turnsBetween turns counted since the last time even when the model says so at once.
   */
  async shorten(turnsBetween: 0 | 1): Promise<End | undefined> {
    const { state } = this.run;
    if (state.since_compaction <= turnsBetween && state.compactions > 0)
      return {
        status: 'failed',
        reason: 'context_too_large',
        message: 'The conversation does not fit the model even after it was shortened.',
      };
    await this.compact();
    return undefined;
  }

  /** Continues without what the provider refuses. A conversation without it is refused for another cause. */
  async dropRefused(only: 'thinking' | 'images', message: string): Promise<End | undefined> {
    const { state } = this.run;
    if (state.since_compaction === 0 && state.compactions > 0)
      return { status: 'failed', reason: 'invalid_request', message };
    await this.compact({ only });
    return undefined;
  }

  /** Continues with a model of another provider, which cannot read the thinking so far. */
  async switchModel({
    provider,
    model,
    reason,
  }: {
    provider: string;
    model: string;
    reason: string;
  }): Promise<undefined> {
    const { state } = this.run;
    state.notices.push('model_switched');
    await this.compact({ only: 'thinking', to: { provider, model, reason } });
    // The other provider has nothing of the conversation in its cache.
    state.last_call_at = null;
    return undefined;
  }

  private async compact(how: Pick<CompactInput, 'only' | 'to'> = {}): Promise<void> {
    const { state, progress, ref } = this.run;
    progress.set('running', 'shortening the context');
    const { epoch, tokens } = await work.compact({ ...ref, epoch: state.epoch, ...how });
    Object.assign(state, { epoch, context_tokens: tokens, compactions: state.compactions + 1, since_compaction: 0 });
  }
}
