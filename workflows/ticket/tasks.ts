import { executeChild, patched } from '@temporalio/workflow';
import type { PlannedTask } from '#activities/ticket/branches.ts';
import { workflowId } from '../contracts/ids.ts';
import { unblockedSignal } from '../contracts/run.ts';
import type { TaskResult } from '../contracts/work.ts';
import { discoveryWorkflow } from '../discovery.ts';
import { blockedReason, doneBefore, readyNodes, type Blockage, type GraphNode } from '../domain/tasks/ticket-graph.ts';
import { records } from '../support/activities.ts';
import { childOptions } from '../support/children.ts';
import { failureOf, wasCancelled } from '../support/failure.ts';
import { signalIfRunning } from '../support/handlers.ts';
import { taskWorkflow } from '../task.ts';
import type { TicketRun } from './run.ts';

const nodeOf = (task: PlannedTask): GraphNode => ({
  id: task.id,
  title: task.title,
  waits_for: task.depends_on,
  waits_outside: task.waits_outside.length > 0,
  outside_cancelled: task.waits_for_cancelled ?? false,
  quorum: task.required_count,
  outside_open: task.waits_outside.length,
  joined: task.joined,
  cancelled: task.status === 'cancelled',
});

function wordingOf(blockage: Blockage): string {
  switch (blockage.kind) {
    case 'failed':
      return blockage.message;
    case 'broken':
      return `${blockage.messages.join(' ')} Retry the ticket, or cancel it.`;
    case 'stuck':
      return `${blockage.messages.join(' ')} Retry or cancel what failed.`;
    case 'waits_for_cancelled':
      return `${blockage.node.title} waits for a task that was cancelled. Change what it waits for, or cancel it.`;
  }
}

/** The tasks of a ticket: which can start, which hold it up, and their workflows. */
export class TicketTasks {
  constructor(private readonly ticket: TicketRun) {}

  private graph(): Map<string, GraphNode> {
    return new Map([...this.ticket.tasks].map(([id, task]) => [id, nodeOf(task)]));
  }

  /** Why nothing can continue without a person; undefined while something can. @param open unfinished tasks. */
  blockedReason(open: PlannedTask[]): string | undefined {
    const { children, blockedRuns, merging, mergeFailed } = this.ticket;
    if (this.ticket.blocked) return undefined;
    const overdue = this.waitingSyncs().find(({ sync_deadline: deadline = Infinity }) => deadline <= Date.now());
    const blockage = blockedReason(this.graph(), open.map(nodeOf), {
      started: children.started,
      stuck: children.stuck,
      broken: children.broken,
      suspended: new Set(blockedRuns.flatMap((run) => run.source_task_id ?? [])),
      joining: merging,
      failed: mergeFailed,
    });
    return (blockage && wordingOf(blockage)) ?? (overdue && this.overdueReason(overdue));
  }

  /** Tasks with a deadline for what they wait for, that have not started. */
  private waitingSyncs(): PlannedTask[] {
    const { tasks, children } = this.ticket;
    return [...tasks.values()].filter(
      (task) => task.sync_deadline !== undefined && task.status !== 'cancelled' && !children.started.has(task.id),
    );
  }

  private overdueReason(task: PlannedTask): string {
    const done = doneBefore(this.graph(), nodeOf(task));
    const wanted = task.required_count ?? task.depends_on.length;
    return `${task.title} has waited too long: ${done} of ${wanted} tasks are done. It starts when they are. Retry, change or cancel what holds it up.`;
  }

  /** Milliseconds until a task has waited too long; undefined when none will have. */
  untilOverdue(): number | undefined {
    const left = this.waitingSyncs()
      .map(({ sync_deadline: deadline = 0 }) => deadline - Date.now())
      .filter((ms) => ms > 0);
    return left.length > 0 ? Math.min(...left) : undefined;
  }

  /** Reads the tasks again: of those that have not started the records know best. */
  async reload(): Promise<void> {
    const { tasks, children, ref } = this.ticket;
    this.ticket.dirty = false;
    const recorded = await records.ticketTasks(ref).catch((error: unknown) => {
      this.ticket.dirty = true;
      throw error;
    });
    for (const task of recorded) if (!children.started.has(task.id)) tasks.set(task.id, task);
  }

