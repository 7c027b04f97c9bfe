import { CancellationScope, condition } from '@temporalio/workflow';
import { workflowId } from '../contracts/ids.ts';
import type { StretchEnd, StretchInput, StretchResult } from '../contracts/stretch.ts';
import { nudgeSignal } from '../contracts/watch.ts';
import type { AgentState } from '../domain/agent/run.ts';
import { changesBetween } from '../domain/agent/stretch.ts';
import { records, stretches } from '../support/activities.ts';
import { signalIfRunning } from '../support/handlers.ts';
import type { AgentCalls } from './calls.ts';
import type { AgentRun, End } from './run.ts';
import type { AgentTurns } from './turns.ts';
import type { AgentWaits } from './waits.ts';

const copyOf = (state: AgentState) => JSON.parse(JSON.stringify(state)) as AgentState;

/**
 * The turns of a run in stretches: an activity carries on turn after turn, and returns when its time is up or when there
 * is something to decide here. Its ledger is the run's row; only what was decided crosses.
 */
export class AgentStretches {
  /** Tries so far. */
  count: number;
  /** Number of the last stretch that returned. */
  private since: number;
  /** The loop's state as the last stretch returned it; undefined before the first. */
  private known: AgentState | undefined;
  private underWay = false;
  private readonly start: ReturnType<typeof stretches>;

  constructor(
    private readonly run: AgentRun,
    private readonly parts: {
      waits: AgentWaits;
      calls: AgentCalls;
      turns: AgentTurns;
      /** Gives rows to the messages that came by signal. */
      takeIn: () => Promise<void>;
    },
  ) {
    const { input, state, control, ref, progress } = run;
    this.count = input.stretches ?? 0;
    this.since = this.count;
    this.known = input.stretches === undefined ? undefined : copyOf(state);
    this.start = stretches(input.sandbox_queue, () => state.turn + 1);
    control.callBack = async (step) => {
      if (!this.underWay) return;
      progress.set('running', step);
      await records.callBack({ ...ref, stretch: this.count });
    };
    control.showModelWait = ({ stretch, reason }) => {
      if (!this.underWay || stretch !== this.count) return;
      if (reason) progress.set('waiting', reason, { for: 'model' });
      else progress.set('running', this.step);
    };
  }

  /** @returns the run's end, or undefined where another stretch follows. */
  async take(): Promise<End | undefined> {
    const { control } = this.run;
    for (let close: StretchInput['close']; ;) {
      const { then } = await this.next(close);
      close = undefined;
      switch (then.kind) {
        case 'boundary':
          if (!then.open) return undefined;
          await this.pauseBetweenCalls();
          break;
        case 'cut':
          if (then.by !== 'message') control.expired = then.by;
          return undefined;
        case 'asked':
        case 'exploring':
          await this.forgetDelivered();
          await this.waitForCalls(then);
          break;
        case 'discovered':
          await this.parts.calls.followDiscoveries(then.outcomes);
          break;
        case 'unanswered':
          return this.parts.turns.withoutAnswer(then.result);
        default:
          return this.parts.turns.follow(then);
      }
      // The turn is still open: another stretch ends it.
      await this.forgetDelivered();
      if (control.comesFirst) close = control.stop ? 'stop' : 'message';
    }
  }

  private async waitForCalls(then: Extract<StretchEnd, { kind: 'asked' | 'exploring' }>): Promise<void> {
    const { calls } = this.parts;
    if (then.kind === 'exploring') await calls.explore(then.turn, then.calls);
    else for (const call of then.calls) await calls.awaitAnswer(then.turn, call);
  }

  private async pauseBetweenCalls(): Promise<void> {
    const { state, control } = this.run;
    await this.parts.takeIn();
    if (!state.paused || control.stop) return;
    await this.parts.waits.waitFor('person', state.paused.reason, {
      done: () => state.paused === null,
      paused: true,
      notice: 'resumed',
    });
  }

  /** The ledger alone knows what is undelivered: the stretch may have given the agent what came while it ran. */
  private async forgetDelivered(): Promise<void> {
    const { control, ref } = this.run;
    if (control.pendingUrgency === null || control.stop) return;
    await this.parts.takeIn();
    const waiting = await records.inbox(ref);
    if (!waiting.some(({ rank }) => rank === 'interrupt' || rank === 'boundary')) control.pendingUrgency = null;
  }

  /** Runs a stretch; one that was cut before it could return is closed by another, which says how it stands. */
  private async next(close: StretchInput['close']): Promise<StretchResult> {
    const { control, state, progress, input, ref } = this.run;
    progress.set('running', this.step);
    control.pendingUrgency = null;
    // A turn that is still open ends first; no other one follows it.
    if (control.reported) await records.callBack({ ...ref, stretch: this.count + 1 });
    const begun = copyOf(state);
    const given = this.known ? changesBetween(this.known, begun) : begun;
    const trying = (how: Pick<StretchInput, 'close'>) => this.start(() => this.inputOf(given, how));
    const result = await this.besideCourier(async () => {
      if (close) return CancellationScope.nonCancellable(() => trying({ close }));
      const called = await control.interruptible(() => trying({}), { counts: false });
      if ('value' in called) return called.value;
      return CancellationScope.nonCancellable(() => trying({ close: control.stop ? 'stop' : 'message' }));
    });
    this.known = { ...begun, ...result.changes };
    // A pause or its end may have come meanwhile.
    Object.assign(state, copyOf(this.known), { paused: state.paused ?? result.changes.paused ?? null });
    this.since = this.count;
    this.run.publishTotals();
    if (result.quiet)
      await signalIfRunning(workflowId.guardian(input.project_id), nudgeSignal, { run_id: input.run_id });
    return result;
  }

  private get step(): string {
    return `working since turn ${this.run.state.turn + 1}`;
  }

  private inputOf(given: Partial<AgentState>, how: Pick<StretchInput, 'close'>): StretchInput {
    this.count += 1;
    return { ...this.run.ref, number: this.count, since: this.since, given, ...how };
  }

  /** Messages that come by signal while a stretch runs get their rows at once: it reads them there. */
  private async besideCourier<T>(work: () => Promise<T>): Promise<T> {
    const { control } = this.run;
    let ended = false;
    const courier = async () => {
      for (;;) {
        await condition(() => ended || control.incoming.length > 0);
        if (ended) return;
        await this.parts.takeIn();
      }
    };
    const carrying = courier();
    carrying.catch(() => undefined);
    this.underWay = true;
    try {
      return await work();
    } finally {
      this.underWay = false;
      ended = true;
      await carrying;
    }
  }
}
