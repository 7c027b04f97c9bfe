import { executeChild } from '@temporalio/workflow';
import type { PlannedTask } from '#activities/ticket/branches.ts';
import { workflowId } from '../contracts/ids.ts';
import type { MergeSource } from '../contracts/work.ts';
import { mergeWorkflow } from '../merge.ts';
import { records, work } from '../support/activities.ts';
import { childOptions } from '../support/children.ts';
import { failureOf, wasCancelled } from '../support/failure.ts';
import type { TicketRun } from './run.ts';
import type { TicketTasks } from './tasks.ts';

/** A finished task that waits for a merge: its code is known to need one, or joining it was not tried yet. */
type Pending = { kind: 'unjoined'; task_id: string } | { kind: 'source'; task_id: string; source: MergeSource };

/** Joins finished tasks into the ticket's branch: forward where that is possible, else by one merge at a time. */
export class TicketMerges {
  private readonly pending: Pending[] = [];

  constructor(
    private readonly ticket: TicketRun,
    private readonly tasks: TicketTasks,
  ) {}

  get canMerge(): boolean {
    return this.pending.length > 0 && !this.ticket.merging && !this.ticket.mergeFailed;
  }

  async joinFinished(): Promise<void> {
    const { tasks, children } = this.ticket;
    for (let [result] = children.finished; result; [result] = children.finished) {
      const task = tasks.get(result.task_id) as PlannedTask;
      children.stuck.delete(task.id);
      task.status = result.status;
      if (result.status === 'cancelled') await this.tasks.unblockRuns(task, null);
      // While the branch is being moved a task joins the next merge.
      else if (this.ticket.merging) this.pending.push({ kind: 'unjoined', task_id: task.id });
      else await this.join(task);
      // Last: a step above that fails is done again once a person has asked for it.
      children.finished.shift();
    }
    if (this.canMerge) this.startMerge();
  }

  private async join(task: PlannedTask): Promise<void> {
    try {
      const source = await this.forward(task.id);
      if (source) {
        this.pending.push({ kind: 'source', task_id: source.subject_id, source });
        return;
      }
    } catch (error) {
      if (wasCancelled(error)) throw error;
      this.pending.push({ kind: 'unjoined', task_id: task.id });
      this.ticket.mergeFailed = `${task.title} could not be joined: ${failureOf(error).message}`;
      return;
    }
    await this.onMerged(task);
  }

  /** Moves the branch forward to the task's work. @returns the source of a merge where both sides have moved. */
  private async forward(taskId: string): Promise<MergeSource | undefined> {
    const { ref, branch } = this.ticket;
    const joined = await work.joinTask({ ...ref, task_id: taskId, branch });
    if (joined.kind === 'merge') return joined.source;
    this.ticket.headSha = joined.head_sha;
    return undefined;
  }

  private async onMerged(task: PlannedTask): Promise<void> {
    task.joined = true;
    await this.tasks.unblockRuns(task, this.ticket.headSha);
    await this.tasks.startReady();
  }

  /** Merges all that waits in one go, beside the loop; tasks that finish meanwhile wait for the next merge. */
  private startMerge(): void {
    this.ticket.merging = true;
    void this.runMerge(this.pending.splice(0));
  }

  private async runMerge(waiting: Pending[]): Promise<void> {
    const { ticket } = this;
    try {
      const sources: MergeSource[] = [];
      for (const item of waiting) {
        const source = item.kind === 'source' ? item.source : await this.forward(item.task_id);
        if (source) sources.push(source);
      }
      if (sources.length > 0) {
        const failure = await this.mergeSources(sources);
        if (failure !== undefined) {
          this.pending.unshift(...waiting);
          ticket.mergeFailed = failure;
          return;
        }
      }
      for (const item of waiting) await this.onMerged(ticket.tasks.get(item.task_id) as PlannedTask);
    } catch (error) {
      if (wasCancelled(error)) return;
      this.pending.unshift(...waiting);
      ticket.mergeFailed = `The merge broke: ${failureOf(error).message}`;
    } finally {
      ticket.merging = false;
      // Wakes the loop: there may be more to join, or all may be done.
      ticket.dirty = true;
    }
  }

  /** @returns why the merge failed, or undefined. */
  private async mergeSources(sources: MergeSource[]): Promise<string | undefined> {
    const { organization_id, project_id, spec_id, ticket_id } = this.ticket.input;
    const { n } = await records.nextMerge({ subject_id: ticket_id });
    const id = workflowId.merge(ticket_id, n);
    const result = await executeChild(mergeWorkflow, {
      ...childOptions(this.ticket.input),
      workflowId: id,
      args: [{ merge_id: id, organization_id, project_id, spec_id, ticket_id, target: this.ticket.branch, sources }],
    });
    if (result.status !== 'completed' || !result.head_sha) return result.message;
    this.ticket.headSha = result.head_sha;
    return undefined;
  }
}
