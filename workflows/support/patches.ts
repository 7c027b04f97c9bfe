/**
 * The patch ledger. A change to the steps of a running workflow is guarded by `patched(id)` and listed here until no
 * history from before it is left. A test compares the ledger with the code. Recorded histories (tests/replay/histories)
 * show when a patch is missing.
 */
export interface Patch {
  /** The version that introduced it. */
  since: string;
  /** The steps of a workflow from before the patch. */
  change: string;
  /**
   * ISO date after which every older run has ended, and the old branch may be removed: `deprecatePatch` first, then
   * deletion.
   */
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
      "A project's queue starts as much work as it has slots for, regardless of its organization's limit, and sends the signal that grants the slot.",
    removable_after: '2027-03-01',
  },
  'release-looks-again': {
    since: '0.1.0',
    change: 'Tasks that wait for money or a person are looked at again only when the holders of slots are.',
    removable_after: '2027-03-01',
  },
  'spec-broken-ticket': {
    since: '0.1.0',
    change: 'A ticket whose workflow ended without a result is never restarted.',
    removable_after: '2027-03-01',
  },
  'broken-task': {
    since: '0.1.0',
    change: 'A task whose workflow ended without a result keeps the last status in its record.',
    removable_after: '2027-03-01',
  },
  'pull-request-merge-result': {
    since: '0.1.0',
    change: 'Requested changes whose merge into the branch of the pull request failed are dropped.',
    removable_after: '2027-03-01',
  },
  'changes-join-running-ticket': {
    since: '0.1.0',
    change: 'Changes that are requested while the workflow of their ticket runs are refused by the running workflow.',
    removable_after: '2027-03-01',
  },
  'ticket-end': {
    since: '0.1.0',
    change: 'A cancelled ticket keeps its last status in its record, with its unstarted tasks and open discoveries.',
    removable_after: '2027-03-01',
  },
  'spec-cancelled-ticket': {
    since: '0.1.0',
    change: 'A ticket that waits for a cancelled ticket starts without its code.',
    removable_after: '2027-03-01',
  },
  'ready-tasks-claimed': {
    since: '0.1.0',
    change:
      'A task that continues several may be started twice when a merge ends at that moment, and counts as broken.',
    removable_after: '2027-03-01',
  },
  'ticket-new-task-at-end': {
    since: '0.1.0',
    change: 'A ticket ends although a task was added while its pull request was being opened.',
    removable_after: '2027-03-01',
  },
  'changes-retry': {
    since: '0.1.0',
    change: 'Requested changes that failed are left to a new request, and what was made of them is not joined.',
    removable_after: '2027-03-01',
  },
  'decisions-in-order': {
    since: '0.1.0',
    change: 'A decision about a pull request may pass one that came before it and waits.',
    removable_after: '2027-03-01',
  },
  'queued-changes-pass': {
    since: '0.1.0',
    change: 'Changes that were requested before others failed wait for the retry of those.',
    removable_after: '2027-03-01',
  },
  'ended-pull-drops-changes': {
    since: '0.1.0',
    change: 'Changes that were requested before the end of the pull request start the work of its ended ticket again.',
    removable_after: '2027-03-01',
  },
  'slot-delay-shown': {
    since: '0.1.0',
    change: 'Tasks and runs that wait for a slot do not show why the queue can grant none.',
    removable_after: '2027-03-01',
  },
  'ticket-unstuck': {
    since: '0.1.0',
    change: 'The record of a ticket that continues still asks for a person.',
    removable_after: '2027-03-01',
  },
  'refusal-rephrased': {
    since: '0.1.0',
    change: 'A refusal of the model pauses the run at once, without one more turn in other terms.',
    removable_after: '2027-03-01',
  },
  'phase-at-limit-waits': {
    since: '0.1.0',
    change: 'A planning phase that ran out of money, turns or time ends its spec.',
    removable_after: '2027-03-01',
  },
  'run-budget-waits': {
    since: '0.1.0',
    change: 'A run that has spent its own budget fails instead of waiting until the budget is raised.',
    removable_after: '2027-03-01',
  },
  stretches: {
    since: '0.1.0',
    change: 'Each model call and each tool call of an agent is a step of its own, until the run continues as new.',
    removable_after: '2027-03-01',
  },
  'budget-frees-slot': {
    since: '0.1.0',
    change: 'A run that waits for money keeps its slot at first, and a review keeps it through any wait.',
    removable_after: '2027-03-01',
  },
  'awaits-survey': {
    since: '0.1.0',
    change: "A task starts without waiting for the survey of its project's repository.",
    removable_after: '2027-03-01',
  },
  'host-read-beside-changes': {
    since: '0.1.0',
    change: 'What people do with a pull request at its code host is read only once requested changes have been made.',
    removable_after: '2027-03-01',
  },
  'ended-pull-not-updated': {
    since: '0.1.0',
    change: 'Changes that end after their pull request has ended still try to update it.',
    removable_after: '2027-03-01',
  },
};
