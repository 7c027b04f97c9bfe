import { CancellationScope, condition, executeChild, patched } from '@temporalio/workflow';
import type { PlannedTask } from '#activities/ticket/branches.ts';
import { workflowId } from './contracts/ids.ts';
import { unblockedSignal } from './contracts/run.ts';
import {
  addTaskUpdate,
  cancelUpdate,
  discoveredSignal,
  recheckSignal,
  retryUpdate,
  taskStuckSignal,
  ticketStuckSignal,
  type MergeSource,
  type TaskResult,
  type TicketInput,
  type TicketResult,
} from './contracts/work.ts';
import { discoveryWorkflow } from './discovery.ts';
import { mergeWorkflow } from './merge.ts';
import { records, work } from './support/activities.ts';
import { childOptions } from './support/children.ts';
import { failureOf, wasCancelled } from './support/failure.ts';
import { ProgressBoard } from './support/progress.ts';
import { handleUpdate, refuse, signalIfRunning, SignalHandlers } from './support/handlers.ts';
import { taskWorkflow } from './task.ts';

interface Blocked {
  run_id: string;
  source_task_id: string | null;
  discovery_id: string;
}

type Limits = { validation_rounds: number; max_retries: number; retry_backoff_seconds: number };

/**
 * A ticket's graph of tasks. A task starts the moment the last one it waits for is joined; finished code is joined as
 * it comes, one merge at a time; discoveries add tasks while it runs. A ticket of no spec ends in a pull request.
 */
class TicketRun {
  private readonly board = new ProgressBoard('opening its branch');
  private readonly signals: SignalHandlers;
  private readonly ref: { organization_id: string; ticket_id: string };
  private readonly tasks = new Map<string, PlannedTask>();
  private readonly started = new Set<string>();
  private readonly stuck = new Map<string, string>();
  private readonly blocked: Blocked[] = [];
  private readonly finished: TaskResult[] = [];
  private readonly pendingMerges: MergeSource[] = [];
  private readonly scope = new CancellationScope();
  private newTasks = false;
  private branch = '';
  private headSha = '';
  private limits: Limits = { validation_rounds: 3, max_retries: 3, retry_backoff_seconds: 2 };
  private merging = false;
  private mergeFailed: string | undefined;
  private cancelReason: string | undefined;
  /** Tasks whose workflow ended without a result, and why: begun anew once somebody says so. */
  private readonly broken = new Map<string, string>();
  private anew = false;

  constructor(private readonly input: TicketInput) {
    this.signals = new SignalHandlers(input);
    this.ref = { organization_id: input.organization_id, ticket_id: input.ticket_id };
    this.signals.handle(
      discoveredSignal,
      ({ discovery_id: discoveryId, run_id: runId, source_task_id: source, blocking }) => {
        if (blocking && runId)
          this.blocked.push({ run_id: runId, source_task_id: source ?? null, discovery_id: discoveryId });
        this.newTasks = true;
      },
    );
    this.signals.handle(recheckSignal, () => {
      this.newTasks = true;
    });
    this.signals.handle(taskStuckSignal, ({ task_id: taskId, stuck, message }) => {
      if (stuck) this.stuck.set(taskId, `${this.tasks.get(taskId)?.title ?? 'A task'} failed: ${message}`);
      else this.stuck.delete(taskId);
    });
    handleUpdate(addTaskUpdate, {
      apply: () => {
        this.newTasks = true;
        return { added: true };
      },
    });
    handleUpdate(cancelUpdate, {
      apply: ({ reason, actor }) => {
        this.cancelReason = `${reason ?? 'Cancelled'} (${actor ?? 'operator'})`;
        this.scope.cancel();
        return { status: 'cancelling' };
      },
    });
    handleUpdate(retryUpdate, {
      check: () => {
        if (!this.mergeFailed && this.broken.size === 0)
          throw refuse('No merge of the ticket has failed and no task broke: there is nothing to retry.');
      },
      apply: () => {
        this.mergeFailed = undefined;
        this.anew = this.broken.size > 0;
        return { status: 'running' };
      },
    });
    this.signals.ignoreRest();
  }

