import type { Context } from '@temporalio/activity';
import { timeLeft } from '#workflows/domain/agent/limits.ts';
import type { AgentState, RunLimits } from '#workflows/domain/agent/run.ts';
import { givenUp, say } from '../../support/heartbeat.ts';

/** So often a long step looks whether the limits of its run have changed. */
const limitsMs = 15_000;

/** What cut the step under way: a message or a stop, or a limit of time. */
export type Cut = 'message' | 'run' | 'iteration';

/**
 * Ends the step under way of a stretch. A cut ends it for good, and the stretch returns; a stretch that is left stops
 * where it is, and the next try continues: its worker ends, or a newer try has the run.
 */
export class Reins {
  cutBy: Cut | undefined;
  /** Aborted by a cut. A command under way is ended. */
  readonly interrupt: AbortSignal;
  /** Aborted by a cut and when the stretch is left. A model call under way is ended. */
  readonly signal: AbortSignal;
  /** Rejects when the stretch is left. A command under way goes on, and the next try finds it. */
  readonly handedOver: Promise<never>;
  private readonly cutter = new AbortController();
  private readonly leaver = new AbortController();
  private readonly ended = new AbortController();

  constructor(private readonly context: Context) {
    this.interrupt = this.cutter.signal;
    this.signal = this.ended.signal;
    for (const { signal } of [this.cutter, this.leaver])
      signal.addEventListener('abort', () => this.ended.abort(signal.reason), { once: true });
    this.handedOver = new Promise<never>((_, reject) =>
      this.leaver.signal.addEventListener('abort', () => reject(this.left()), { once: true }),
    );
    this.handedOver.catch(() => undefined);
    const { cancellationSignal } = context;
    const look = () => (context.cancellationDetails?.cancelRequested ? this.cut('message') : this.leave());
    if (cancellationSignal.aborted) look();
    else cancellationSignal.addEventListener('abort', look, { once: true });
  }

  /** Tells the step under way with the activity's heartbeat. */
  say(step: Record<string, unknown>): void {
    say(step, this.context);
  }

  cut(by: Cut): void {
    this.cutBy ??= by;
    this.cutter.abort();
  }

  leave(): void {
    this.leaver.abort();
  }

  /** Aborted when the stretch is left. */
  get leaving(): AbortSignal {
    return this.leaver.signal;
  }

  get isLeft(): boolean {
    return this.leaver.signal.aborted;
  }

  /** The error of a stretch that was left: the next try begins at once. */
  left(): Error {
    return givenUp('The stretch was left.', this.context);
  }

  /**
   * Runs a step within what is left of the limits of active time, and cuts it there.
   * @param limits read again now and then, and when the time is up: a person may have changed them.
   */
  async timed<T>(
    state: Pick<AgentState, 'active_ms' | 'iteration_active_ms' | 'grace_used'>,
    limits: { now: RunLimits; again: () => Promise<RunLimits> },
    step: () => Promise<T>,
  ): Promise<T> {
    const began = performance.now();
    let timer: NodeJS.Timeout | undefined;
    let ended = false;
    const arm = (known: RunLimits) => {
      const { ms, of } = timeLeft(state, known);
      const left = ms - (performance.now() - began);
      timer = setTimeout(() => void look(of), Math.min(Math.max(1, left), limitsMs));
    };
    const look = async (of: 'run' | 'iteration') => {
      const raised = await limits.again().catch(() => limits.now);
      if (ended) return;
      if (timeLeft(state, raised).ms > performance.now() - began) arm(raised);
      else this.cut(of);
    };
    arm(limits.now);
    try {
      return await step();
    } finally {
      ended = true;
      clearTimeout(timer);
    }
  }
}
