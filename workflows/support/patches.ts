/**
 * The patch ledger. A change that alters what a running workflow does next is made behind `patched(id)`, and stands
 * here until no history from before it is left; tests hold ledger and code together. Recorded histories
 * (tests/replay/histories) tell when a patch is missing.
 */
export interface Patch {
  /** Version that brought it. */
  since: string;
  /** What the workflow does otherwise. */
  change: string;
  /** ISO date from which every older run has ended, so that the old way may go: `deprecatePatch`, then removal. */
  removable_after: string;
}

/** None so far: no released version has run other code. */
export const patches: Record<string, Patch> = {};