  async run(): Promise<TicketResult> {
    try {
      return await this.scope.run(() => this.untilDone());
    } catch (error) {
      if (!wasCancelled(error) || !this.cancelReason) throw error;
      this.board.set('cancelled', this.cancelReason);
      return { ticket_id: this.input.ticket_id, status: 'cancelled', branch: this.branch, head_sha: null };
    }
  }

  private async untilDone(): Promise<TicketResult> {
    if (!this.input.spec_id) await work.titleTicket(this.ref);
    const opened = await work.openTicket({ ...this.ref, base_branch: this.input.base_branch });
    this.branch = opened.branch;
    this.headSha = opened.head_sha;
    this.limits = opened.limits;
    for (const task of opened.tasks) this.tasks.set(task.id, task);
    for (;;) {
      if (this.anew) await this.beginAnew();
      await this.startReady();
      await this.joinFinished();
      const open = [...this.tasks.values()].filter((task) => task.status !== 'cancelled' && !task.joined);
      if (open.length === 0 && !this.newTasks && this.finished.length === 0) {
        const done = await this.close();
        if (done) return done;
      }
      this.tell(open.length);
      if (this.signals.someIgnored) await this.signals.recordIgnored();
      const stuckNow = this.isStuck(open);
      if (stuckNow) await this.tellSpec(true, stuckNow);
      await condition(
        () =>
          this.finished.length > 0 ||
          this.newTasks ||
          this.anew ||
          this.signals.someIgnored ||
          this.canMerge() ||
          this.isStuck(open) !== stuckNow,
      );
      if (stuckNow) await this.tellSpec(false, '');
      if (this.newTasks) await this.reload();
    }
  }

  private tell(open: number): void {
    const total = this.tasks.size;
    this.board.now.totals = { tasks: total, open, running: this.started.size - (total - open) };
    const stuck = this.isStuck([...this.tasks.values()].filter((task) => !task.joined));
    if (stuck) this.board.set('waiting', stuck, { for: 'person' });
    else this.board.set('running', `${total - open} of ${total} tasks joined`);
  }

  /** Why nothing can go on without a person; undefined while something can. */
  private isStuck(open: PlannedTask[]): string | undefined {
    if (this.mergeFailed) return this.mergeFailed;
    if (this.broken.size > 0) return `${[...this.broken.values()].join(' ')} Retry the ticket, or cancel it.`;
    const running = open.filter(
      (task) =>
        this.started.has(task.id) &&
        !this.stuck.has(task.id) &&
        !this.blocked.some((item) => item.source_task_id === task.id),
    );
    if (running.length > 0 || this.merging) return undefined;
    const waitsForCancelled = open.find(
      (task) => !this.started.has(task.id) && task.depends_on.some((id) => this.tasks.get(id)?.status === 'cancelled'),
    );
    if (this.stuck.size === 0)
      return (
        waitsForCancelled &&
        `${waitsForCancelled.title} waits for a task that was cancelled. Change what it waits for, or cancel it.`
      );
    return `${[...this.stuck.values()].join(' ')} Retry or cancel what failed.`;
  }

  private async reload(): Promise<void> {
    this.newTasks = false;
    // What has started is followed here; of the rest the records know best.
    for (const task of await records.ticketTasks(this.ref))
      if (!this.started.has(task.id)) this.tasks.set(task.id, task);
  }

  private isReady(task: PlannedTask): boolean {
    return task.waits_outside.length === 0 && task.depends_on.every((id) => this.tasks.get(id)?.joined ?? true);
  }

  /** Starts every task whose predecessors are joined: at once, whatever else goes on. */
  private async startReady(): Promise<void> {
    const ready = [...this.tasks.values()].filter(
      (task) => !this.started.has(task.id) && !task.joined && task.status !== 'cancelled' && this.isReady(task),
    );
    if (ready.length === 0) return;
    const waitedFor = [...new Set(ready.flatMap((task) => task.depends_on))];
    const unblocked =
      waitedFor.length > 0
        ? records.unblock({ ...this.ref, task_ids: ready.map((task) => task.id), by: waitedFor })
        : undefined;
    // Who continues several is given what they brought before it begins.
    if (ready.some((task) => task.depends_on.length > 1)) await unblocked;
    for (const task of ready) {
      this.started.add(task.id);
      void this.follow(task);
    }
    await unblocked;
  }

