import { CancellationScope, condition, setHandler, sleep, uuid4 } from '@temporalio/workflow';
import { urgencyOf, type IncomingMessage, type Urgency } from '../domain/agent/inbox.ts';
import { tooLow } from '../domain/agent/limits.ts';
import type { AgentState } from '../domain/agent/run.ts';
import {
  claimUpdate,
  inboxQuery,
  interruptUpdate,
  modelWaitSignal,
  pauseUpdate,
  raiseLimitsUpdate,
  resumeUpdate,
  slotSignal,
  steerSignal,
  stopUpdate,
  reviewUpdate,
  unblockedSignal,
  userMessageSignal,
  wakeSignal,
  type AgentInput,
  type ToolOutcome,
  type Unblocked,
} from '../contracts/run.ts';
import { slotDelayedSignal } from '../contracts/work.ts';
import { records } from './activities.ts';
import { wasCancelled } from './failure.ts';
import { handleUpdate, inBackground, refuse, SignalHandlers } from './handlers.ts';
import { showRetrying } from './retrying.ts';

export interface StopRequest {
  by: string;
  reason: string;
  message: string;
}

/** So long the step under way may go on after a result was reported. */
const reportedStepMs = 10_000;

export type Interruption = 'interrupted' | 'expired';

/**
 * Receives the messages to a running agent: texts, interrupts, pause, stop. Handlers only record them, and the loop
 * reads them when it is ready. An interrupt, a stop or an expired time limit cancels the step under way.
 */
export class AgentControl {
  readonly signals: SignalHandlers;
  /** Messages that came by signal and have no row yet. */
  incoming: IncomingMessage[] = [];
  /** The most urgent rank of the messages since the last model call. */
  pendingUrgency: Urgency | null = null;
  stop: StopRequest | undefined;
  unblocked: Unblocked[] = [];
  slotGranted = false;
  /** Counts the messages that may end a wait. */
  wakes = 0;
  /** A person has raised a limit since the loop last looked. */
  limitsRaised = false;
  /** A result that came by REST: the iteration ends with it. */
  reported: ToolOutcome | undefined;
  /** Asks the stretch under way to return at its next boundary, and shows why. */
  callBack: (step: string) => Promise<void> = async () => undefined;
  /** Shows that the stretch under way waits for the model, or (null) no longer. */
  showModelWait: (wait: { stretch: number; reason: string | null }) => void = () => undefined;
  /** Starts the clock again, since its limit has changed. */
  rearm: () => void = () => undefined;
  private scope: CancellationScope | undefined;
  private deadline: CancellationScope | undefined;
  /** Time in milliseconds up to which the step under way is counted; undefined while none is. */
  private countedTo: number | undefined;
  /** The time limit that expired; undefined while none has. */
  expired: 'run' | 'iteration' | undefined;

  constructor(
    private readonly state: AgentState,
    private readonly input: AgentInput,
  ) {
    this.signals = new SignalHandlers(input);
    this.handleSignals();
    this.handleUpdates();
    setHandler(inboxQuery, () => ({
      undelivered: this.incoming.map(({ id, kind, rank }) => ({ id, kind, rank })),
      ignored: [],
    }));
    this.signals.ignoreRest();
  }

  private handleSignals(): void {
    this.signals.handle(steerSignal, ({ kind, message, actor }) => {
      this.take({ kind: 'steer', steer_kind: kind, content: message, actor: actor ?? 'operator' });
      if (kind === 'stop') this.requestStop({ by: actor ?? 'operator', reason: 'stopped', message });
    });
    this.signals.handle(userMessageSignal, ({ kind, content, actor }) =>
      this.take({ kind, content, actor: actor ?? 'operator' }),
    );
    this.signals.handle(wakeSignal, ({ rank, stop }) => {
      this.wakes += 1;
      if (rank) this.raise(rank);
      if (stop) this.requestStop(stop);
    });
    this.signals.handle(unblockedSignal, (value) => {
      this.unblocked.push(value);
      this.wakes += 1;
    });
    this.signals.handle(slotSignal, () => {
      this.slotGranted = true;
      showRetrying(this);
    });
    this.signals.handle(modelWaitSignal, (wait) => this.showModelWait(wait));
    this.signals.handle(slotDelayedSignal, ({ retrying }) => {
      if (!this.slotGranted) showRetrying(this, retrying ?? undefined);
    });
  }

