/**
 * Measures how long something has not changed, by this process's own clock: a changed system clock, a stopped stack or
 * a full disk do not count as idle time. After a restart, or when another process looked in between, the count starts
 * again.
 */
export class IdleTracker {
  private readonly seen = new Map<string, { sign: string; since: number }>();

  /** @param now milliseconds of a monotonic clock. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Milliseconds since the sign of `id` was first seen with its present value. */
  idleMs(id: string, sign: string): number {
    const known = this.seen.get(id);
    if (known?.sign === sign) return this.now() - known.since;
    this.seen.set(id, { sign, since: this.now() });
    return 0;
  }

  /** Restarts the count of all ids with a prefix, except the ones to keep. */
  forget(prefix: string, keep: ReadonlySet<string> = new Set()): void {
    for (const id of this.seen.keys()) if (id.startsWith(prefix) && !keep.has(id)) this.seen.delete(id);
  }
}
