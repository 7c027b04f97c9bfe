import { CancellationScope, condition, setHandler, sleep, uuid4 } from '@temporalio/workflow';
import { rankOf, steerInput, userMessageInput, type IncomingMessage, type Rank } from '../contracts/messages.ts';
import {
  inboxQuery,
  interruptInput,
  interruptUpdate,
  pauseInput,
  pauseUpdate,
  resumeUpdate,
  slotSignal,
  steerSignal,
  stopUpdate,
  unblockedInput,
  unblockedSignal,
  userMessageSignal,
  wakeInput,
  wakeSignal,
  type AgentState,
} from '../contracts/run.ts';
import { z } from 'zod';
import { wasCancelled } from './failure.ts';
import { IgnoredSignals, refuse, requireInput } from './signals.ts';

export interface StopRequest {
  by: string;
  reason: string;
  message: string;
}

export type Interruption = 'interrupted' | 'expired';

/**
 * What reaches a running agent from outside: words, interrupts, pause, stop. Handlers only write down; the loop reads
 * when it is ready, except that an interrupt, a stop or an expired time limit cancels the step that runs.
 */
export class AgentControl {
  readonly ignored = new IgnoredSignals();
  /** Words that came by signal and have no row yet. */
  incoming: IncomingMessage[] = [];
  /** The most urgent rank of what has come since the last model call. */
  pendingRank: Rank | null = null;
  stop: StopRequest | undefined;
  unblocked: z.output<typeof unblockedInput>[] = [];
  slotGranted = false;
  /** Counts what may end a wait. */
  wakes = 0;
  private scope: CancellationScope | undefined;
  private deadline: CancellationScope | undefined;
  /** Whose clock ran out; undefined while it runs. */
  expired: 'run' | 'iteration' | undefined;

  constructor(private readonly state: AgentState) {
    this.ignored.handle(steerSignal, steerInput, ({ kind, message, actor }) => {
      this.take({ kind: 'steer', steer_kind: kind, content: message, actor: actor ?? 'operator' });
      if (kind === 'stop') this.requestStop({ by: actor ?? 'operator', reason: 'stopped', message });
    });
    this.ignored.handle(userMessageSignal, userMessageInput, ({ kind, content, actor }) =>
      this.take({ kind, content, actor: actor ?? 'operator' }),
    );
    this.ignored.handle(wakeSignal, wakeInput, ({ rank, stop }) => {
      this.wakes += 1;
      if (rank) this.raise(rank);
      if (stop) this.requestStop(stop);
    });
    this.ignored.handle(unblockedSignal, unblockedInput, (value) => {
      this.unblocked.push(value);
      this.wakes += 1;
    });
    this.ignored.handle(slotSignal, z.looseObject({}), () => {
      this.slotGranted = true;
    });
    setHandler(
      interruptUpdate,
      (input) => {
        const { message, actor } = requireInput(interruptInput, input);
        this.take({
          kind: 'interrupt',
          content: message ?? 'Stop what you are doing and wait for what comes next.',
          actor: actor ?? 'operator',
        });
        return { accepted: true as const, turn: this.state.turn };
      },
      { validator: (input) => void requireInput(interruptInput, input) },
    );
    setHandler(
      pauseUpdate,
      (input) => {
        const { reason, actor } = requireInput(pauseInput, input);
        this.state.paused ??= { by: actor ?? 'operator', reason: reason ?? 'Paused by a person.' };
        return { state: 'paused' };
      },
      { validator: (input) => this.mayChange(() => requireInput(pauseInput, input)) },
    );
    setHandler(
      resumeUpdate,
      (input) => {
        requireInput(pauseInput, input);
        this.state.paused = null;
        this.wakes += 1;
        return { state: 'running' };
      },
      {
        validator: (input) =>
          this.mayChange(() => {
            requireInput(pauseInput, input);
            if (!this.state.paused) throw refuse('The run is not paused.');
          }),
      },
    );
    setHandler(
      stopUpdate,
      (input) => {
        const { reason, actor } = requireInput(pauseInput, input);
        this.requestStop({ by: actor ?? 'operator', reason: 'stopped', message: reason ?? 'Stopped by a person.' });
        return { state: 'stopping' };
      },
      { validator: (input) => void requireInput(pauseInput, input) },
    );
    setHandler(inboxQuery, () => ({
      undelivered: this.incoming.map(({ id, kind, rank }) => ({ id, kind, rank })),
      ignored: [],
    }));
    this.ignored.catchRest();
  }

  private mayChange(check: () => unknown): void {
    check();
    if (this.stop) throw refuse('The run is being stopped.');
  }

  private take(message: {
    kind: string;
    steer_kind?: IncomingMessage['steer_kind'];
    content: string;
    actor: string;
  }): void {
    const rank = rankOf[message.kind as keyof typeof rankOf] ?? 'turn';
    this.incoming.push({ ...message, id: uuid4(), rank, stored: false });
    this.wakes += 1;
    this.raise(rank);
  }

  private raise(rank: Rank): void {
    const order: (Rank | null)[] = [null, 'turn', 'boundary', 'interrupt'];
    if (order.indexOf(rank) > order.indexOf(this.pendingRank)) this.pendingRank = rank;
    if (rank === 'interrupt') this.scope?.cancel();
  }

  private requestStop(request: StopRequest): void {
    this.stop ??= request;
    this.wakes += 1;
    this.scope?.cancel();
  }

  /** True when the rest of a turn's calls should not be made: somebody's word comes first. */
  get comesFirst(): boolean {
    return (
      this.stop !== undefined ||
      this.expired !== undefined ||
      this.pendingRank === 'boundary' ||
      this.pendingRank === 'interrupt'
    );
  }

  /** Runs a step that an interrupt, a stop or the time limit may cut short. */
  async interruptible<T>(work: () => Promise<T>): Promise<{ value: T } | { cut: Interruption }> {
    const scope = new CancellationScope();
    this.scope = scope;
    const began = Date.now();
    try {
      if (this.stop || this.expired) return { cut: this.expired ? 'expired' : 'interrupted' };
      return { value: await scope.run(work) };
    } catch (error) {
      // A cancelled workflow is no interrupt: it ends.
      if (!wasCancelled(error) || CancellationScope.current().consideredCancelled || !scope.consideredCancelled)
        throw error;
      return { cut: this.expired ? 'expired' : 'interrupted' };
    } finally {
      this.scope = undefined;
      this.state.active_ms += Date.now() - began;
      this.state.iteration_active_ms += Date.now() - began;
    }
  }

  /** Starts the clock of active time: when it runs out, the step under way is cut short. */
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

  /** Waits until `done`, a stop, or the time has passed. @returns false when it has. */
  async waitFor(done: () => boolean, timeoutMs?: number): Promise<boolean> {
    const check = () => done() || this.stop !== undefined;
    return timeoutMs === undefined ? condition(check).then(() => true) : condition(check, Math.max(1, timeoutMs));
  }
}