  /** Starts every task whose predecessors are joined: at once, whatever else is under way. */
  async startReady(): Promise<void> {
    const { tasks, children, ref } = this.ticket;
    if (this.ticket.blocked) return;
    const ready = readyNodes(this.graph(), children.started).map(({ id }) => tasks.get(id) as PlannedTask);
    if (ready.length === 0) return;
    const waitedFor = [...new Set(ready.flatMap((task) => task.depends_on))];
    const unblocked =
      waitedFor.length > 0
        ? records.unblock({ ...ref, task_ids: ready.map((task) => task.id), by: waitedFor })
        : undefined;
    // A task that continues several is given their results before it starts.
    if (ready.some((task) => task.depends_on.length > 1)) await this.given(ready, unblocked);
    for (const task of ready) {
      children.start(
        task,
        () => this.runChild(task),
        (message) => this.recordBroken(task, message),
      );
    }
    await unblocked;
  }

  /** Meanwhile the end of a merge looks for ready tasks too, and must not start these a second time. */
  private async given(ready: PlannedTask[], results: Promise<void> | undefined): Promise<void> {
    const { started } = this.ticket.children;
    if (patched('ready-tasks-claimed')) for (const { id } of ready) started.add(id);
    try {
      await results;
    } catch (error) {
      for (const { id } of ready) started.delete(id);
      throw error;
    }
  }

  private runChild(task: PlannedTask): Promise<TaskResult> {
    const { organization_id, project_id, spec_id, ticket_id } = this.ticket.input;
    const input = {
      organization_id,
      project_id,
      spec_id,
      ticket_id,
      task_id: task.id,
      ...this.ticket.limits,
      attempts: task.attempt,
    };
    const options = childOptions(this.ticket.input, { task: task.id, phase: 'PHASE_IMPLEMENTATION' });
    return task.discovery_id
      ? executeChild(discoveryWorkflow, {
          ...options,
          workflowId: workflowId.discovery(task.discovery_id),
          args: [{ ...input, discovery_id: task.discovery_id }],
        })
      : executeChild(taskWorkflow, { ...options, workflowId: workflowId.task(task.id), args: [input] });
  }

  /** Fails the task in its record first: once it counts as broken it may be started again. */
  private async recordBroken(task: PlannedTask, message: string): Promise<void> {
    if (!patched('broken-task')) return;
    await records
      .endTask({
        organization_id: this.ticket.input.organization_id,
        task_id: task.id,
        attempt: 0,
        status: 'failed',
        reason: 'workflow_gone',
        message,
      })
      .catch(() => undefined);
  }

  /** Tasks that broke get a workflow again: it continues after the attempts that the record has. */
  async restartBroken(): Promise<void> {
    const { children, tasks, ref, input } = this.ticket;
    const recorded = await records.ticketTasks(ref);
    const broken = [...children.broken.keys()];
    children.broken.clear();
    for (const task of recorded) {
      if (!broken.includes(task.id)) continue;
      // It may have come to its end all the same, or been ended by hand.
      if (task.status === 'completed' || task.status === 'cancelled') {
        children.finished.push({ task_id: task.id, status: task.status, head_sha: task.head_sha });
        continue;
      }
      try {
        await records.reopenTask({ organization_id: input.organization_id, task_id: task.id });
        children.forget(task.id);
        tasks.set(task.id, task);
      } catch (error) {
        if (wasCancelled(error)) throw error;
        children.broken.set(task.id, `${task.title} could not be restarted: ${failureOf(error).message}`);
      }
    }
  }

  /** Lets runs continue that wait for the task. @param sha the commit it was joined at; null when it was given up. */
  async unblockRuns(task: PlannedTask, sha: string | null): Promise<void> {
    const { blockedRuns } = this.ticket;
    for (const waiting of blockedRuns.filter((run) => run.discovery_id === task.discovery_id)) {
      blockedRuns.splice(blockedRuns.indexOf(waiting), 1);
      const message = sha
        ? `The work that you reported is done: ${task.title}.`
        : `The work that you reported was given up: ${task.title}. Continue without it, or say what it means for your task.`;
      await signalIfRunning(workflowId.run(waiting.run_id), unblockedSignal, {
        discovery_id: waiting.discovery_id,
        sha,
        message,
      });
    }
  }
}
