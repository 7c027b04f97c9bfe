/**
 * The patch ledger. A change that alters what a running workflow does next is made behind `patched(id)`, and listed
 * here until no history from before it is left; a test compares ledger and code. Recorded histories
 * (tests/replay/histories) show when a patch is missing.
 */
export interface Patch {
  /** Version that brought it. */
  since: string;
  /** What a workflow from before the patch does. */
  change: string;
  /** ISO date from which every older run has ended, so that the old way may go: `deprecatePatch`, then removal. */
  removable_after: string;
}

export const patches: Record<string, Patch> = {
  'pause-reaches-agents': {
    since: '0.1.0',
    change: "A spec's pause waits for the step under way, however long its agent works.",
    removable_after: '2027-03-01',
  },
  'organization-slots': {
    since: '0.1.0',
    change:
      "A project's queue starts what it has slots for, whatever its organization's limit is, and grants the slot by a signal of its own.",
    removable_after: '2027-03-01',
  },
  'spec-broken-ticket': {
    since: '0.1.0',
    change: 'A ticket whose workflow ended without a result is never restarted.',
    removable_after: '2027-03-01',
  },
  'broken-task': {
    since: '0.1.0',
    change: 'A task whose workflow ended without a result stays in its record as it was then.',
    removable_after: '2027-03-01',
  },
  'ticket-unstuck': {
    since: '0.1.0',
    change: 'A ticket that continues still asks for a person in its record.',
    removable_after: '2027-03-01',
  },
};
