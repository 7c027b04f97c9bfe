import { condition, executeChild, patched } from '@temporalio/workflow';
import type { SyncedTicket } from '#activities/spec/spec-state.ts';
import { workflowId } from '../contracts/ids.ts';
import { recheckSignal, ticketStuckSignal, type MergeSource, type TicketResult } from '../contracts/work.ts';
import { blockedReason, readyNodes, type Blockage, type GraphNode } from '../domain/tasks/ticket-graph.ts';
import { mergeWorkflow } from '../merge.ts';
import { records } from '../support/activities.ts';
import { childOptions } from '../support/children.ts';
import { ChildTracker } from '../support/child-tracker.ts';
import { failureOf, throwIfCancelled, wasCancelled } from '../support/failure.ts';
import { ticketWorkflow } from '../ticket.ts';
import type { SpecPauses } from './pauses.ts';
import type { SpecRun } from './run.ts';

const nodeOf = (ticket: SyncedTicket): GraphNode => ({
  id: ticket.id,
  title: ticket.title,
  waits_for: ticket.blocked_by,
  waits_outside: false,
  joined: ticket.joined,
  cancelled: ticket.cancelled ?? false,
});

/** A ticket names the remedy in its own message. */
function wordingOf(blockage: Blockage): string {
  switch (blockage.kind) {
    case 'failed':
      return blockage.message;
    case 'broken':
    case 'stuck':
      return blockage.messages.join(' ');
    case 'waits_for_cancelled':
      return `${blockage.node.title} waits for a ticket that was cancelled. Cancel it too, or retry the spec to continue without the cancelled work.`;
  }
}

/** The tickets of a spec: their workflows, and the joins of their branches into the spec's. */
export class SpecTickets {
  private readonly tickets = new Map<string, SyncedTicket>();
  private readonly children = new ChildTracker<TicketResult>();
  /** Cancelled tickets whose dependents start without their code: a person decided so. */
  private readonly forgone = new Set<string>();
  /** Started tickets that had open tasks when the records were read: a task may have come at their end. */
  private readonly mayReopen = new Set<string>();
  /** The tickets in the records may differ from those here: the loop looks again. */
  private dirty = false;

  constructor(
    private readonly spec: SpecRun,
    private readonly pauses: SpecPauses,
  ) {}

  handleSignals(): void {
    const { stuck: waiting } = this.children;
    this.spec.signals.handle(ticketStuckSignal, ({ ticket_id: ticketId, stuck, message }) => {
      if (stuck) waiting.set(ticketId, message);
      else waiting.delete(ticketId);
    });
    this.spec.signals.handle(recheckSignal, () => {
      this.dirty = true;
    });
  }

  private graph(): Map<string, GraphNode> {
    return new Map(
      [...this.tickets].map(([id, ticket]) => {
        const node = nodeOf(ticket);
        return [id, this.forgone.has(id) ? { ...node, joined: true, cancelled: false } : node];
      }),
    );
  }

  private get open(): SyncedTicket[] {
    return [...this.tickets.values()].filter((ticket) => !ticket.joined && !ticket.cancelled);
  }

  private blockage(open: SyncedTicket[]): Blockage | undefined {
    const { started, stuck } = this.children;
    return blockedReason(this.graph(), open.map(nodeOf), { started, stuck, failed: this.spec.failed });
  }

  /** Whether a ticket waits for a cancelled one and nothing else can continue. */
  get waitForCancelled(): boolean {
    return this.blockage(this.open)?.kind === 'waits_for_cancelled';
  }

  /** Lets the tickets start that wait for cancelled ones. */
  forgoCancelled(): void {
    for (const ticket of this.tickets.values()) if (ticket.cancelled) this.forgone.add(ticket.id);
  }

  /**
   * A merge of two tickets changes which ones wait. Of tickets that have not started, the records know whether they were cancelled. A joined ticket that has open tasks
   * was given them after its end: it starts again.
   */
  private async reload(): Promise<void> {
    const { children, tickets } = this;
    this.dirty = false;
    for (const { id, blocked_by, cancelled, open_tasks: openTasks } of await records.specTickets(this.spec.ref)) {
      const ticket = tickets.get(id);
      if (!ticket) continue;
      ticket.blocked_by = blocked_by;
      if (!children.started.has(id)) ticket.cancelled = cancelled;
      else if (openTasks && ticket.joined) {
        ticket.joined = false;
        children.forget(id);
      } else if (openTasks) this.mayReopen.add(id);
    }
  }

  /** Why nothing can continue without a person; undefined while something can. */
  private blockedReason(open: SyncedTicket[]): string | undefined {
    const blockage = this.blockage(open);
    return blockage && wordingOf(blockage);
  }

