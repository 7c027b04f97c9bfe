import { CancellationScope, condition, patched, sleep } from '@temporalio/workflow';
import type { TaskEnd } from '#activities/task/finish-task.ts';
import { workflowId } from '../contracts/ids.ts';
import { awaitSurveySignal, surveyedSignal } from '../contracts/survey.ts';
import {
  agentIdleSignal,
  cancelUpdate,
  grantedSignal,
  slotDelayedSignal,
  retryUpdate,
  setPriorityUpdate,
  taskStuckSignal,
  type TaskInput,
  type TaskResult,
} from '../contracts/work.ts';
import { records, work } from '../support/activities.ts';
import { wasCancelled } from '../support/failure.ts';
import { handleUpdate, inBackground, refuse, signalIfRunning } from '../support/handlers.ts';
import { TaskAttempts, type Failure } from './attempts.ts';
import { TaskRun } from './run.ts';
import { TaskSlot } from './slot.ts';

/**
 * One task, from its slot to accepted work: reserve, branch, sandbox, agent, review. A failed attempt is followed by a
 * fresh one with a diagnosis. A task that has failed for good stays open until a person retries or cancels it.
 */
export class TaskLoop {
  private readonly task: TaskRun;
  private readonly slot: TaskSlot;
  private readonly attempts: TaskAttempts;
  private readonly scope = new CancellationScope();
  private cancelled: { reason: string; by: string } | undefined;
  private stuck = false;
  private retried = false;

  constructor(private readonly input: TaskInput) {
    this.task = new TaskRun(input);
    this.slot = new TaskSlot(this.task);
    this.attempts = new TaskAttempts(this.task, this.slot);
    this.handleSignals();
    this.handleUpdates();
    this.task.signals.ignoreRest();
  }

  private handleSignals(): void {
    const { signals } = this.task;
    signals.handle(grantedSignal, () => this.slot.grant());
    signals.handle(slotDelayedSignal, ({ retrying }) => this.slot.delay(retrying));
    signals.handle(surveyedSignal, () => {
      this.task.surveyed = true;
    });
    signals.handle(agentIdleSignal, ({ idle, run_id: runId }) => {
      if (idle) void inBackground(this.slot.release());
      else void inBackground(this.slot.takeFor(runId));
    });
  }

  private handleUpdates(): void {
    handleUpdate(cancelUpdate, {
      apply: ({ reason, actor }) => {
        const by = actor ?? 'operator';
        this.cancelled = { reason: `${reason ?? 'Cancelled'} (${by})`, by };
        this.scope.cancel();
        return { status: 'cancelling' };
      },
    });
    handleUpdate(retryUpdate, {
      check: () => {
        if (!this.stuck) throw refuse('The task has not failed: there is nothing to retry.');
      },
      apply: () => {
        this.retried = true;
        return { status: 'pending' };
      },
    });
    handleUpdate(setPriorityUpdate, {
      apply: async ({ priority }) => {
        await records.setTaskPriority({ ...this.task.ref, priority });
        await this.slot.reprioritise(priority);
        return { priority };
      },
    });
  }

  async untilEnd(): Promise<TaskResult> {
    const { ref, progress } = this.task;
    try {
      return await this.scope.run(() => this.untilAccepted());
    } catch (error) {
      if (!wasCancelled(error)) throw error;
      const message = this.cancelled?.reason ?? 'The task was cancelled.';
      await CancellationScope.nonCancellable(async () => {
        await this.slot.release();
        await records.endTask({
          ...ref,
          attempt: this.task.attempt,
          status: 'cancelled',
          reason: 'cancelled',
          message,
          by: this.cancelled?.by,
        });
      });
      progress.set('cancelled', message);
      if (!this.cancelled) throw error;
      return { task_id: this.input.task_id, status: 'cancelled', head_sha: null };
    }
  }

  private async untilAccepted(): Promise<TaskResult> {
    // The task's requirements are analysed while it waits for its slot.
    const analysed = work.analyseTask(this.task.ref);
    if (patched('awaits-survey')) await this.untilSurveyed();
    let advice: string | null = null;
    for (;;) {
      const result = await this.attempts.once(advice, analysed);
      if ('head_sha' in result) {
        this.task.progress.set('completed', 'done');
        return { task_id: this.input.task_id, status: 'completed', head_sha: result.head_sha };
      }
      const next = await this.afterFailure(result);
      if (next.cancelled) {
        this.task.progress.set('cancelled', next.cancelled);
        return { task_id: this.input.task_id, status: 'cancelled', head_sha: null };
      }
      advice = next.advice;
    }
  }

  /**
   * Waits until a running survey knows how the project is set up and checked. It holds no slot meanwhile. The survey
   * answers; it is asked again each minute, since one that was terminated answers nobody.
   */
  private async untilSurveyed(): Promise<void> {
    const { input, task } = this;
    const survey = workflowId.survey(input.project_id);
    while (await signalIfRunning(survey, awaitSurveySignal, { task_id: input.task_id })) {
      task.progress.set('waiting', 'survey', { for: 'sandbox' });
      if (await condition(() => task.surveyed, '1m')) return;
    }
  }

  /** Waits before a fresh attempt, or until a person retries the task. @returns advice for the next attempt. */
  private async afterFailure(failure: Failure): Promise<{ advice: string | null; cancelled?: string }> {
    if (failure.reason === 'revision') return { advice: null };
    const { ref, attempt } = this.task;
    const verdict = await work.judgeFailure({ ...ref, attempt, ...failure, max_retries: this.input.max_retries });
    if (verdict.cancelled) return { advice: null, cancelled: 'The task was cancelled before it began.' };
    if (verdict.retry) {
      await sleep(this.input.retry_backoff_seconds * 1000 * 2 ** (verdict.retry_count - 1));
      return { advice: verdict.advice };
    }
    const { reason, message } = failure;
    // A person may retry as soon as the record says that it has failed.
    this.stuck = true;
    // Steps of an earlier version give no answer.
    const end = (await records.endTask({ ...ref, attempt, status: 'failed', reason, message })) as TaskEnd | undefined;
    if (end?.replaced_by) return { advice: null, cancelled: `${end.replaced_by} fixes it.` };
    await this.untilRetried(end?.message ?? message);
    return { advice: message };
  }

  private async untilRetried(message: string): Promise<void> {
    const { task } = this;
    task.progress.set('waiting', `failed: ${message} Retry or cancel it.`, { for: 'person' });
    await this.signalTicket(true, message);
    await condition(() => this.retried);
    this.stuck = false;
    this.retried = false;
    task.round = 0;
    await records.reopenTask(task.ref);
    await this.signalTicket(false, '');
  }

  private async signalTicket(stuck: boolean, message: string): Promise<void> {
    await signalIfRunning(workflowId.ticket(this.input.ticket_id), taskStuckSignal, {
      task_id: this.input.task_id,
      stuck,
      message,
    });
  }
}
