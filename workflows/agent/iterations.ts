import { sleep } from '@temporalio/workflow';
import type { CallFacts } from '#activities/agent/run-calls.ts';
import { noStreaks } from '../domain/agent/loop-control.ts';
import type { AgentRun, End } from './run.ts';
import type { AgentWaits } from './waits.ts';

const maxSubmissions = 5;
const maxRefusedCompletions = 3;

/** The iterations of a run: each ends with a check of its result, and the last one ends the run. */
export class AgentIterations {
  constructor(
    private readonly run: AgentRun,
    private readonly waits: AgentWaits,
  ) {}

  /** Checks the result of the iteration. @returns the run's end, or undefined where another iteration follows. */
  async close(cause: string, message: string, outcome: CallFacts['outcome'] = null): Promise<End | undefined> {
    const { state, input, progress, control, sandbox, ref } = this.run;
    const timeOver = this.run.limitReached();
    if (cause === 'timeout' && timeOver) return { status: 'failed', ...timeOver };
    progress.set('running', `checking iteration ${state.iteration}`);
    control.disarmDeadline();
    const settled = await sandbox.settleIteration({
      ...ref,
      turn: state.turn,
      iteration: state.iteration,
      cause,
      message,
      last: state.iteration >= input.limits.max_iterations,
      outcome,
    });
    if (settled.verdict === 'done') return { status: 'completed', reason: settled.reason, message: settled.message };
    if (settled.verdict === 'failed') return { status: 'failed', reason: settled.reason, message: settled.message };
    if (input.limits.iteration_backoff > 0)
      await sleep(input.limits.iteration_backoff * 1000 * 2 ** (state.iteration - 1));
    const { text_only: textOnly } = state.streaks;
    Object.assign(state, {
      iteration: state.iteration + 1,
      iteration_turn: 0,
      iteration_active_ms: 0,
      signatures: [],
      quiet_turns: 0,
      streaks: { ...noStreaks, text_only: textOnly },
    });
    this.waits.armDeadline();
    return undefined;
  }

  /** The clock ran out: of the iteration, or of the run, which has one last turn to hand in its work. */
  async closeForTime(): Promise<End | undefined> {
    const { control, state, input } = this.run;
    if (control.expired === 'run') state.active_ms = Math.max(state.active_ms, input.limits.max_seconds * 1000);
    if (control.expired === 'run' && (!state.grace_used || input.limits.asks_at?.includes('time'))) return undefined;
    return this.close('timeout', `The time of iteration ${state.iteration} was up.`);
  }

  async closeForTurns(): Promise<End | undefined> {
    const { state, input } = this.run;
    const turns = input.limits.iteration_turns;
    return this.close('turns', `Iteration ${state.iteration} used its ${turns} turns.`);
  }

  /** Counts completions and submissions that were refused. @returns which of them were too many. */
  countRefusals(calls: CallFacts[]): 'completions' | 'submissions' | undefined {
    const { streaks } = this.run.state;
    for (const call of calls) {
      if (!call.is_error) continue;
      if (call.name === 'complete_task' && call.error_kind === 'failed') streaks.refused_completions += 1;
      if (call.name.startsWith('submit_')) streaks.refused_submissions += 1;
    }
    if (streaks.refused_completions >= maxRefusedCompletions) return 'completions';
    return streaks.refused_submissions >= maxSubmissions ? 'submissions' : undefined;
  }

  /** Too many refused completions end the run, too many refused submissions the iteration. */
  async closeForRefusals(refused: 'completions' | 'submissions'): Promise<End | undefined> {
    const { streaks } = this.run.state;
    if (refused === 'submissions')
      return this.close('unparsable', `${streaks.refused_submissions} submissions did not fit the schema.`);
    return {
      status: 'failed',
      reason: 'completion_refused',
      message: `complete_task was refused ${streaks.refused_completions} times.`,
    };
  }
}