  /** Carries the plan out: every ticket starts when those it waits for are joined. */
  async untilJoined(): Promise<void> {
    const { spec, children, tickets } = this;
    for (const ticket of await records.specTickets(spec.ref)) tickets.set(ticket.id, ticket);
    for (;;) {
      await this.pauses.waitWhilePaused();
      if (this.dirty) await this.reload();
      const { open } = this;
      spec.progress.now.totals = { tickets: tickets.size, tickets_done: tickets.size - open.length };
      if (open.length === 0) return;
      this.restartBroken();
      this.startReady();
      const reason = this.blockedReason(open);
      if (reason) {
        await records.markSpec({ ...spec.ref, status: 'waiting', waiting_for: 'person', error: reason });
        spec.progress.set('waiting', reason, { for: 'person' });
      } else {
        spec.progress.set('running', `${tickets.size - open.length} of ${tickets.size} tickets joined`);
      }
      await condition(
        () =>
          children.finished.length > 0 ||
          this.dirty ||
          spec.paused !== undefined ||
          spec.signals.someIgnored ||
          this.blockedReason(open) !== reason,
      );
      if (reason) await records.markSpec({ ...spec.ref, status: 'executing', waiting_for: null, error: null });
      await this.joinFinished();
    }
  }

  /** Once a person has asked for a retry, tickets whose workflow broke are started again. */
  private restartBroken(): void {
    const { children } = this;
    if (this.spec.failed || children.broken.size === 0 || !patched('spec-broken-ticket')) return;
    for (const id of children.broken.keys()) children.started.delete(id);
    children.broken.clear();
  }

  private startReady(): void {
    for (const { id } of readyNodes(this.graph(), this.children.started)) {
      const ticket = this.tickets.get(id) as SyncedTicket;
      this.children.start(
        ticket,
        () => this.runChild(ticket),
        (message) => {
          this.spec.failed = message;
        },
      );
    }
  }

  private runChild(ticket: SyncedTicket): Promise<TicketResult> {
    const { organization_id, project_id, spec_id } = this.spec.input;
    return executeChild(ticketWorkflow, {
      ...childOptions(this.spec.input, { ticket: ticket.id }),
      workflowId: workflowId.ticket(ticket.id),
      args: [{ organization_id, project_id, spec_id, ticket_id: ticket.id, base_branch: this.spec.branch }],
    });
  }

  private async joinFinished(): Promise<void> {
    const { children, tickets } = this;
    for (let [result] = children.finished; result; [result] = children.finished) {
      const ticket = tickets.get(result.ticket_id) as SyncedTicket;
      children.stuck.delete(ticket.id);
      const reopened = result.status === 'completed' && (await this.join(ticket));
      if (reopened) children.forget(ticket.id);
      else if (result.status === 'cancelled' && patched('spec-cancelled-ticket')) ticket.cancelled = true;
      else ticket.joined = true;
      if (this.mayReopen.delete(ticket.id)) this.dirty = true;
      // The last step opens it again, and says what is in the way.
      if (this.spec.openedEarly) await this.spec.openEarly().catch(throwIfCancelled);
      // Last: a step above that fails is done again once a person has asked for it.
      children.finished.shift();
    }
  }

  /** @returns whether tasks were added to the ticket after its end: it starts again. */
  private async join(ticket: SyncedTicket): Promise<boolean> {
    const { ref, branch, input } = this.spec;
    for (;;) {
      const joined = await records.joinTicket({ ...ref, ticket_id: ticket.id, branch });
      const failure = joined.kind === 'forward' ? undefined : await this.merge(joined.source);
      if (!failure) {
        const { organization_id } = input;
        const advanced = await records.ticketAdvanced({ organization_id, ticket_id: ticket.id, to: 'done' });
        return advanced?.reopened ?? false;
      }
      await this.spec.waitUntilRetried(failure);
    }
  }

  /** @returns why the merge failed, or undefined. */
  private async merge(source: MergeSource): Promise<string | undefined> {
    const { organization_id, project_id, spec_id } = this.spec.input;
    const { n } = await records.nextMerge({ subject_id: spec_id });
    const id = workflowId.merge(spec_id, n);
    const target = this.spec.branch;
    try {
      const result = await executeChild(mergeWorkflow, {
        ...childOptions(this.spec.input),
        workflowId: id,
        args: [{ merge_id: id, organization_id, project_id, spec_id, ticket_id: null, target, sources: [source] }],
      });
      return result.status === 'completed' ? undefined : result.message;
    } catch (error) {
      if (wasCancelled(error)) throw error;
      return failureOf(error).message;
    }
  }
}
