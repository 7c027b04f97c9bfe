import {
  CancellationScope,
  condition,
  executeChild,
  patched,
  startChild,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import type { z } from 'zod';
import type { SyncedTicket } from '#activities/spec/spec-state.ts';
import { workflowId } from './contracts/ids.ts';
import type { Update } from './contracts/message.ts';
import {
  approveUpdate,
  cancelSpecUpdate,
  heldSignal,
  holdSignal,
  pauseSpecUpdate,
  regenerateUpdate,
  rejectUpdate,
  requestChangesUpdate,
  resumeSpecUpdate,
  retrySpecUpdate,
  type PhaseResult,
  type SpecInput,
} from './contracts/spec.ts';
import { ticketStuckSignal, type MergeSource, type TicketResult } from './contracts/work.ts';
import { needsPerson } from './domain/phases/gate-policy.ts';
import { mergeWorkflow } from './merge.ts';
import { specPhaseWorkflow } from './spec-phase.ts';
import { records, work } from './support/activities.ts';
import { childOptions } from './support/children.ts';
import { failureOf, wasCancelled } from './support/failure.ts';
import { ProgressBoard } from './support/progress.ts';
import { handleUpdate, refuse, signalIfRunning, SignalHandlers } from './support/handlers.ts';
import { ticketWorkflow } from './ticket.ts';

type Decision =
  { action: 'approved' } | { action: 'changes_requested' | 'regenerated' | 'rejected'; feedback?: string };

type GateSchema = z.ZodType<{ phase: string; actor?: string }>;

interface SpecResult {
  status: 'pr_created' | 'failed' | 'cancelled';
  message: string;
}

/**
 * A feature from sentence to pull request: phases behind gates, then its tickets in parallel, each joined as it is
 * done, then the one pull request.
 */
class SpecRun {
  private readonly board = new ProgressBoard('fetching the repository');
  private readonly signals: SignalHandlers;
  private readonly ref: { organization_id: string; spec_id: string };
  private readonly scope = new CancellationScope();
  /** The phase whose gate waits. */
  private gate: string | undefined;
  private decision: (Decision & { by: string }) | undefined;
  private paused: string | undefined;
  private phaseRun: ChildWorkflowHandle<typeof specPhaseWorkflow> | undefined;
  /** Runs of its tickets that the spec's pause holds. */
  private readonly held: string[] = [];
  private passing = Promise.resolve();
  private cancelReason: string | undefined;
  private readonly chains: Record<string, number>;
  private readonly stuck = new Map<string, string>();
  /** Tickets whose workflow ended without a result: begun anew once somebody says so. */
  private readonly broken = new Set<string>();
  private readonly finished: TicketResult[] = [];
  private failed: string | undefined;
  private branch = '';

  constructor(private readonly input: SpecInput) {
    this.signals = new SignalHandlers(input);
    this.ref = { organization_id: input.organization_id, spec_id: input.spec_id };
    this.chains = { ...input.again?.chains };
    this.decides(approveUpdate, 'approved', () => ({ action: 'approved' }));
    this.decides(requestChangesUpdate, 'changes_requested', ({ feedback }) => ({
      action: 'changes_requested',
      feedback,
    }));
    this.decides(rejectUpdate, 'rejected', ({ feedback, reason }) => ({
      action: 'rejected',
      feedback: feedback ?? reason,
    }));
    this.decides(regenerateUpdate, 'regenerating', ({ feedback }) => ({ action: 'regenerated', feedback }));
    handleUpdate(pauseSpecUpdate, {
      apply: ({ reason, actor }) => {
        this.paused = `${reason ?? 'Paused'} (${actor ?? 'operator'})`;
        this.passPause();
        return { state: 'paused' };
      },
    });
    handleUpdate(resumeSpecUpdate, {
      check: () => {
        if (!this.paused) throw refuse('The spec is not paused.');
      },
      apply: () => {
        this.paused = undefined;
        this.passPause();
        return { state: 'running' };
      },
    });
    handleUpdate(cancelSpecUpdate, {
      apply: ({ reason, actor }) => {
        this.cancelReason = `${reason ?? 'Cancelled'} (${actor ?? 'operator'})`;
        this.scope.cancel();
        return { state: 'cancelling' };
      },
    });
    handleUpdate(retrySpecUpdate, {
      check: () => {
        if (!this.failed) throw refuse('Nothing of the spec has failed that could be tried again.');
      },
      apply: () => {
        this.failed = undefined;
        return { state: 'running' };
      },
    });
    this.signals.handle(heldSignal, ({ run_id: runId }) => {
      this.held.push(runId);
      if (!this.paused) this.passPause();
    });
    this.signals.handle(ticketStuckSignal, ({ ticket_id: ticketId, stuck, message }) => {
      if (stuck) this.stuck.set(ticketId, message);
      else this.stuck.delete(ticketId);
    });
    this.signals.ignoreRest();
  }

  /** An update that decides the gate that waits; any other is refused. */
  private decides<S extends GateSchema>(
    update: Update<S, typeof approveUpdate.answer>,
    status: string,
    decisionOf: (input: z.output<S>) => Decision,
  ): void {
    handleUpdate(update, {
      check: ({ phase }) => {
        if (this.gate !== phase)
          throw refuse(
            this.gate
              ? `The phase at its gate is ${this.gate}, not ${phase}.`
              : `No phase waits at its gate; ${phase} does not.`,
          );
        if (this.decision) throw refuse('The gate was decided a moment ago.');
      },
      apply: (input) => {
        this.decision = { ...decisionOf(input), by: input.actor ?? 'operator' };
        return { status };
      },
    });
  }

  async run(): Promise<SpecResult> {
    try {
      return await this.scope.run(() => this.untilPullRequest());
    } catch (error) {
      const cancelled = wasCancelled(error);
      const message = cancelled ? (this.cancelReason ?? 'The spec was cancelled.') : failureOf(error).message;
      const status = cancelled ? 'cancelled' : 'failed';
      await CancellationScope.nonCancellable(() =>
        records.markSpec({
          ...this.ref,
          status,
          waiting_for: null,
          error: message,
          ended: true,
          event: 'spec.execution_failed',
          data: { error: message },
        }),
      );
      this.board.set(status, message);
      if (!cancelled || !this.cancelReason) throw error;
      return { status, message };
    }
  }

  private async untilPullRequest(): Promise<SpecResult> {
    this.board.set('running', 'fetching the repository');
    if (this.input.again)
      await records.markSpec({ ...this.ref, status: 'executing', waiting_for: null, error: null, ended: false });
    this.branch = (await work.openSpec(this.ref)).branch;
    const failure = await this.planning();
    if (failure) {
      await records.markSpec({
        ...this.ref,
        status: 'failed',
        waiting_for: null,
        error: failure,
        ended: true,
        event: 'spec.execution_failed',
        data: { error: failure },
      });
      this.board.set('failed', failure);
      return { status: 'failed', message: failure };
    }
    await records.syncPlan(this.ref);
    await this.building();
    return this.finish();
  }

  // ── phases and gates ──

  /** Runs the phases of the plan in order. @returns why planning failed, or undefined. */
  private async planning(): Promise<string | undefined> {
    const { phases } = this.input.plan;
    let feedback = this.input.again?.feedback ?? undefined;
    for (let i = this.input.again?.from ?? 0; i < phases.length;) {
      const phase = phases[i] as string;
      await this.holdWhilePaused();
      const chain = (this.chains[phase] ?? 0) + 1;
      this.chains[phase] = chain;
      this.board.now.attempt = chain;
      this.board.set('running', `phase ${phase}`);
      this.board.now.totals = { phases: phases.length, phases_done: i };
      this.phaseRun = await startChild(specPhaseWorkflow, {
        ...childOptions({ ...this.input, spec_id: this.input.spec_id }, { phase }),
        workflowId: workflowId.specPhase(this.input.spec_id, phase),
        args: [
          {
            spec_id: this.input.spec_id,
            organization_id: this.input.organization_id,
            project_id: this.input.project_id,
            phase,
            chain,
            feedback: feedback ?? null,
          },
        ],
      });
      if (this.paused) this.passPause();
      const result = await this.phaseRun.result();
      this.phaseRun = undefined;
      feedback = undefined;
      if (!result.passed) return `The phase ${phase} failed: ${result.message}`;
      const gate = await this.atGate(phase, result);
      if (gate.next === 'rejected') return `${phase}: rejected at its gate.`;
      if (gate.next === 'again') feedback = gate.feedback;
      else i += 1;
    }
    return undefined;
  }

  /** Waits for a decision where the policy asks for one. */
  private async atGate(
    phase: string,
    result: PhaseResult,
  ): Promise<{ next: 'on' | 'rejected' } | { next: 'again'; feedback?: string }> {
    if (!needsPerson(this.input.gate_policy, phase, result.score)) return { next: 'on' };
    this.gate = phase;
    await records.markSpec({
      ...this.ref,
      status: 'waiting',
      waiting_for: 'gate',
      phase,
      event: 'spec.gate_waiting',
      data: { score: result.score, attempt: result.attempt },
    });
    const timeout = this.input.gate_policy.timeout_seconds;
    this.board.set('waiting', `${phase} waits for approval`, {
      for: 'gate',
      until: timeout ? new Date(Date.now() + timeout * 1000).toISOString() : null,
    });
    const decided = () => this.decision !== undefined;
    if (timeout) await condition(decided, timeout * 1000);
    else await condition(decided);
    const decision = this.decision ?? { action: 'expired' as const, by: 'nobody' };
    this.gate = undefined;
    this.decision = undefined;
    const feedback = 'feedback' in decision ? decision.feedback : undefined;
    await records.decideGate({ ...this.ref, phase, action: decision.action, by: decision.by, feedback });
    await records.markSpec({ ...this.ref, status: 'executing', waiting_for: null });
    if (decision.action === 'approved') return { next: 'on' };
    return decision.action === 'changes_requested' || decision.action === 'regenerated'
      ? { next: 'again', feedback }
      : { next: 'rejected' };
  }

  /** Tells whoever works for the spec that it pauses or goes on: one time after the other, each as it stands then. */
  private passPause(): void {
    // Whoever holds by himself has to be told, by a spec from before too.
    if (this.held.length === 0 && !patched('pause-reaches-agents')) return;
    this.passing = this.passing.then(() => this.tellAgents()).catch(() => undefined);
  }

  private async tellAgents(): Promise<void> {
    const { paused, phaseRun } = this;
    const { organization_id, project_id, spec_id } = this.input;
    if (phaseRun)
      await signalIfRunning(phaseRun, holdSignal, { reason: paused ? `The spec is paused. ${paused}` : null });
    if (paused) {
      this.held.push(
        ...(
          await records.holdRuns({
            organization_id,
            project_id,
            spec_id,
            run_id: null,
            reason: `The spec is paused. ${paused}`,
          })
        ).run_ids,
      );
    } else if (this.held.length > 0) {
      await records.resumeRuns({ run_ids: this.held.splice(0) });
    }
    // Between its steps the spec says by itself what it does.
    if (!phaseRun || phaseRun !== this.phaseRun || paused !== this.paused) return;
    if (paused) this.board.set('paused', paused, { for: 'person' });
    else this.board.set('running', `phase ${this.input.plan.phases[this.board.now.totals.phases_done ?? 0]}`);
    await records.markSpec({
      ...this.ref,
      status: paused ? 'paused' : 'executing',
      waiting_for: paused ? 'person' : null,
    });
  }

  private async holdWhilePaused(): Promise<void> {
    if (this.signals.someIgnored) await this.signals.recordIgnored();
    if (!this.paused) return;
    await records.markSpec({ ...this.ref, status: 'paused', waiting_for: 'person' });
    this.board.set('paused', this.paused, { for: 'person' });
    await condition(() => this.paused === undefined);
    await records.markSpec({ ...this.ref, status: 'executing', waiting_for: null });
  }

  // ── tickets ──

  /** Carries the plan out: every ticket starts when those it waits for are joined. */
  private async building(): Promise<void> {
    const tickets = new Map((await records.specTickets(this.ref)).map((ticket) => [ticket.id, ticket]));
    const started = new Set<string>();
    for (;;) {
      await this.holdWhilePaused();
      const open = [...tickets.values()].filter((ticket) => !ticket.joined);
      this.board.now.totals = { tickets: tickets.size, tickets_done: tickets.size - open.length };
      if (open.length === 0) return;
      if (!this.failed && this.broken.size > 0 && patched('spec-broken-ticket')) {
        for (const id of this.broken) started.delete(id);
        this.broken.clear();
      }
      for (const ticket of open) {
        if (started.has(ticket.id) || !ticket.blocked_by.every((id) => tickets.get(id)?.joined ?? true)) continue;
        started.add(ticket.id);
        void this.follow(ticket);
      }
      const trouble = this.trouble(open, started);
      if (trouble) {
        await records.markSpec({ ...this.ref, status: 'waiting', waiting_for: 'person', error: trouble });
        this.board.set('waiting', trouble, { for: 'person' });
      } else {
        this.board.set('running', `${tickets.size - open.length} of ${tickets.size} tickets joined`);
      }
      await condition(
        () =>
          this.finished.length > 0 ||
          this.paused !== undefined ||
          this.signals.someIgnored ||
          this.trouble(open, started) !== trouble,
      );
      if (trouble) await records.markSpec({ ...this.ref, status: 'executing', waiting_for: null, error: null });
      while (this.finished.length > 0) {
        const result = this.finished.shift() as TicketResult;
        const ticket = tickets.get(result.ticket_id) as SyncedTicket;
        this.stuck.delete(ticket.id);
        if (result.status === 'completed') await this.join(ticket);
        ticket.joined = true;
      }
    }
  }

  /** Why nothing goes on without a person; undefined while something does. */
  private trouble(open: SyncedTicket[], started: Set<string>): string | undefined {
    if (this.failed) return this.failed;
    const running = open.filter((ticket) => started.has(ticket.id) && !this.stuck.has(ticket.id));
    return this.stuck.size > 0 && running.length === 0 ? [...this.stuck.values()].join(' ') : undefined;
  }

  private async follow(ticket: SyncedTicket): Promise<void> {
    const { organization_id, project_id, spec_id } = this.input;
    try {
      const result = await executeChild(ticketWorkflow, {
        ...childOptions(this.input, { ticket: ticket.id }),
        workflowId: workflowId.ticket(ticket.id),
        args: [{ organization_id, project_id, spec_id, ticket_id: ticket.id, base_branch: this.branch }],
      });
      this.finished.push(result);
    } catch (error) {
      if (wasCancelled(error)) return;
      this.broken.add(ticket.id);
      this.failed = `${ticket.title}: its workflow ended without a result (${failureOf(error).message}).`;
    }
  }

  private async join(ticket: SyncedTicket): Promise<void> {
    for (;;) {
      const joined = await records.joinTicket({ ...this.ref, ticket_id: ticket.id, branch: this.branch });
      const failure = joined.kind === 'forward' ? undefined : await this.merge(joined.source);
      if (!failure) {
        await records.ticketAdvanced({ organization_id: this.input.organization_id, ticket_id: ticket.id, to: 'done' });
        return;
      }
      await this.untilRetried(failure);
    }
  }

  private async merge(source: MergeSource): Promise<string | undefined> {
    const { organization_id, project_id, spec_id } = this.input;
    const { n } = await records.nextMerge({ subject_id: spec_id });
    const id = workflowId.merge(spec_id, n);
    try {
      const result = await executeChild(mergeWorkflow, {
        ...childOptions(this.input),
        workflowId: id,
        args: [
          {
            merge_id: id,
            organization_id,
            project_id,
            spec_id,
            ticket_id: null,
            target: this.branch,
            sources: [source],
          },
        ],
      });
      return result.status === 'completed' ? undefined : result.message;
    } catch (error) {
      if (wasCancelled(error)) throw error;
      return failureOf(error).message;
    }
  }

  private async untilRetried(reason: string): Promise<void> {
    this.failed = reason;
    await records.markSpec({ ...this.ref, status: 'waiting', waiting_for: 'person', error: reason });
    this.board.set('waiting', reason, { for: 'person' });
    await condition(() => this.failed === undefined);
    await records.markSpec({ ...this.ref, status: 'executing', waiting_for: null, error: null });
  }

  private async finish(): Promise<SpecResult> {
    for (;;) {
      await this.holdWhilePaused();
      this.board.set('running', 'opening the pull request');
      const opened = await work.openPullRequest({
        organization_id: this.input.organization_id,
        spec_id: this.input.spec_id,
        ticket_id: null,
      });
      if (opened.opened) {
        await records.markSpec({
          ...this.ref,
          status: 'pr_created',
          waiting_for: null,
          phase: 'complete',
          error: null,
          ended: true,
          event: 'spec.execution_completed',
          data: { pr_number: opened.number, pr_url: opened.url },
        });
        const message = `Pull request #${opened.number} is open: ${opened.url}`;
        this.board.set('completed', message);
        return { status: 'pr_created', message };
      }
      await this.untilRetried(opened.reason);
    }
  }
}

export async function specWorkflow(input: SpecInput): Promise<SpecResult> {
  return new SpecRun(input).run();
}
