import { CancellationScope, condition, patched } from '@temporalio/workflow';
import { workflowId } from '../contracts/ids.ts';
import {
  addTaskUpdate,
  cancelUpdate,
  discoveredSignal,
  recheckSignal,
  retryUpdate,
  taskStuckSignal,
  ticketStuckSignal,
  type TicketInput,
  type TicketResult,
} from '../contracts/work.ts';
import { records, work } from '../support/activities.ts';
import { stepFailure, throwIfCancelled, wasCancelled } from '../support/failure.ts';
import { handleUpdate, refuse, signalIfRunning, SignalHandlers } from '../support/handlers.ts';
import { ProgressReport } from '../support/progress.ts';
import { watchBlocking } from './blocking.ts';
import { TicketMerges } from './merges.ts';
import { handleMoves } from './moves.ts';
import { TicketRun } from './run.ts';
import { TicketTasks } from './tasks.ts';

/**
 * A ticket's graph of tasks. A task starts the moment the last one it waits for is joined; finished code is joined as
 * it comes, one merge at a time; discoveries add tasks while it runs. A ticket of no spec ends in a pull request.
 */
export class TicketLoop {
  private readonly progress = new ProgressReport('opening its branch');
  private readonly signals: SignalHandlers;
  private readonly scope = new CancellationScope();
  private readonly ticket: TicketRun;
  private readonly tasks: TicketTasks;
  private readonly merges: TicketMerges;
  private cancelReason: string | undefined;
  private cancelledBy: string | undefined;
  private restartRequested = false;

  constructor(private readonly input: TicketInput) {
    this.ticket = new TicketRun(input);
    this.tasks = new TicketTasks(this.ticket);
    this.merges = new TicketMerges(this.ticket, this.tasks);
    this.signals = new SignalHandlers(input);
    this.handleSignals();
    this.handleUpdates();
    this.signals.ignoreRest();
  }

  private handleSignals(): void {
    const { ticket } = this;
    this.signals.handle(discoveredSignal, ({ discovery_id, run_id, source_task_id, blocking }) => {
      if (blocking && run_id) ticket.blockedRuns.push({ run_id, source_task_id: source_task_id ?? null, discovery_id });
      ticket.dirty = true;
    });
    this.signals.handle(recheckSignal, () => {
      ticket.dirty = true;
    });
    this.signals.handle(taskStuckSignal, ({ task_id: taskId, stuck, message }) => {
      const title = ticket.tasks.get(taskId)?.title ?? 'A task';
      if (stuck) ticket.children.stuck.set(taskId, `${title} failed: ${message}`);
      else ticket.children.stuck.delete(taskId);
    });
  }

  private handleUpdates(): void {
    const { ticket } = this;
    handleMoves(ticket);
    handleUpdate(addTaskUpdate, {
      apply: () => {
        ticket.dirty = true;
        return { added: true };
      },
    });
    handleUpdate(cancelUpdate, {
      apply: ({ reason, actor }) => {
        this.cancelledBy = actor ?? 'operator';
        this.cancelReason = `${reason ?? 'Cancelled'} (${this.cancelledBy})`;
        this.scope.cancel();
        return { status: 'cancelling' };
      },
    });
    handleUpdate(retryUpdate, {
      check: () => {
        if (!ticket.mergeFailed && ticket.children.broken.size === 0)
          throw refuse('No step of the ticket has failed and no task broke: there is nothing to retry.');
      },
      apply: () => {
        ticket.mergeFailed = undefined;
        this.restartRequested = ticket.children.broken.size > 0;
        return { status: 'running' };
      },
    });
  }

  async untilDone(): Promise<TicketResult> {
    try {
      return await this.scope.run(() => this.untilJoined());
    } catch (error) {
      if (!wasCancelled(error)) throw error;
      const reason = this.cancelReason ?? 'The work that it belongs to has ended.';
      if (patched('ticket-end'))
        await CancellationScope.nonCancellable(() =>
          records.endTicket({ ...this.ticket.ref, reason, by: this.cancelledBy }),
        );
      if (!this.cancelReason) throw error;
      this.progress.set('cancelled', reason);
      return { ticket_id: this.input.ticket_id, status: 'cancelled', branch: this.ticket.branch, head_sha: null };
    }
  }

  private async untilJoined(): Promise<TicketResult> {
    await this.orAskPerson(() => this.open());
    for (;;) {
      const done = await this.orAskPerson(() => this.advance());
      if (done) return done;
    }
  }

