/** A call that wants a permit of its provider. */
export interface PermittedCall {
  /** `run:ID`, or the key of a single value: each has one call at a time. A repeated call keeps permit and place. */
  id: string;
  provider: string;
  organization_id: string;
  run_id?: string;
  /** The run's owner: an older one takes nothing. */
  owner?: number;
  /** The last stretch that has returned: a run whose workflow asks for a later one stops waiting. */
  since?: number;
}

export interface Permit {
  /** Gives the permit back. A repetition changes nothing. */
  give(): void;
}

/** How a call waits for its permit. */
export interface PermitWait {
  /** Ends the wait, which then rejects. */
  signal: AbortSignal;
  /** Ends the wait. The place is kept for the next try, which follows at once. */
  leave: AbortSignal;
  /** Called once, when the call has waited for a while: why it waits, for a person. */
  onWait?: (reason: string) => void;
}

/** Permits to call providers, so that over all processes no more calls of a key are under way than its settings say. */
export interface ModelPermits {
  /**
   * Waits for a permit; the call that has waited longest gets the next. To be taken before money is reserved.
   * @returns undefined where the wait ended without one: it was left, or the run's workflow wants the run.
   * @throws fenced when a newer try of the call has taken it over, or the signal's reason.
   */
  take(call: PermittedCall, wait: PermitWait): Promise<Permit | undefined>;
  close(): void;
}