  private async follow(task: PlannedTask): Promise<void> {
    const { organization_id, project_id, spec_id, ticket_id } = this.input;
    const input = {
      organization_id,
      project_id,
      spec_id,
      ticket_id,
      task_id: task.id,
      ...this.limits,
      attempts: task.attempt,
    };
    const options = childOptions(this.input, { task: task.id, phase: 'PHASE_IMPLEMENTATION' });
    try {
      const result = task.discovery_id
        ? await executeChild(discoveryWorkflow, {
            ...options,
            workflowId: workflowId.discovery(task.discovery_id),
            args: [{ ...input, discovery_id: task.discovery_id }],
          })
        : await executeChild(taskWorkflow, { ...options, workflowId: workflowId.task(task.id), args: [input] });
      this.finished.push(result);
    } catch (error) {
      if (wasCancelled(error)) return;
      const message = `${task.title}: its workflow ended without a result (${failureOf(error).message}).`;
      // In its record first: once it counts as broken it may be begun anew.
      if (patched('broken-task'))
        await records
          .endTask({
            organization_id,
            task_id: task.id,
            attempt: 0,
            status: 'failed',
            reason: 'workflow_gone',
            message,
          })
          .catch(() => undefined);
      this.broken.set(task.id, message);
    }
  }

  /** Tasks that broke get a workflow again: it goes on after the attempts that the record has. */
  private async beginAnew(): Promise<void> {
    this.anew = false;
    const broken = [...this.broken.keys()];
    this.broken.clear();
    for (const task of await records.ticketTasks(this.ref)) {
      if (!broken.includes(task.id)) continue;
      // It may have come to its end all the same, or been ended by hand.
      if (task.status === 'completed' || task.status === 'cancelled') {
        this.finished.push({ task_id: task.id, status: task.status, head_sha: task.head_sha });
        continue;
      }
      try {
        await records.reopenTask({ organization_id: this.input.organization_id, task_id: task.id });
        this.stuck.delete(task.id);
        this.started.delete(task.id);
        this.tasks.set(task.id, task);
      } catch (error) {
        if (wasCancelled(error)) throw error;
        this.broken.set(task.id, `${task.title} could not be begun anew: ${failureOf(error).message}`);
      }
    }
  }

  private canMerge(): boolean {
    return this.pendingMerges.length > 0 && !this.merging && !this.mergeFailed;
  }

  private async joinFinished(): Promise<void> {
    while (this.finished.length > 0) {
      const result = this.finished.shift() as TaskResult;
      const task = this.tasks.get(result.task_id) as PlannedTask;
      this.stuck.delete(task.id);
      if (result.status === 'cancelled') {
        task.status = 'cancelled';
        await this.unblockRuns(task, null);
        continue;
      }
      task.status = 'completed';
      if (this.merging) {
        // The branch is being moved: this one joins the next merge.
        this.pendingMerges.push(unlookedAt(task));
        continue;
      }
      await this.join(task);
    }
    if (this.canMerge()) await this.merge();
  }

  private async join(task: PlannedTask): Promise<void> {
    try {
      const joined = await work.joinTask({ ...this.ref, task_id: task.id, branch: this.branch });
      if (joined.kind === 'merge') {
        this.pendingMerges.push(joined.source);
        return;
      }
      this.headSha = joined.head_sha;
    } catch (error) {
      if (wasCancelled(error)) throw error;
      this.pendingMerges.push(unlookedAt(task));
      this.mergeFailed = `${task.title} could not be joined: ${failureOf(error).message}`;
      return;
    }
    await this.joinedNow(task);
  }

  private async joinedNow(task: PlannedTask): Promise<void> {
    task.joined = true;
    await this.unblockRuns(task, this.headSha);
    await this.startReady();
  }

