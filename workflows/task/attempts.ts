import { CancellationScope } from '@temporalio/workflow';
import type { PreparedRun } from '../contracts/work.ts';
import { records, work } from '../support/activities.ts';
import { runAgent } from '../support/agent-child.ts';
import { failureOf, wasCancelled } from '../support/failure.ts';
import type { TaskRun } from './run.ts';
import type { TaskSlot } from './slot.ts';

export interface Failure {
  reason: string;
  message: string;
  run_id: string | null;
}

type AttemptResult = { head_sha: string | null } | Failure;

/** One attempt at a task: branch, sandbox, agent, and a review of changed code. */
export class TaskAttempts {
  constructor(
    private readonly task: TaskRun,
    private readonly slot: TaskSlot,
  ) {}

  /** @param analysed the analysis of the task, which the agent waits for. */
  async once(advice: string | null, analysed: Promise<unknown>): Promise<AttemptResult> {
    const { task } = this;
    await Promise.all([this.slot.take(), analysed]);
    let prepared: PreparedRun | undefined;
    try {
      task.attempt += 1;
      task.progress.now.attempt = task.attempt;
      task.progress.set('running', 'preparing branch and context');
      prepared = await work.prepareTask({
        ...task.ref,
        attempt: task.attempt,
        advice,
        max_retries: task.input.max_retries,
      });
      task.progress.set('running', 'an agent works on it');
      // A step of an earlier version leaves it to this one.
      const recorded = prepared.task_running ? undefined : records.taskRunning({ ...task.ref, attempt: task.attempt });
      recorded?.catch(() => undefined);
      const outcome = await runAgent(task.input, prepared, 'task', { task: task.input.task_id });
      await recorded;
      if (outcome.status !== 'completed') {
        const reason = outcome.status === 'cancelled' ? 'stopped' : outcome.reason;
        return { reason, message: outcome.message, run_id: prepared.run_id };
      }
      const taken = await work.takeWork({ ...task.ref, attempt: task.attempt, run_id: prepared.run_id });
      if (taken.validate) return await this.review(taken.head_sha);
      if (taken.slot_released) this.slot.released();
      return { head_sha: taken.head_sha };
    } catch (error) {
      // A step that cannot be done is a failed attempt with its reason, never a broken workflow.
      if (wasCancelled(error)) throw error;
      return { ...failureOf(error), run_id: prepared?.run_id ?? null };
    } finally {
      await CancellationScope.nonCancellable(() => this.slot.release());
    }
  }

  private async review(headSha: string | null): Promise<AttemptResult> {
    const { task } = this;
    task.round += 1;
    task.progress.set('running', `review ${task.round}`);
    const at = { ...task.ref, attempt: task.attempt, round: task.round };
    const prepared = await work.prepareValidation({ ...at, rounds: task.input.validation_rounds });
    const outcome = await runAgent(task.input, prepared, 'validation', { task: task.input.task_id });
    // A person failed the task: that is no verdict of the review.
    if (outcome.reason === 'marked_failed')
      return { reason: outcome.reason, message: outcome.message, run_id: prepared.run_id };
    const silent = outcome.status === 'completed' ? null : outcome.message;
    const verdict = await records.settleValidation({
      ...at,
      run_id: prepared.run_id,
      rounds: task.input.validation_rounds,
      silent,
    });
    if (verdict.passed) {
      const done = await records.completeTask({ ...task.ref, attempt: task.attempt });
      if (done?.slot_released) this.slot.released();
      return { head_sha: headSha };
    }
    return {
      reason: verdict.again ? 'revision' : 'validation_rounds_spent',
      message: verdict.feedback,
      run_id: prepared.run_id,
    };
  }
}
