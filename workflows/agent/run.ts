import { patched } from '@temporalio/workflow';
import type { ModelTurnResult } from '#activities/agent/turn/index.ts';
import type { AgentInput } from '../contracts/run.ts';
import { limitReached, type LimitReached } from '../domain/agent/limits.ts';
import type { AgentState, RunEnd } from '../domain/agent/run.ts';
import { freshState } from '../domain/agent/state.ts';
import { sandboxActivities } from '../support/activities.ts';
import { AgentControl } from '../support/agent-control.ts';
import { ProgressReport } from '../support/progress.ts';

/** How and why a run ends. */
export interface End {
  status: RunEnd;
  reason: string;
  message: string;
  /** The person or watcher that ended it; absent: the platform. */
  by?: string;
}

/** A model call that brought an answer. */
export type AnsweredTurn = Extract<ModelTurnResult, { kind: 'turn' }>;

/** The parts of one run that its loop, its waits, its calls and its iterations share. */
export class AgentRun {
  readonly state: AgentState;
  readonly control: AgentControl;
  readonly progress = new ProgressReport('waiting for its sandbox');
  readonly ref: { organization_id: string; run_id: string };
  readonly sandbox: ReturnType<typeof sandboxActivities>;
  /** The turns are carried on in stretches, which keep the time themselves. */
  readonly inStretches = patched('stretches');

  constructor(readonly input: AgentInput) {
    this.state = input.state ?? freshState(input.start_turn);
    this.control = new AgentControl(this.state, input);
    this.ref = { organization_id: input.organization_id, run_id: input.run_id };
    this.sandbox = sandboxActivities(input.sandbox_queue);
  }

  /** The limit that ends the run. Without money it waits for more, except a run from before this patch. */
  limitReached(): LimitReached | undefined {
    const reached = limitReached(this.state, this.input.limits);
    if (reached?.reason !== 'max_cost_reached' || !patched('run-budget-waits')) return reached;
    return limitReached(this.state, this.input.limits, false);
  }

  publishTotals(): void {
    const { turn, iteration, cost_micros, context_tokens, epoch } = this.state;
    this.progress.now.attempt = iteration;
    this.progress.now.totals = { turns: turn, iteration, cost_micros, context_tokens, epoch };
  }
}
