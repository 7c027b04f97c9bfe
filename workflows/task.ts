import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import { slotSignal } from './contracts/run.ts';
import { workflowId } from './contracts/ids.ts';
import {
  agentIdleSignal,
  cancelUpdate,
  grantedSignal,
  releaseSignal,
  reprioritiseSignal,
  retryUpdate,
  setPriorityUpdate,
  taskStuckSignal,
  type PreparedRun,
  type TaskInput,
  type TaskResult,
} from './contracts/work.ts';
import { records, work } from './support/activities.ts';
import { runAgent } from './support/agent-child.ts';
import { failureOf, wasCancelled } from './support/failure.ts';
import { ProgressReport } from './support/progress.ts';
import { handleUpdate, inBackground, refuse, signalIfRunning, SignalHandlers } from './support/handlers.ts';

interface Failure {
  reason: string;
  message: string;
  run_id: string | null;
}

/**
 * One task, from its slot to accepted work: reserve, branch, sandbox, agent, review. A failed attempt is followed by a
 * fresh one with a diagnosis. A task that has failed for good stays open until a person retries or cancels it.
 */
class TaskRun {
  private readonly progress = new ProgressReport('waiting for a slot');
  private readonly signals: SignalHandlers;
  private readonly ref: { organization_id: string; task_id: string };
  private granted = false;
  private slotFor: string | undefined;
  private cancelled: { reason: string } | undefined;
  private stuck = false;
  private retried = false;
  private attempt = 0;
  private round = 0;
  private readonly scope = new CancellationScope();

  constructor(private readonly input: TaskInput) {
    this.signals = new SignalHandlers(input);
    this.ref = { organization_id: input.organization_id, task_id: input.task_id };
    this.attempt = input.attempts ?? 0;
    this.signals.handle(grantedSignal, () => {
      this.granted = true;
      if (this.slotFor) void inBackground(this.passSlotOn(this.slotFor));
    });
    this.signals.handle(agentIdleSignal, ({ idle, run_id: runId }) => {
      if (idle) void inBackground(this.giveSlotBack());
      else void inBackground(this.takeSlotFor(runId));
    });
    handleUpdate(cancelUpdate, {
      apply: ({ reason, actor }) => {
        this.cancelled = { reason: `${reason ?? 'Cancelled'} (${actor ?? 'operator'})` };
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
        await records.setTaskPriority({ ...this.ref, priority });
        await signalIfRunning(this.queue, reprioritiseSignal, { task_id: input.task_id, priority });
        return { priority };
      },
    });
    this.signals.ignoreRest();
  }

  private get queue(): string {
    return workflowId.projectQueue(this.input.project_id);
  }

  async run(): Promise<TaskResult> {
    try {
      return await this.scope.run(() => this.untilSettled());
    } catch (error) {
      if (!wasCancelled(error)) throw error;
      const message = this.cancelled?.reason ?? 'The task was cancelled.';
      await CancellationScope.nonCancellable(async () => {
        await this.giveSlotBack();
        await records.endTask({
          ...this.ref,
          attempt: this.attempt,
          status: 'cancelled',
          reason: 'cancelled',
          message,
        });
      });
      this.progress.set('cancelled', message);
      if (!this.cancelled) throw error;
      return { task_id: this.input.task_id, status: 'cancelled', head_sha: null };
    }
  }

  private async untilSettled(): Promise<TaskResult> {
    // The task's requirements are analysed while it waits for its slot.
    const analysed = work.analyseTask(this.ref);
    let advice: string | null = null;
    for (;;) {
      const result = await this.attemptOnce(advice, analysed);
      if ('head_sha' in result) {
        this.progress.set('completed', 'done');
        return { task_id: this.input.task_id, status: 'completed', head_sha: result.head_sha };
      }
      const next = await this.afterFailure(result);
      advice = next.advice;
    }
  }

