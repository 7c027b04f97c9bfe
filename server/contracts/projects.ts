import { z } from 'zod';
import { wordKeys } from '#workflows/domain/requirements/words.ts';
import { runners } from '#workflows/domain/agent/runners.ts';
import { planKinds } from '#workflows/domain/phases/gate-policy.ts';
import { limitedColumns } from '#workflows/domain/tasks/columns.ts';
import { ownershipModes } from '#workflows/domain/tasks/ownership.ts';
import {
  byId,
  contract,
  eventNumber,
  idParams,
  isoTime,
  listOf,
  nameOf,
  pageQuery,
  usdAmount,
  uuid,
} from './contract.ts';

const requirementWords = z.partialRecord(z.enum(wordKeys), z.array(z.string().trim().min(1).max(60)).min(1).max(10));

/** A reference as container engines take it: [host[:port]/]path[:tag][@digest]. */
const imageName = z
  .string()
  .max(400)
  .regex(
    /^(?:[a-zA-Z0-9][\w.-]*(?::\d{1,5})?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
    'must be the reference of an image, such as registry.example.org/team/node:22',
  );
const sandboxOrigin = z.union(
  [
    z.strictObject({ image: imageName }),
    z.strictObject({ snapshot: z.string().regex(/^[\w][\w.:/-]{0,199}$/, 'must be the name of a snapshot') }),
  ],
  { error: 'must be {"image": NAME} or {"snapshot": NAME}' },
);

/** The settings of a project. Unknown keys are refused. */
export const projectSettings = z.strictObject({
  setup: z.array(z.string().min(1).max(2000)).max(20).optional(),
  checks: z.array(z.string().min(1).max(2000)).max(20).optional(),
  network: z.enum(['none', 'setup', 'registries', 'full']).optional(),
  validation: z.enum(['agent', 'none']).optional(),
  /** What carries on the runs of tasks; as RUNNER says where it is unset. */
  runner: z.enum(runners).optional(),
  /** What its sandboxes are made from, of what the operator allows; null: as the platform's settings say. */
  sandbox: sandboxOrigin.nullable().optional(),
  ownership: z.enum(ownershipModes).optional(),
  gate_threshold: z.number().min(0.7).max(1).optional(),
  gate_approvers: z
    .array(z.enum(['owner', 'admin', 'member']))
    .min(1)
    .optional(),
  merge_method: z.enum(['merge', 'squash']).optional(),
  /** What somebody merges before the code host's rules allow it, the code host merges once they do. */
  merge_when_ready: z.boolean().optional(),
  auto_spawn_tasks: z.boolean().optional(),
  /** Tickets whose request names no mode are planned by people, instead of being worked on at once; default false. */
  spec_driven_mode_enabled: z.boolean().optional(),
  /** Default true; false: launches that name no gate policy wait for a person after every phase. */
  auto_advance_phases: z.boolean().optional(),
  /** Default false; true: launches that name no gate policy wait after requirements, design and tasks. */
  require_approval_gates: z.boolean().optional(),
  /** PLAN-27: new tickets wait for a person's approval before anything of them runs. */
  ticket_human_review: z.boolean().optional(),
  /** Null: as the platform is set. */
  approval_timeout_seconds: z.number().int().min(60).max(86_400).nullable().optional(),
  on_reject: z.enum(['archive', 'delete']).optional(),
  /** So many tickets are in a column of the board at most; null: any number. */
  wip_limits: z.partialRecord(z.enum(limitedColumns), z.number().int().min(1).max(10_000).nullable()).optional(),
  /** Words of another language for those of EARS: {WHEN: ["wenn"], MUST: ["muss"], SYSTEM: ["das System"]}. */
  requirement_words: requirementWords.optional(),
  plan: z.enum(planKinds).optional(),
  /** EXEC-18: agents commit all their work on their branch themselves, or it is sent back. */
  require_clean_git: z.boolean().optional(),
  /** EXEC-18: a task is done only once the repository has its commits; default true. */
  require_code_pushed: z.boolean().optional(),
  /** EXEC-18: work is done only with its pull request; false: with its pushed branch. Default true. */
  require_pr_created: z.boolean().optional(),
  /** EXEC-39: so often a task that failed for good is fixed by another one before a person is asked; default 0. */
  fix_rounds: z.number().int().min(0).max(5).optional(),
  diagnostics: z.boolean().optional(),
  auto_recover: z.boolean().optional(),
  survey: z
    .strictObject({
      setup_seconds: z.number().min(1).max(7200),
      check_seconds: z.number().min(1).max(7200),
      total_seconds: z.number().min(1).max(86_400),
    })
    .partial()
    .optional(),
  limits: z
    .strictObject({
      max_turns: z.number().int().min(1).max(10_000),
      max_usd: usdAmount(10_000),
      max_seconds: z.number().min(1).max(604_800),
      iteration_turns: z.number().int().min(1).max(10_000),
      max_iterations: z.number().int().min(1).max(100),
    })
    .partial()
    .optional(),
});

export const projectSchema = z.object({
  id: uuid,
  organization_id: uuid,
  name: z.string(),
  description: z.string().nullable(),
  repository: z.object({ path: z.string().nullable(), url: z.string().nullable() }),
  default_branch: z.string(),
  settings: z.looseObject({ requirement_words: requirementWords.optional() }),
  status: z.string(),
  autonomous_execution_enabled: z.boolean(),
  created_at: isoTime,
});

export const listProjects = contract({
  method: 'get',
  path: '/projects',
  tag: 'projects',
  summary: 'List projects',
  auth: 'project:read',
  query: pageQuery.extend({ status: z.enum(['active', 'paused', 'archived']).optional() }),
  response: listOf(projectSchema),
});
export const createProject = contract({
  method: 'post',
  path: '/projects',
  tag: 'projects',
  summary: 'Create a project from a repository',
  auth: 'project:write',
  starts_work: true,
  status: 201,
  response: projectSchema,
  scope: { kind: 'organization', from: 'body', field: 'organization_id', optional: true },
  body: z.strictObject({
    name: nameOf(255),
    organization_id: z.string().optional(),
    description: z.string().max(2000).optional(),
    repository: z.union(
      [
        z.strictObject({ path: z.string().min(1).max(4096), allow_dirty: z.boolean().optional() }),
        z.strictObject({ url: z.string().min(1).max(2000) }),
        /** A repository that the caller's connection to GitHub may change: it is connected to the project. */
        z.strictObject({ github: z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, 'must be owner/repository') }),
      ],
      {
        error:
          'must be {"path": FOLDER}, {"url": URL} or {"github": "owner/repository"}; allow_dirty is for a path only',
      },
    ),
    default_branch: z.string().min(1).max(200).optional(),
    settings: projectSettings.optional(),
  }),
});
export const getProject = contract({
  method: 'get',
  path: '/projects/{id}',
  tag: 'projects',
  summary: 'Get a project',
  auth: 'project:read',
  scope: byId('project'),
  params: idParams,
  response: projectSchema,
});
export const projectBranches = contract({
  method: 'get',
  path: '/projects/{id}/branches',
  tag: 'projects',
  summary: 'Branches of the repository that work can start from, the default one first, at most 500',
  auth: 'project:read',
  scope: byId('project'),
  params: idParams,
  query: z.object({ search: z.string().trim().max(200).optional().meta({ description: 'Part of the name.' }) }),
  response: z.object({
    default_branch: z.string(),
    branches: z.array(z.string()),
    /** How many are found. */
    total: z.number().int(),
  }),
});
export const updateProject = contract({
  method: 'patch',
  path: '/projects/{id}',
  tag: 'projects',
  summary: 'Update a project',
  auth: 'project:write',
  scope: byId('project'),
  params: idParams,
  response: projectSchema,
  body: z
    .strictObject({
      name: nameOf(255),
      description: z.string().max(2000).nullable(),
      settings: projectSettings,
      status: z.enum(['active', 'paused', 'archived']),
      autonomous_execution_enabled: z.boolean(),
      /** The address of the project's repository with a new token: https://TOKEN@host/path. The token is never shown. */
      repository: z.strictObject({ url: z.string().min(1).max(2000) }),
    })
    .partial(),
});

