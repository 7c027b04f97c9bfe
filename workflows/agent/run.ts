import { patched } from '@temporalio/workflow';
import type { ModelTurnResult } from '#activities/agent/turn/index.ts';
import type { AgentInput } from '../contracts/run.ts';
import { limitReached, type LimitReached } from '../domain/agent/limits.ts';
import { noStreaks } from '../domain/agent/loop-control.ts';
import type { AgentState, RunEnd } from '../domain/agent/run.ts';
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

const freshState = (): AgentState => ({
  turn: 0,
  call_no: 0,
  epoch: 0,
  iteration: 1,
  iteration_turn: 0,
  active_ms: 0,
  iteration_active_ms: 0,
  cost_micros: 0,
  context_tokens: 0,
  last_call_at: null,
  paused: null,
  noticed: [],
  grace_used: false,
  signatures: [],
  streaks: { ...noStreaks },
  quiet_turns: 0,
  notices: [],
  double_output: false,
  waits: 0,
  compactions: 0,
  since_compaction: 0,
  sandbox_open: false,
});

/** The parts of one run that its loop, its waits, its calls and its iterations share. */
export class AgentRun {
  readonly state: AgentState;
  readonly control: AgentControl;
  readonly progress = new ProgressReport('waiting for its sandbox');
  readonly ref: { organization_id: string; run_id: string };
  readonly sandbox: ReturnType<typeof sandboxActivities>;

  constructor(readonly input: AgentInput) {
    this.state = input.state ?? { ...freshState(), turn: input.start_turn ?? 0 };
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