  private handleUpdates(): void {
    handleUpdate(interruptUpdate, {
      apply: ({ message, actor }) => {
        this.take({
          kind: 'interrupt',
          content: message ?? 'Stop your work and wait for the next message.',
          actor: actor ?? 'operator',
        });
        return { accepted: true as const, turn: this.state.turn };
      },
    });
    handleUpdate(pauseUpdate, {
      check: () => this.requireNotStopping(),
      apply: async ({ reason, actor }) => {
        this.state.paused ??= { by: actor ?? 'operator', reason: reason ?? 'Paused by a person.' };
        await this.callBack('pausing after the step under way');
        return { state: 'paused' };
      },
    });
    handleUpdate(resumeUpdate, {
      check: () => {
        if (!this.state.paused) throw refuse('The run is not paused.');
        this.requireNotStopping();
      },
      apply: () => {
        this.state.paused = null;
        this.wakes += 1;
        return { state: 'running' };
      },
    });
    handleUpdate(raiseLimitsUpdate, {
      check: ({ actor: _actor, ...raised }) => {
        const low = tooLow(this.state, raised);
        if (low) throw refuse(low);
        this.requireNotStopping();
      },
      apply: async ({ actor, ...raised }) => {
        const { limits, organization_id, run_id } = this.input;
        Object.assign(limits, raised);
        this.limitsRaised = true;
        if (this.deadline && !this.expired) this.rearm();
        const { max_turns, max_usd, max_seconds } = limits;
        await records.storeLimits({ organization_id, run_id, raised, actor: actor ?? 'operator' });
        return { limits: { max_turns, max_usd, max_seconds } };
      },
    });
    const check = () => this.requireNotStopping();
    handleUpdate(claimUpdate, { check, apply: (report) => this.takeReport({ kind: 'claimed', report }) });
    handleUpdate(reviewUpdate, {
      check,
      apply: ({ evidence, ...review }) =>
        this.takeReport({
          kind: 'reviewed',
          ...review,
          reported: true,
          evidence: evidence.map((item) => ({ ...item, exit_code: null, verified: false })),
        }),
    });
    handleUpdate(stopUpdate, {
      apply: ({ reason, actor }) => {
        this.requestStop({ by: actor ?? 'operator', reason: 'stopped', message: reason ?? 'Stopped by a person.' });
        return { state: 'stopping' };
      },
    });
  }

  /** One result at a time: a repeated one, or another one before it is checked, changes nothing. */
  private async takeReport(outcome: ToolOutcome): Promise<{ status: 'taken' | 'known' }> {
    if (this.reported) return { status: 'known' };
    this.reported = outcome;
    this.wakes += 1;
    await this.callBack('checking a reported result after the step under way');
    void inBackground(this.cutForReport(outcome));
    return { status: 'taken' };
  }

  /** A step that does not end by itself must not hold up the check. The command that reported has its answer by then. */
  private async cutForReport(outcome: ToolOutcome): Promise<void> {
    await sleep(reportedStepMs);
    if (this.reported === outcome) this.scope?.cancel();
  }

  private requireNotStopping(): void {
    if (this.stop) throw refuse('The run is being stopped.');
  }

  private take(message: {
    kind: string;
    steer_kind?: IncomingMessage['steer_kind'];
    content: string;
    actor: string;
  }): void {
    const rank = urgencyOf[message.kind as keyof typeof urgencyOf] ?? 'turn';
    this.incoming.push({ ...message, id: uuid4(), rank });
    this.wakes += 1;
    this.raise(rank);
  }

  private raise(rank: Urgency): void {
    const order: (Urgency | null)[] = [null, 'turn', 'boundary', 'interrupt'];
    if (order.indexOf(rank) > order.indexOf(this.pendingUrgency)) this.pendingUrgency = rank;
    if (rank === 'interrupt') this.scope?.cancel();
  }

  private requestStop(request: StopRequest): void {
    this.stop ??= request;
    this.wakes += 1;
    this.scope?.cancel();
  }

  /** True when the rest of a turn's calls must not be made, because a message or a stop comes first. */
  get comesFirst(): boolean {
    return (
      this.stop !== undefined ||
      this.expired !== undefined ||
      this.pendingUrgency === 'boundary' ||
      this.pendingUrgency === 'interrupt'
    );
  }

  /**
   * Runs a step that an interrupt, a stop or the time limit may cancel.
   * @param options.counts whether its time counts as active time of the run.
   */
  async interruptible<T>(
    work: () => Promise<T>,
    { counts } = { counts: true },
  ): Promise<{ value: T } | { cut: Interruption }> {
    const scope = new CancellationScope();
    this.scope = scope;
    if (counts) this.countedTo = Date.now();
    try {
      if (this.stop || this.expired) return { cut: this.expired ? 'expired' : 'interrupted' };
      return { value: await scope.run(work) };
    } catch (error) {
      // A cancelled workflow is not an interrupt: it ends.
      if (!wasCancelled(error) || CancellationScope.current().consideredCancelled || !scope.consideredCancelled)
        throw error;
      return { cut: this.expired ? 'expired' : 'interrupted' };
    } finally {
      this.scope = undefined;
      this.countTime();
      this.countedTo = undefined;
    }
  }

  /** Adds the time of the step under way to the active time of run and iteration. */
  countTime(): void {
    if (this.countedTo === undefined) return;
    const active = Date.now() - this.countedTo;
    this.state.active_ms += active;
    this.state.iteration_active_ms += active;
    this.countedTo += active;
  }

  /** Starts the clock of active time. When `leftMs` milliseconds have passed, the step under way is cancelled. */
  armDeadline(leftMs: number, of: 'run' | 'iteration'): void {
    this.disarmDeadline();
    this.expired = undefined;
    const scope = new CancellationScope();
    this.deadline = scope;
    void scope
      .run(async () => {
        await sleep(Math.max(1, leftMs));
        this.expired = of;
        this.scope?.cancel();
      })
      .catch(() => undefined);
  }

  disarmDeadline(): void {
    this.deadline?.cancel();
    this.deadline = undefined;
  }

  /**
   * Waits until `done` holds, the run is stopped, or `timeoutMs` milliseconds have passed.
   * @returns false when the time has passed.
   */
  async waitFor(done: () => boolean, timeoutMs?: number): Promise<boolean> {
    const check = () => done() || this.stop !== undefined;
    return timeoutMs === undefined ? condition(check).then(() => true) : condition(check, Math.max(1, timeoutMs));
  }
}
