import type { PlannedTask } from '#activities/ticket/branches.ts';
import type { TaskResult, TicketInput } from '../contracts/work.ts';
import { ChildTracker } from '../support/child-tracker.ts';

/** A run that waits until the task that its discovery opened is joined. */
export interface BlockedRun {
  run_id: string;
  source_task_id: string | null;
  discovery_id: string;
}

/** The parts of a ticket's work that its loop, its tasks and its merges share. */
export class TicketRun {
  readonly ref: { organization_id: string; ticket_id: string };
  readonly tasks = new Map<string, PlannedTask>();
  readonly children = new ChildTracker<TaskResult>();
  readonly blockedRuns: BlockedRun[] = [];
  /** The tasks in the records may differ from those here, or a merge has ended: the loop looks again. */
  dirty = false;
  /** Counts how often the loop had something to do. */
  wakes = 0;
  branch = '';
  headSha = '';
  limits = { validation_rounds: 3, max_retries: 3, retry_backoff_seconds: 2 };
  merging = false;
  /** Why the last merge, pull request or other step failed; a person's retry clears it. */
  mergeFailed: string | undefined;

  /** Why a person holds the tasks that have not started. */
  blocked: string | undefined;

  constructor(readonly input: TicketInput) {
    this.ref = { organization_id: input.organization_id, ticket_id: input.ticket_id };
  }
}
