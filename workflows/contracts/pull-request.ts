import { z } from 'zod';
import { update } from './message.ts';

export interface PullRequestInput {
  pull_request_id: string;
  organization_id: string;
  project_id: string;
}

/**
 * Merges the pull request. @returns the commit that the base branch is at then, or what the code host waits for before it
 * merges by itself.
 */
export const mergeUpdate = update(
  'merge',
  z.strictObject({
    method: z.enum(['merge', 'squash']).optional(),
    when_ready: z.boolean().optional(),
    actor: z.string().optional(),
  }),
  z.union([z.object({ sha: z.string() }), z.object({ waits_for: z.string() })]),
);

const comment = z.object({
  body: z.string().min(1),
  path: z.string().optional(),
  line: z.number().int().optional(),
  /** The newest commit that the reviewer saw, by its whole id. */
  head_sha: z.string().optional(),
});
/** Closes the pull request without merging it. */
export const closePullUpdate = update(
  'close',
  z.strictObject({ actor: z.string().optional() }),
  z.object({ status: z.string() }),
);
/** The pull request has changed at its code host. What it is now is read there, after the update was answered. */
export const hostChangedUpdate = update('hostChanged', z.strictObject({}), z.object({ noted: z.literal(true) }));
/** Sends review comments back to work. @returns the ticket and the task that carry the changes. */
export const requestPullChangesUpdate = update(
  'requestChanges',
  z.strictObject({
    comments: z.array(comment).min(1).max(100),
    actor: z.string().optional(),
    /** The same for a repeated request: it opens no second task. */
    request: z.uuid().optional(),
  }),
  z.object({ ticket_id: z.string(), task_id: z.string() }),
);