  /** Does a step again each time it has failed and a person has asked for a retry. */
  private async orAskPerson<T>(step: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (wasCancelled(error)) throw error;
        const reason = `${stepFailure(error)} Fix the cause, then retry the ticket.`;
        this.ticket.mergeFailed = reason;
        this.progress.set('waiting', reason, { for: 'person' });
        // Where even this cannot be recorded, the progress of the workflow still says it.
        await this.notifySpec(true, reason).catch(throwIfCancelled);
        await condition(() => this.ticket.mergeFailed === undefined);
        await this.notifySpec(false, '').catch(throwIfCancelled);
      }
    }
  }

  /** Starts what can start, joins what is finished, then waits until there is more to do. @returns the result at the end. */
  private async advance(): Promise<TicketResult | undefined> {
    const { ticket, tasks, merges, signals } = this;
    if (this.restartRequested) {
      this.restartRequested = false;
      await tasks.restartBroken();
    }
    await tasks.startReady();
    await merges.joinFinished();
    const open = [...ticket.tasks.values()].filter((task) => task.status !== 'cancelled' && !task.joined);
    if (open.length === 0 && !ticket.dirty && ticket.children.finished.length === 0 && !ticket.blocked) {
      const done = await this.close();
      if (done) return done;
    }
    this.showProgress(open.length);
    if (signals.someIgnored) await signals.recordIgnored();
    const reason = tasks.blockedReason(open);
    if (reason) await this.notifySpec(true, reason);
    const woken = () =>
      ticket.children.finished.length > 0 ||
      ticket.dirty ||
      this.restartRequested ||
      signals.someIgnored ||
      merges.canMerge ||
      tasks.blockedReason(open) !== reason;
    const overdue = tasks.untilOverdue();
    if (overdue === undefined) await condition(woken);
    else await condition(woken, overdue);
    ticket.wakes += 1;
    if (reason) await this.notifySpec(false, '');
    if (ticket.dirty) await tasks.reload();
    return undefined;
  }

  private async open(): Promise<void> {
    const { ticket, input } = this;
    if (!input.spec_id) await work.titleTicket(ticket.ref);
    const opened = await work.openTicket({ ...ticket.ref, base_branch: input.base_branch });
    ticket.branch = opened.branch;
    ticket.headSha = opened.head_sha;
    ticket.limits = opened.limits;
    ticket.blocked = opened.blocked;
    for (const task of opened.tasks) ticket.tasks.set(task.id, task);
    // Beside the loop, so that it adds no timer to each of its steps. It ends with the workflow.
    if (opened.blocked_after_seconds) void watchBlocking(ticket, opened.blocked_after_seconds);
  }

  private showProgress(open: number): void {
    const { ticket, progress } = this;
    const total = ticket.tasks.size;
    progress.now.totals = { tasks: total, open, running: ticket.children.started.size - (total - open) };
    // A cancelled task that had started counts as work here: histories have recorded the state that follows from it.
    const reason = this.tasks.blockedReason([...ticket.tasks.values()].filter((task) => !task.joined));
    if (this.ticket.blocked) progress.set('waiting', `blocked: ${this.ticket.blocked}`, { for: 'person' });
    else if (reason) progress.set('waiting', reason, { for: 'person' });
    else progress.set('running', `${total - open} of ${total} tasks joined`);
  }

  /** Records that a person is needed, or no longer, and lets the spec know. */
  private async notifySpec(stuck: boolean, message: string): Promise<void> {
    const { ref } = this.ticket;
    if (stuck) await records.needPerson({ ...ref, reason: message });
    else if (patched('ticket-unstuck')) await records.personCame(ref);
    if (!this.input.spec_id) return;
    await signalIfRunning(workflowId.spec(this.input.spec_id), ticketStuckSignal, {
      ticket_id: this.input.ticket_id,
      stuck,
      message,
    });
  }

  /** A task came while the ticket was being closed. It was signalled here, so nobody else starts it. */
  private get newTasks(): boolean {
    return this.ticket.dirty && patched('ticket-new-task-at-end');
  }

  /**
   * Everything is joined: the ticket is done, or its pull request is opened.
   * @returns undefined when a person has to look first, or new tasks have come.
   */
  private async close(): Promise<TicketResult | undefined> {
    const { ticket, input, progress } = this;
    const worked = [...ticket.tasks.values()].some((task) => task.status === 'completed');
    const result: TicketResult = {
      ticket_id: input.ticket_id,
      status: 'completed',
      branch: ticket.branch,
      head_sha: ticket.headSha,
    };
    if (input.spec_id || !worked) {
      if (!worked && patched('ticket-end'))
        await records.endTicket({ ...ticket.ref, reason: 'Every task was cancelled.' });
      else await records.ticketAdvanced({ ...ticket.ref, to: worked ? 'building-done' : 'building' });
      if (worked && this.newTasks) return undefined;
      progress.set(worked ? 'completed' : 'cancelled', worked ? 'all tasks are joined' : 'every task was cancelled');
      return worked ? result : { ...result, status: 'cancelled' };
    }
    progress.set('running', 'opening the pull request');
    const opened = await work.openPullRequest({ ...ticket.ref, spec_id: null });
    if (opened.opened) {
      if (this.newTasks) return undefined;
      progress.set('completed', `pull request #${opened.number} is open`);
      return result;
    }
    if (opened.done) {
      if (this.newTasks) return undefined;
      progress.set('completed', opened.reason);
      return result;
    }
    ticket.mergeFailed = opened.reason;
    await records.needPerson({ ...ticket.ref, reason: opened.reason });
    progress.set('waiting', opened.reason, { for: 'person' });
    await condition(() => ticket.mergeFailed === undefined || ticket.dirty);
    ticket.mergeFailed = undefined;
    if (patched('ticket-unstuck')) await records.personCame(ticket.ref);
    return undefined;
  }
}
