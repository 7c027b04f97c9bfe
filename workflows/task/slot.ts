import { condition } from '@temporalio/workflow';
import { workflowId } from '../contracts/ids.ts';
import { slotSignal } from '../contracts/run.ts';
import { releaseSignal, reprioritiseSignal, slotDelayedSignal } from '../contracts/work.ts';
import type { Retrying } from '../domain/retrying.ts';
import type { Priority } from '../domain/tasks/states.ts';
import { records } from '../support/activities.ts';
import { inBackground, signalIfRunning } from '../support/handlers.ts';
import { showRetrying } from '../support/retrying.ts';
import type { TaskRun } from './run.ts';

/** The slot of a task in its project's queue. */
export class TaskSlot {
  private granted = false;
  /** The run for which a slot is requested after a wait. */
  private requestedFor: string | undefined;

  constructor(private readonly task: TaskRun) {}

  private get queue(): string {
    return workflowId.projectQueue(this.task.input.project_id);
  }

  /** The queue grants the slot: to the task, or to its run that continues after a wait. */
  grant(): void {
    this.granted = true;
    showRetrying(this);
    if (this.requestedFor) void inBackground(this.passOn(this.requestedFor));
  }

  /** Shows why the queue can grant no slot now, here and in the run that waits for it. */
  delay(retrying: Retrying | null): void {
    if (this.granted) return;
    showRetrying(this, retrying ?? undefined);
    if (this.requestedFor)
      void inBackground(signalIfRunning(workflowId.run(this.requestedFor), slotDelayedSignal, { retrying }));
  }

  async take(): Promise<void> {
    const { progress, signals } = this.task;
    this.granted = false;
    progress.set('waiting', 'waiting for a slot', { for: 'slot' });
    await this.request();
    try {
      await condition(() => this.granted);
    } finally {
      showRetrying(this);
    }
    if (signals.someIgnored) await signals.recordIgnored();
  }

  /** The step that recorded the task's end has given the slot back. */
  released(): void {
    this.granted = false;
    this.requestedFor = undefined;
  }

  async release(): Promise<void> {
    if (!this.granted) return;
    this.granted = false;
    this.requestedFor = undefined;
    showRetrying(this);
    await signalIfRunning(this.queue, releaseSignal, { task_id: this.task.input.task_id });
  }

  /** Requests a slot for a run that released its own during a wait. */
  async takeFor(runId: string): Promise<void> {
    this.requestedFor = runId;
    await this.request();
  }

  async reprioritise(priority: Priority): Promise<void> {
    await signalIfRunning(this.queue, reprioritiseSignal, { task_id: this.task.input.task_id, priority });
  }

  private async passOn(runId: string): Promise<void> {
    this.requestedFor = undefined;
    await signalIfRunning(workflowId.run(runId), slotSignal, {});
  }

  private request() {
    const { organization_id, project_id, task_id } = this.task.input;
    return records.requestSlot({ organization_id, project_id, task_id });
  }
}
