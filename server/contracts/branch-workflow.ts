import { z } from 'zod';
import { byId, contract, idParams, recordId, uuid, type ScopeOf } from './contract.ts';

const byTicket: ScopeOf = { kind: 'ticket', from: 'body', field: 'ticket_id' };
const ofTicket = z.strictObject({ ticket_id: recordId });

/** A branch with the commits at which it starts and ends. */
const branchSchema = z.object({
  branch: z.string(),
  /** The branch that it is merged into. */
  base: z.string(),
  base_sha: z.string(),
  head_sha: z.string(),
  /** Whether this call made it. */
  created: z.boolean(),
});
export const startBranch = contract({
  method: 'post',
  path: '/branch-workflow/start',
  tag: 'branch workflow',
  summary: 'Make the branch of a ticket, at the repository too; one that exists is answered',
  auth: 'project:write',
  starts_work: true,
  scope: byTicket,
  body: ofTicket,
  response: branchSchema.extend({ ticket_id: uuid }),
  failures: [409],
});
const pullSchema = z.object({ pull_request_id: uuid, number: z.number().int(), url: z.string() });
export const finishBranch = contract({
  method: 'post',
  path: '/branch-workflow/finish',
  tag: 'branch workflow',
  summary: 'The pull request of the work on a ticket; refused with the reason while there is none',
  auth: 'project:write',
  scope: byTicket,
  body: ofTicket,
  response: pullSchema.extend({ state: z.string() }),
  failures: [400, 409],
});
export const mergeBranch = contract({
  method: 'post',
  path: '/branch-workflow/merge',
  while_archived: true,
  tag: 'branch workflow',
  summary: 'Merge the pull request of a ticket when that is safe, and delete its branch at the repository',
  auth: 'project:write',
  scope: byTicket,
  body: ofTicket.extend({
    merge_method: z.enum(['squash', 'merge']).default('squash'),
    delete_branch_after: z.boolean().default(true),
  }),
  response: pullSchema.extend({
    merge_sha: z.string().nullable(),
    /** Of a merge that the code host carries out later. */
    waits_for: z.string().nullable(),
    branch_deleted: z.boolean(),
  }),
  failures: [409],
});
export const branchStatus = contract({
  method: 'post',
  path: '/branch-workflow/status',
  tag: 'branch workflow',
  summary: "How the branch of a ticket relates to the project's default branch",
  auth: 'project:read',
  scope: byTicket,
  body: ofTicket,
  response: z.object({
    branch: z.string(),
    base: z.string(),
    head_sha: z.string(),
    /** Commits that only the branch has. */
    ahead_by: z.number().int(),
    /** Commits that only the base has. */
    behind_by: z.number().int(),
    has_conflicts: z.boolean(),
    /** The files that both have changed in ways that cannot be merged. */
    conflicts: z.array(z.string()),
    pull_request: pullSchema.extend({ state: z.string() }).nullable(),
  }),
  failures: [409],
});
export const createSpecBranch = contract({
  method: 'post',
  path: '/specs/{id}/create-branch',
  tag: 'specs',
  summary: 'Make the branch of a spec, at the repository too; one that exists is answered',
  auth: 'project:write',
  starts_work: true,
  scope: byId('spec'),
  params: idParams,
  response: branchSchema,
  failures: [409],
});
export const createSpecPullRequest = contract({
  method: 'post',
  path: '/specs/{id}/create-pr',
  tag: 'specs',
  summary: 'The pull request of a spec; while tasks are not complete it is refused with the reason, unless forced',
  auth: 'project:write',
  scope: byId('spec'),
  params: idParams,
  body: z.strictObject({
    /** Opens it with the work that is there. Its description names what is not complete. */
    force: z.boolean().default(false),
  }),
  response: z.object({
    success: z.literal(true),
    pull_request_id: uuid,
    pr_number: z.number().int(),
    pr_url: z.string(),
    already_exists: z.boolean(),
  }),
  failures: [409],
});
