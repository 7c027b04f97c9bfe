/** Failures in a row that open a breaker. */
const failuresToOpen = 5;
/** Milliseconds for which it stays open. */
const openMs = 60_000;
/** Successes that close one that is half open, and the calls that may be under way meanwhile. */
const successesToClose = 3;
const mostProbes = 3;

export interface Breaker {
  state: 'closed' | 'open' | 'half_open';
  /** In a row. */
  failures: number;
  /** Since it is half open. */
  successes: number;
  /** Calls under way since it is half open. */
  probes: number;
  opened_at: Date | null;
}

export const closedBreaker: Breaker = { state: 'closed', failures: 0, successes: 0, probes: 0, opened_at: null };

/** Whether a breaker lets a call through, and how it stands then. `probe`: its end is awaited to close the breaker. */
export function admit(breaker: Breaker, now: Date): { admitted: boolean; probe: boolean; breaker: Breaker } {
  if (breaker.state === 'closed') return { admitted: true, probe: false, breaker };
  const isOver = now.getTime() - (breaker.opened_at?.getTime() ?? 0) >= openMs;
  if (breaker.state === 'open' && !isOver) return { admitted: false, probe: false, breaker };
  const half: Breaker =
    breaker.state === 'open' ? { ...breaker, state: 'half_open', successes: 0, probes: 0 } : breaker;
  if (half.probes >= mostProbes) return { admitted: false, probe: false, breaker: half };
  return { admitted: true, probe: true, breaker: { ...half, probes: half.probes + 1 } };
}

/** How a breaker stands after a call. `neither`: the end of the call says nothing about the server. */
export function settle(
  breaker: Breaker,
  call: { probe: boolean; ended: 'success' | 'failure' | 'neither' },
  now: Date,
): Breaker {
  const probes = Math.max(0, breaker.probes - (call.probe ? 1 : 0));
  const opened: Breaker = { ...closedBreaker, state: 'open', failures: breaker.failures + 1, opened_at: now };
  if (call.ended === 'neither') return { ...breaker, probes };
  if (breaker.state === 'closed') {
    if (call.ended === 'success') return { ...breaker, failures: 0 };
    const failures = breaker.failures + 1;
    return failures >= failuresToOpen ? opened : { ...breaker, failures };
  }
  // A call that began before the breaker opened says nothing about the server as it is now.
  if (breaker.state === 'open' || !call.probe) return { ...breaker, probes };
  if (call.ended === 'failure') return opened;
  const successes = breaker.successes + 1;
  return successes >= successesToClose ? closedBreaker : { ...breaker, successes, probes };
}