  /** One attempt, reviewed where it changed code. */
  private async attemptOnce(
    advice: string | null,
    analysed: Promise<unknown>,
  ): Promise<{ head_sha: string | null } | Failure> {
    await Promise.all([this.takeSlot(), analysed]);
    let prepared: PreparedRun | undefined;
    try {
      this.attempt += 1;
      this.progress.now.attempt = this.attempt;
      this.progress.set('running', 'preparing branch and context');
      prepared = await work.prepareTask({ ...this.ref, attempt: this.attempt, advice });
      this.progress.set('running', 'an agent works on it');
      const recorded = records.taskRunning({ ...this.ref, attempt: this.attempt });
      recorded.catch(() => undefined);
      const outcome = await runAgent(this.input, prepared, 'task', { task: this.input.task_id });
      await recorded;
      if (outcome.status !== 'completed') {
        if (outcome.status === 'cancelled')
          return { reason: 'stopped', message: outcome.message, run_id: prepared.run_id };
        return { reason: outcome.reason, message: outcome.message, run_id: prepared.run_id };
      }
      const taken = await work.takeWork({ ...this.ref, attempt: this.attempt, run_id: prepared.run_id });
      return taken.validate ? await this.review(taken.head_sha) : { head_sha: taken.head_sha };
    } catch (error) {
      // A step that cannot be done is a failed attempt with its reason, never a broken workflow.
      if (wasCancelled(error)) throw error;
      return { ...failureOf(error), run_id: prepared?.run_id ?? null };
    } finally {
      await CancellationScope.nonCancellable(() => this.giveSlotBack());
    }
  }

  private async review(headSha: string | null): Promise<{ head_sha: string | null } | Failure> {
    this.round += 1;
    this.progress.set('running', `review ${this.round}`);
    const at = { ...this.ref, attempt: this.attempt, round: this.round };
    const prepared = await work.prepareValidation(at);
    const outcome = await runAgent(this.input, prepared, 'validation', { task: this.input.task_id });
    const silent = outcome.status === 'completed' ? null : outcome.message;
    const verdict = await records.settleValidation({
      ...at,
      run_id: prepared.run_id,
      rounds: this.input.validation_rounds,
      silent,
    });
    if (verdict.passed) {
      await records.completeTask({ ...this.ref, attempt: this.attempt });
      return { head_sha: headSha };
    }
    return {
      reason: verdict.again ? 'revision' : 'validation_rounds_spent',
      message: verdict.feedback,
      run_id: prepared.run_id,
    };
  }

  /** Waits before a fresh attempt, or until a person retries the task. @returns advice for the next attempt. */
  private async afterFailure(failure: Failure): Promise<{ advice: string | null }> {
    if (failure.reason === 'revision') return { advice: null };
    const verdict = await work.judgeFailure({
      ...this.ref,
      attempt: this.attempt,
      run_id: failure.run_id,
      reason: failure.reason,
      message: failure.message,
      max_retries: this.input.max_retries,
    });
    if (verdict.retry) {
      await sleep(this.input.retry_backoff_seconds * 1000 * 2 ** (verdict.retry_count - 1));
      return { advice: verdict.advice };
    }
    await records.endTask({
      ...this.ref,
      attempt: this.attempt,
      status: 'failed',
      reason: failure.reason,
      message: failure.message,
    });
    this.stuck = true;
    this.progress.set('waiting', `failed: ${failure.message} Retry or cancel it.`, { for: 'person' });
    await this.signalTicket(true, failure.message);
    await condition(() => this.retried);
    this.stuck = false;
    this.retried = false;
    this.round = 0;
    await records.reopenTask(this.ref);
    await this.signalTicket(false, '');
    return { advice: failure.message };
  }

  private async signalTicket(stuck: boolean, message: string): Promise<void> {
    await signalIfRunning(workflowId.ticket(this.input.ticket_id), taskStuckSignal, {
      task_id: this.input.task_id,
      stuck,
      message,
    });
  }

  // ── the slot ──

  private async takeSlot(): Promise<void> {
    this.granted = false;
    this.progress.set('waiting', 'waiting for a slot', { for: 'slot' });
    await records.requestSlot({
      organization_id: this.input.organization_id,
      project_id: this.input.project_id,
      task_id: this.input.task_id,
    });
    await condition(() => this.granted);
    if (this.signals.someIgnored) await this.signals.recordIgnored();
  }

  private async giveSlotBack(): Promise<void> {
    if (!this.granted) return;
    this.granted = false;
    this.slotFor = undefined;
    await signalIfRunning(this.queue, releaseSignal, { task_id: this.input.task_id });
  }

  /** Requests a slot for a run that released its own during a wait. */
  private async takeSlotFor(runId: string): Promise<void> {
    this.slotFor = runId;
    await records.requestSlot({
      organization_id: this.input.organization_id,
      project_id: this.input.project_id,
      task_id: this.input.task_id,
    });
  }

  private async passSlotOn(runId: string): Promise<void> {
    this.slotFor = undefined;
    await signalIfRunning(workflowId.run(runId), slotSignal, {});
  }
}

/** Runs one task until it is completed or cancelled. A failed task waits for a person. */
export async function taskWorkflow(input: TaskInput): Promise<TaskResult> {
  return new TaskRun(input).run();
}
