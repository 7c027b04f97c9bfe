import { z } from 'zod';
import { byId, byProjectQuery, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';
import { reviewedFileSchema, whitespaceQuery } from './runs.ts';

const commitId = z
  .string()
  .min(7)
  .max(40)
  .regex(/^[0-9a-fA-F]*$/, 'must be 7 to 40 hexadecimal digits of a commit id')
  .transform((sha) => sha.toLowerCase())
  .meta({ description: 'A commit id, or its first 7 or more hexadecimal digits.' });
const shaParams = z.object({ sha: commitId });
const inProject = z.object({ project_id: recordId.optional() });

const commitFields = {
  sha: z.string(),
  message: z.string(),
  author: z.string(),
  committed_at: isoTime,
  files_changed: z.number().int(),
  insertions: z.number().int(),
  deletions: z.number().int(),
  project_id: uuid,
  /** Keys of the requirements that its task serves, or that its message names. */
  requirements: z.array(z.string()),
};
/** A commit that belongs to a ticket. */
export const ticketCommitSchema = z.object({
  id: uuid,
  ...commitFields,
  ticket_id: uuid,
  task_id: uuid.nullable(),
  run_id: uuid.nullable(),
  /** The run's turn after which the files were first those of the commit; null where there is none. */
  turn: z.number().int().nullable(),
  /**
   * Why it belongs to the ticket: made for it on its branch, its message names the ticket, the ticket's pull request was
   * merged by it, or a person says so.
   */
  link_method: z.enum(['branch', 'message', 'pull_request', 'manual']),
  /** The e-mail address of a person, or the platform. */
  linked_by: z.string(),
  created_at: isoTime,
});
export const getCommit = contract({
  method: 'get',
  path: '/commits/{sha}',
  tag: 'commits',
  summary: 'Get a commit by its id or the beginning of it; one that belongs to no ticket needs project_id',
  auth: 'project:read',
  scope: byProjectQuery,
  params: shaParams,
  query: inProject,
  response: z.object({
    ...commitFields,
    parents: z.array(z.string()),
    /** Its tickets. */
    links: z.array(ticketCommitSchema),
  }),
  failures: [409],
});
export const commitDiff = contract({
  method: 'get',
  path: '/commits/{sha}/diff',
  tag: 'commits',
  summary: 'What a commit changed against its first parent',
  auth: 'project:read',
  scope: byProjectQuery,
  params: shaParams,
  query: inProject.extend(whitespaceQuery),
  response: z.object({
    sha: z.string(),
    /** The first parent; null for the first commit of all. */
    from: z.string().nullable(),
    patch: z.string(),
    /** Files are left out of the patch, which has at most 2 MB. */
    truncated: z.boolean(),
    files: z.array(reviewedFileSchema),
  }),
  failures: [409],
});
export const commitHunks = contract({
  method: 'get',
  path: '/commits/{sha}/hunks',
  tag: 'commits',
  summary: 'The changed places of a commit: files with their lines, without the text',
  auth: 'project:read',
  scope: byProjectQuery,
  params: shaParams,
  query: inProject,
  response: z.object({
    sha: z.string(),
    /** Lines of the commit; where only lines are removed, the line before them with to_line one less. */
    hunks: z.array(
      z.object({
        path: z.string(),
        from_line: z.number().int(),
        to_line: z.number().int(),
        added: z.number().int(),
        removed: z.number().int(),
        is_test: z.boolean(),
      }),
    ),
    /** Files are left out: the change is larger than 2 MB. */
    truncated: z.boolean(),
  }),
  failures: [409],
});
export const ticketCommits = contract({
  method: 'get',
  path: '/commits/ticket/{id}',
  tag: 'commits',
  summary: 'Commits of a ticket, the newest link first',
  auth: 'project:read',
  scope: byId('ticket'),
  params: idParams,
  query: pageQuery,
  response: listOf(ticketCommitSchema),
});
export const agentCommits = contract({
  method: 'get',
  path: '/commits/agent/{id}',
  tag: 'commits',
  summary: 'Commits of an agent, by the id of its run',
  auth: 'project:read',
  scope: byId('run'),
  params: idParams,
  query: pageQuery,
  response: listOf(ticketCommitSchema),
});
export const linkCommit = contract({
  method: 'post',
  path: '/commits/ticket/{id}/link',
  tag: 'commits',
  summary: "Link a commit of the project's repository to a ticket",
  auth: 'project:write',
  agents_of_project: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  body: z.strictObject({ sha: commitId }),
  status: 201,
  response: ticketCommitSchema,
  failures: [409],
});