/**
 * The address of a repository with a token in it, as `updateProject` takes it; undefined where it can have none.
 * @param user the user name that the host wants beside the token, if any.
 */
export function urlWithToken(url: string, token: string, user = ''): string | undefined {
  if (!/^https?:\/\//i.test(url)) return undefined;
  const address = new URL(url);
  address.username = encodeURIComponent(user || token);
  address.password = user ? encodeURIComponent(token) : '';
  return address.href;
}

export const listProjectChanges = contract({
  method: 'get',
  path: '/projects/{id}/changes',
  tag: 'projects',
  summary: 'Who changed what of a project and its settings, newest first',
  auth: 'project:read',
  scope: byId('project'),
  params: idParams,
  query: z.object({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: eventNumber.optional(),
  }),
  response: listOf(
    z.object({
      seq: z.number().int(),
      at: isoTime,
      by: z.string().meta({ description: 'E-mail address, or platform.' }),
      changes: z.record(z.string(), z.object({ old: z.unknown(), new: z.unknown() })),
    }),
  ),
});

export const queueSchema = z.object({
  limit: z.number().int(),
  held_back: z.number().int(),
  active: z.array(z.object({ task_id: z.string(), ticket_id: z.string(), since: isoTime })),
  waiting: z.array(
    z.object({
      task_id: z.string(),
      ticket_id: z.string(),
      priority: z.string(),
      score: z.number(),
      requested_at: isoTime,
      dependents: z.number().int(),
      retry_count: z.number().int(),
      max_retries: z.number().int(),
      deadline_at: isoTime.nullable(),
      forced: z.boolean(),
    }),
  ),
});
export const getQueue = contract({
  method: 'get',
  path: '/projects/{id}/queue',
  tag: 'projects',
  summary: 'Slots of a project: the tasks that hold and that wait for one',
  auth: 'task:read',
  scope: byId('project'),
  params: idParams,
  response: queueSchema,
});
