/**
 * How long something has stood still, by this process's own count: a clock that is set, a stack that was down, or a
 * disk without room are no idleness. A look after another process took turns, or a restart, counts from there.
 */
export class Stillness {
  private readonly seen = new Map<string, { sign: string; since: number }>();

  /** @param now milliseconds of a clock that nobody sets. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Milliseconds since the sign of `id` was first seen as it is. */
  of(id: string, sign: string): number {
    const known = this.seen.get(id);
    if (known?.sign === sign) return this.now() - known.since;
    this.seen.set(id, { sign, since: this.now() });
    return 0;
  }

  /** Begins to count anew for those whose id begins so, but for the ones to keep. */
  forget(prefix: string, keep: ReadonlySet<string> = new Set()): void {
    for (const id of this.seen.keys()) if (id.startsWith(prefix) && !keep.has(id)) this.seen.delete(id);
  }
}
