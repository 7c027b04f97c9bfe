import { z } from 'zod';
import { byId, contract, idParams, isoTime, uuid } from './contract.ts';
import { pullRequestSchema, seenHead } from './pull-requests.ts';

const filePath = z.string().min(1).max(800);

const viewedFiles = z.object({
  /** The files that the caller has read, and that have not changed since. */
  viewed: z.array(z.string()),
});

export const getReview = contract({
  method: 'get',
  path: '/pull-requests/{id}/review',
  tag: 'pull requests',
  summary: 'How far the caller is with the review of a pull request',
  auth: 'project:read',
  personal: true,
  scope: byId('pull_request'),
  params: idParams,
  response: viewedFiles.extend({
    /** The last verdict of the caller. */
    last: z
      .object({
        verdict: z.enum(['changes_requested', 'approved', 'commented']),
        head_sha: z.string(),
        at: isoTime.nullable(),
        /** Nothing was added to the pull request since. */
        current: z.boolean(),
      })
      .nullable(),
  }),
});

export const markViewed = contract({
  method: 'post',
  path: '/pull-requests/{id}/viewed',
  tag: 'pull requests',
  summary: 'Mark a file of a pull request as read by the caller, until it changes',
  auth: 'project:read',
  scope: byId('pull_request'),
  params: idParams,
  body: z.strictObject({ path: filePath, viewed: z.boolean(), head_sha: seenHead }),
  response: viewedFiles,
  failures: [409],
});

export const approvePullRequest = contract({
  method: 'post',
  path: '/pull-requests/{id}/approve',
  while_archived: true,
  tag: 'pull requests',
  summary: 'Approve a pull request; 409 when there are newer commits than the one seen',
  auth: 'project:write',
  scope: byId('pull_request'),
  params: idParams,
  body: z.strictObject({ head_sha: seenHead, comment: z.string().trim().max(20_000).optional() }).prefault({}),
  response: pullRequestSchema,
  failures: [409],
});

export const provenanceSchema = z.object({
  /** First and last line in the new text of the file. */
  from_line: z.number().int(),
  to_line: z.number().int(),
  sha: z.string(),
  subject: z.string(),
  ticket: z.object({ id: uuid, key: z.string(), title: z.string() }).nullable(),
  task: z.object({ id: uuid, key: z.string(), title: z.string() }).nullable(),
  run_id: uuid.nullable(),
  /** The turn of the run in which the lines were written; null where it is not known. */
  turn: z.number().int().nullable(),
  /** Keys of the requirements that the task is for. */
  requirements: z.array(z.string()),
});

export const pullRequestProvenance = contract({
  method: 'get',
  path: '/pull-requests/{id}/provenance',
  tag: 'pull requests',
  summary: 'Where the new lines of a file come from: commit, ticket, task, run and turn',
  auth: 'project:read',
  scope: byId('pull_request'),
  params: idParams,
  query: z.object({ path: filePath }),
  response: z.object({ path: z.string(), head_sha: z.string(), items: z.array(provenanceSchema) }),
});
