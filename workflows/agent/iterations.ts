import { sleep } from '@temporalio/workflow';
import type { CallFacts } from '#activities/agent/run-calls.ts';
import { nextIteration } from '../domain/agent/state.ts';
import type { AgentRun, End } from './run.ts';
import type { AgentWaits } from './waits.ts';

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
    Object.assign(state, nextIteration(state));
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
}
