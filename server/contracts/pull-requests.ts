import { z } from 'zod';
import {
  accepted,
  byId,
  byFilters,
  contract,
  idParams,
  isoTime,
  listOf,
  pageQuery,
  uuid,
  recordId,
} from './contract.ts';
import { reviewedFileSchema, whitespaceQuery } from './runs.ts';

export const pullRequestSchema = z.object({
  id: uuid,
  number: z.number().int(),
  title: z.string(),
  body: z.string(),
  branch: z.string(),
  base: z.string(),
  base_sha: z.string(),
  head_sha: z.string(),
  state: z.string(),
  url: z.string(),
  provider: z.string(),
  project_id: uuid,
  spec_id: z.string().nullable(),
  ticket_id: z.string().nullable(),
  checks: z.array(z.unknown()),
  /** The checks that run at the code host for the head, as they were last read. */
  host_checks: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['passed', 'failed', 'pending']),
      url: z.string().nullable(),
      sha: z.string(),
    }),
  ),
  comments: z.array(z.unknown()),
  /** It is a draft at the code host while work on it goes on; `refused`: the code host has no drafts, and says why. */
  draft: z.object({ state: z.enum(['wanted', 'held', 'refused']), note: z.string() }).nullable(),
  /** A merge that the code host carries out once its rules allow it; `ended`: why it does not any more. */
  merge: z
    .object({
      by: z.string(),
      head_sha: z.string(),
      since: isoTime,
      waits_for: z.string(),
      ended: z.string().optional(),
    })
    .nullable(),
  merge_sha: z.string().nullable(),
  merged_by: z.string().nullable(),
  created_at: isoTime,
  merged_at: isoTime.nullable(),
});
export const listPullRequests = contract({
  method: 'get',
  path: '/pull-requests',
  tag: 'pull requests',
  summary: 'Pull requests, newest first',
  auth: 'project:read',
  scope: byFilters('project', 'spec', 'ticket'),
  query: pageQuery.extend({
    project_id: recordId.optional(),
    spec_id: recordId.optional(),
    ticket_id: recordId.optional(),
    state: z.enum(['open', 'merged', 'closed']).optional(),
  }),
  response: listOf(pullRequestSchema),
});
export const getPullRequest = contract({
  method: 'get',
  path: '/pull-requests/{id}',
  tag: 'pull requests',
  summary: 'Get a pull request',
  auth: 'project:read',
  scope: byId('pull_request'),
  params: idParams,
  response: pullRequestSchema,
});
export const pullRequestDiff = contract({
  method: 'get',
  path: '/pull-requests/{id}/diff',
  tag: 'pull requests',
  summary: 'Diff and commits of a pull request',
  auth: 'project:read',
  scope: byId('pull_request'),
  params: idParams,
  query: z.object({
    ...whitespaceQuery,
    /** `review`: what changed since the last verdict of whoever asks; all of it where there is none. */
    since: z.enum(['start', 'review']).default('start'),
  }),
  response: z.object({
    from: z.string(),
    to: z.string(),
    /** The commit of the last verdict, where the diff begins there. */
    since_review: z.string().nullable(),
    patch: z.string(),
    truncated: z.boolean(),
    files: z.array(reviewedFileSchema),
    commits: z.array(z.object({ sha: z.string(), subject: z.string(), author: z.string(), at: z.string() })),
  }),
});
export const mergePullRequest = contract({
  method: 'post',
  path: '/pull-requests/{id}/merge',
  while_archived: true,
  tag: 'pull requests',
  summary: 'Merge a pull request when that is safe; the code host may do it later, then "merge" says what it waits for',
  auth: 'project:write',
  scope: byId('pull_request'),
  params: idParams,
  body: z
    .strictObject({
      method: z.enum(['merge', 'squash']).optional(),
      /** The code host merges once its rules allow it; absent: as the project's setting merge_when_ready says. */
      when_ready: z.boolean().optional(),
    })
    .prefault({}),
  response: pullRequestSchema,
});
/** The whole id of the newest commit that a reviewer saw; the head of the pull request where it is missing. */
export const seenHead = z
  .string()
  .regex(/^[0-9a-f]{40}$/, 'must be the whole id of a commit: 40 hexadecimal digits in lower case')
  .optional();
export const requestPullRequestChanges = contract({
  method: 'post',
  path: '/pull-requests/{id}/request-changes',
  tag: 'pull requests',
  summary: 'Request changes: starts new work on its branch, or opens the next pull request once this one has ended',
  auth: 'project:write',
  starts_work: 'agents',
  scope: byId('pull_request'),
  params: idParams,
  status: 202,
  body: z.strictObject({
    head_sha: seenHead,
    comments: z.union([
      z.string().trim().min(1).max(20_000),
      z
        .array(
          z.union([
            z.string().min(1).max(20_000),
            z.strictObject({
              path: z.string().optional(),
              line: z.number().int().optional(),
              body: z.string().min(1).max(20_000),
            }),
          ]),
        )
        .min(1)
        .max(100),
    ]),
  }),
  response: z.object({ ticket_id: z.string(), task_id: z.string() }),
});
export const closePullRequest = contract({
  method: 'post',
  path: '/pull-requests/{id}/close',
  while_archived: true,
  tag: 'pull requests',
  summary: 'Close a pull request without merging it',
  auth: 'project:write',
  scope: byId('pull_request'),
  params: idParams,
  status: 202,
  response: accepted,
});
