import { randomUUID } from 'node:crypto';
import { fenced } from '#workflows/domain/errors.ts';
import { renewal, type PermitState, type WantedPermit } from '#prisma/store/model-permits.ts';
import type { ModelPermits, Permit, PermittedCall, PermitWait } from '../ports/model-permits.ts';
import type { Store } from '../ports/store.ts';

/** Milliseconds between two looks while calls wait. Permits that this process returns are exchanged at once. */
const lookMs = 250;
/** Milliseconds after which a wait is shown to people: a shorter one is part of an ordinary turn. */
const shownAfterMs = 2000;

type PermitStore = { modelPermits: Pick<Store['modelPermits'], 'exchange'> };

/** The permits of one provider in this process. All its calls are exchanged in one statement, which also renews them. */
class ProviderPermits {
  private readonly calls = new Map<number, Waiting>();
  private returned: number[] = [];
  private count = 0;
  private exchanging = false;
  private again = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly process = randomUUID();

  constructor(
    private readonly store: PermitStore,
    private readonly provider: string,
    private readonly limit: number,
  ) {}

  async take(call: PermittedCall, wait: PermitWait): Promise<Permit | undefined> {
    wait.signal.throwIfAborted();
    this.count += 1;
    const number = this.count;
    const waiting = new Waiting(call, this.limit, wait.onWait);
    const drop = () => this.drop(number);
    const abort = () => {
      drop();
      waiting.reject(wait.signal.reason);
    };
    const leave = () => {
      // Its row stays until its lease is over or the next try takes it.
      this.calls.delete(number);
      waiting.resolve(false);
    };
    wait.signal.addEventListener('abort', abort, { once: true });
    wait.leave.addEventListener('abort', leave, { once: true });
    this.calls.set(number, waiting);
    if (wait.leave.aborted) leave();
    else this.exchange();
    try {
      return (await waiting.granted) ? { give: drop } : undefined;
    } finally {
      waiting.end();
      wait.signal.removeEventListener('abort', abort);
      wait.leave.removeEventListener('abort', leave);
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.calls.clear();
    this.returned = [];
  }

  private drop(number: number): void {
    if (!this.calls.delete(number)) return;
    this.returned.push(number);
    this.exchange();
  }

  private exchange(): void {
    this.again = true;
    if (!this.exchanging) void this.exchangeAll();
  }

  private async exchangeAll(): Promise<void> {
    this.exchanging = true;
    clearTimeout(this.timer);
    let failed = false;
    while (this.again && !failed) {
      this.again = false;
      failed = !(await this.exchangeOnce());
    }
    this.exchanging = false;
    if (failed || this.again) this.lookIn(1000);
    else if ([...this.calls.values()].some(({ isGranted }) => !isGranted)) this.lookIn(lookMs);
    else if (this.calls.size > 0) this.lookIn(renewal.granted * 1000);
  }

  private lookIn(ms: number): void {
    this.timer = setTimeout(() => this.exchange(), ms).unref();
  }

  /** @returns false where the database did not answer: calls that wait fail with it, as every step does. */
  private async exchangeOnce(): Promise<boolean> {
    const { provider, process, returned } = this;
    this.returned = [];
    const asked = [...this.calls];
    try {
      const states = await this.store.modelPermits.exchange({
        provider,
        process,
        limit: this.limit,
        wanted: asked.flatMap(([number, waiting]) => (waiting.isStored ? [] : [waiting.row(number)])),
        kept: asked.map(([number]) => number),
        returned,
      });
      const byNumber = new Map(states.map((state) => [state.number, state]));
      for (const [number, waiting] of asked) this.tell(number, waiting, byNumber.get(number));
      return true;
    } catch (error) {
      this.returned.unshift(...returned);
      for (const [number, waiting] of asked) {
        if (waiting.isGranted) continue;
        this.calls.delete(number);
        this.returned.push(number);
        waiting.reject(error);
      }
      return false;
    }
  }

  private tell(number: number, waiting: Waiting, state: PermitState | undefined): void {
    waiting.isStored = true;
    if (!state) {
      // A call under way goes on: what it writes is fenced off where its run was taken.
      if (!waiting.isGranted) this.calls.delete(number);
      waiting.reject(fenced());
    } else if (state.granted) {
      waiting.isGranted = true;
      waiting.resolve(true);
    } else if (state.called_back > (waiting.call.since ?? Infinity)) {
      this.drop(number);
      waiting.resolve(false);
    } else {
      waiting.ahead = state.ahead;
    }
  }
}

/** A call from the time when it asks for its permit until it gives it back. */
class Waiting {
  isStored = false;
  isGranted = false;
  ahead = 0;
  resolve!: (granted: boolean) => void;
  reject!: (error: unknown) => void;
  readonly granted = new Promise<boolean>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    readonly call: PermittedCall,
    limit: number,
    onWait: PermitWait['onWait'],
  ) {
    if (onWait) this.timer = setTimeout(() => onWait(this.reason(limit)), shownAfterMs);
  }

  row(number: number): WantedPermit {
    const { id, organization_id, run_id, owner } = this.call;
    return { id, organization_id, run_id: run_id ?? null, owner: owner ?? 0, number };
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private reason(limit: number): string {
    return `All calls that ${this.call.provider} may get at once are under way (model.concurrent_calls: ${limit}), and ${this.ahead} wait before this one.`;
  }
}

const unlimited: Permit = { give: () => undefined };

/** @param limit calls of each provider that may be under way at once; undefined: any number, and no statement is made. */
export function createModelPermits(store: PermitStore, limit: number | undefined): ModelPermits {
  const providers = new Map<string, ProviderPermits>();
  return {
    take: async (call, wait) => {
      if (limit === undefined) return unlimited;
      const permits = providers.get(call.provider) ?? new ProviderPermits(store, call.provider, limit);
      providers.set(call.provider, permits);
      return permits.take(call, wait);
    },
    close: () => providers.forEach((permits) => permits.close()),
  };
}