  /** All that waits is merged in one go; tasks that finish meanwhile wait for the next. */
  private async merge(): Promise<void> {
    this.merging = true;
    const waiting = this.pendingMerges.splice(0);
    const { organization_id, project_id, spec_id, ticket_id } = this.input;
    void (async () => {
      try {
        const sources: MergeSource[] = [];
        for (const item of waiting) {
          if (item.branch !== '') sources.push(item);
          else {
            const joined = await work.joinTask({ ...this.ref, task_id: item.subject_id, branch: this.branch });
            if (joined.kind === 'merge') sources.push(joined.source);
            else this.headSha = joined.head_sha;
          }
        }
        if (sources.length > 0) {
          const id = await this.nextMergeId();
          const result = await executeChild(mergeWorkflow, {
            ...childOptions(this.input),
            workflowId: id,
            args: [{ merge_id: id, organization_id, project_id, spec_id, ticket_id, target: this.branch, sources }],
          });
          if (result.status !== 'completed' || !result.head_sha) {
            this.pendingMerges.unshift(...waiting);
            this.mergeFailed = result.message;
            return;
          }
          this.headSha = result.head_sha;
        }
        for (const item of waiting) await this.joinedNow(this.tasks.get(item.subject_id) as PlannedTask);
      } catch (error) {
        if (wasCancelled(error)) return;
        this.pendingMerges.unshift(...waiting);
        this.mergeFailed = `The merge broke: ${failureOf(error).message}`;
      } finally {
        this.merging = false;
        // Wakes the loop: there may be more to join, or all may be done.
        this.newTasks = true;
      }
    })();
  }

  private async nextMergeId(): Promise<string> {
    const { n } = await records.nextMerge({ subject_id: this.input.ticket_id });
    return workflowId.merge(this.input.ticket_id, n);
  }

  private async unblockRuns(task: PlannedTask, sha: string | null): Promise<void> {
    for (const waiting of this.blocked.filter((item) => item.discovery_id === task.discovery_id)) {
      this.blocked.splice(this.blocked.indexOf(waiting), 1);
      const message = sha
        ? `What you reported is done: ${task.title}.`
        : `The work on what you reported was given up: ${task.title}. Go on without it, or say what it means for your task.`;
      await signalIfRunning(workflowId.run(waiting.run_id), unblockedSignal, {
        discovery_id: waiting.discovery_id,
        sha,
        message,
      });
    }
  }

  private async tellSpec(stuck: boolean, message: string): Promise<void> {
    if (stuck) await records.needPerson({ ...this.ref, reason: message });
    else if (patched('ticket-unstuck')) await records.personCame(this.ref);
    if (!this.input.spec_id) return;
    await signalIfRunning(workflowId.spec(this.input.spec_id), ticketStuckSignal, {
      ticket_id: this.input.ticket_id,
      stuck,
      message,
    });
  }

  /** Everything is joined: the ticket is done, or its pull request is opened. Undefined when a person has to look first. */
  private async close(): Promise<TicketResult | undefined> {
    const worked = [...this.tasks.values()].some((task) => task.status === 'completed');
    const result: TicketResult = {
      ticket_id: this.input.ticket_id,
      status: 'completed',
      branch: this.branch,
      head_sha: this.headSha,
    };
    if (this.input.spec_id || !worked) {
      await records.ticketAdvanced({ ...this.ref, to: worked ? 'building-done' : 'building' });
      this.board.set(worked ? 'completed' : 'cancelled', worked ? 'all tasks are joined' : 'every task was cancelled');
      return worked ? result : { ...result, status: 'cancelled' };
    }
    this.board.set('running', 'opening the pull request');
    const opened = await work.openPullRequest({
      organization_id: this.input.organization_id,
      ticket_id: this.input.ticket_id,
      spec_id: null,
    });
    if (opened.opened) {
      this.board.set('completed', `pull request #${opened.number} is open`);
      return result;
    }
    this.mergeFailed = opened.reason;
    await records.needPerson({ ...this.ref, reason: opened.reason });
    this.board.set('waiting', opened.reason, { for: 'person' });
    await condition(() => this.mergeFailed === undefined || this.newTasks);
    this.mergeFailed = undefined;
    if (patched('ticket-unstuck')) await records.personCame(this.ref);
    return undefined;
  }
}

/** A finished task that nobody has tried to join yet. */
const unlookedAt = (task: PlannedTask): MergeSource => ({
  sha: '',
  branch: '',
  title: task.title,
  subject_id: task.id,
});

export async function ticketWorkflow(input: TicketInput): Promise<TicketResult> {
  return new TicketRun(input).run();
}
