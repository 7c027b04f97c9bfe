import { z } from 'zod';
import { verdictSchema } from '#workflows/domain/requirements/verdict.ts';
import { planKinds } from '#workflows/domain/phases/gate-policy.ts';
import {
  accepted,
  byId,
  contract,
  idParams,
  listOf,
  maxInteger,
  pageQuery,
  recordId,
  usdAmount,
  uuid,
} from './contract.ts';
import { nightTerms } from './night.ts';
import { gatePolicy, specSchema } from './specs.ts';
import { ticketSchema } from './tickets.ts';

/** The words of a feature: kept and prompted as they are written. */
const description = z.string().max(50_000);
const similarSpecs = z.object({
  is_duplicate: z.literal(true),
  message: z.string(),
  candidates: z.array(
    z.object({
      spec_id: uuid,
      title: z.string(),
      description: z.string(),
      status: z.string(),
      similarity_score: z.number(),
    }),
  ),
  highest_similarity: z.number(),
});

export const createSpec = contract({
  method: 'post',
  path: '/specs',
  tag: 'specs',
  summary: 'Create a draft of a spec; nothing starts before POST /specs/{id}/execute',
  auth: 'document:write',
  agents_of_project: 'document:write',
  starts_work: true,
  status: 201,
  // Nothing is created where the project has a similar open spec.
  alternative: {
    status: 200,
    when: (answer) => typeof answer === 'object' && answer !== null && 'is_duplicate' in answer,
  },
  scope: { kind: 'project', from: 'body', field: 'project_id' },
  body: z.strictObject({
    title: z.string().trim().min(1).max(500),
    description: description.default(''),
    project_id: z.string(),
    gate_policy: gatePolicy.optional(),
    plan: z.enum(planKinds).optional(),
    budget_usd: usdAmount(1_000_000).optional(),
    night: nightTerms.optional(),
    check_duplicates: z.boolean().default(true),
    similarity_threshold: z.number().min(0).max(1).optional(),
    force_create: z.boolean().default(false),
  }),
  response: z.union([specSchema, similarSpecs]),
});
export const importSpec = contract({
  method: 'post',
  path: '/specs/import',
  tag: 'specs',
  summary: 'Create a draft from an export, as JSON or as files; it goes on after its last phase',
  auth: 'document:write',
  body_mb: 8,
  status: 201,
  alternative: createSpec.alternative,
  failures: [400],
  scope: createSpec.scope,
  body: z.strictObject({
    project_id: z.string(),
    files: z
      .array(z.strictObject({ path: z.string().min(1).max(500), content: z.string().max(500_000) }))
      .min(1)
      .max(2000)
      .optional()
      .meta({ description: 'As GET /specs/{id}/export?format=files gives them.' }),
    spec: z
      .looseObject({ title: z.string().min(1).max(500), description: description.default('') })
      .optional()
      .meta({ description: 'With phases, as GET /specs/{id}/export?format=json gives them.' }),
    phases: z.record(z.string(), z.unknown()).optional(),
    force_create: z.boolean().default(false),
  }),
  response: createSpec.response,
});
export const updateSpec = contract({
  method: 'patch',
  path: '/specs/{id}',
  tag: 'specs',
  summary: 'Change the title of a spec, and its description before its work starts',
  auth: 'document:write',
  scope: byId('spec'),
  params: idParams,
  body: z
    .strictObject({
      title: z.string().trim().min(1).max(500).optional(),
      description: description.optional(),
      version: z
        .number()
        .int()
        .positive()
        .max(maxInteger)
        .optional()
        .meta({ description: 'Version that the caller read; 409 when the spec has changed since.' }),
    })
    .refine(({ title, description: words }) => title !== undefined || words !== undefined, {
      message: 'name title or description',
      path: ['title'],
    }),
  response: specSchema,
});
export const archiveSpec = contract({
  method: 'delete',
  path: '/specs/{id}',
  tag: 'specs',
  summary: 'Archive a spec that nothing works on: it leaves every list and board, with its tickets and tasks',
  auth: 'document:write',
  scope: byId('spec'),
  params: idParams,
  response: specSchema,
});
export const restoreSpec = contract({
  method: 'post',
  path: '/specs/{id}/restore',
  tag: 'specs',
  summary: 'Take a spec out of the archive',
  auth: 'document:write',
  scope: byId('spec'),
  params: idParams,
  response: specSchema,
});

const ticketIds = z.strictObject({ ticket_ids: z.array(recordId).min(1).max(200) });
const links = z.object({ changed: z.number().int() });
export const linkTickets = contract({
  method: 'post',
  path: '/specs/{id}/link-tickets',
  tag: 'specs',
  summary: 'Link tickets of the project to a spec; the work does not change',
  auth: 'document:write',
  scope: byId('spec'),
  params: idParams,
  body: ticketIds,
  response: links,
});
export const unlinkTickets = contract({
  method: 'post',
  path: '/specs/{id}/unlink-tickets',
  tag: 'specs',
  summary: 'Remove links; tickets of the plan stay',
  auth: 'document:write',
  scope: byId('spec'),
  params: idParams,
  body: ticketIds,
  response: links,
});
export const listLinkedTickets = contract({
  method: 'get',
  path: '/specs/{id}/linked-tickets',
  tag: 'specs',
  summary: 'Tickets that people have linked to a spec',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  query: pageQuery,
  response: listOf(ticketSchema),
});

export const approveRequirements = contract({
  method: 'post',
  path: '/specs/{id}/approve-requirements',
  tag: 'specs',
  summary: 'Approve the requirements at their gate',
  auth: 'document:write',
  starts_work: true,
  scope: byId('spec'),
  params: idParams,
  status: 202,
  response: accepted,
});
export const approveDesign = contract({
  method: 'post',
  path: '/specs/{id}/approve-design',
  tag: 'specs',
  summary: 'Approve the design at its gate',
  auth: 'document:write',
  starts_work: true,
  scope: byId('spec'),
  params: idParams,
  status: 202,
  response: accepted,
});
export const criteriaStatus = contract({
  method: 'get',
  path: '/specs/{id}/criteria-status',
  tag: 'specs',
  summary: 'Acceptance criteria that are met, by requirement',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  response: z.object({
    total_criteria: z.number().int(),
    completed_criteria: z.number().int(),
    completion_percentage: z.number(),
    by_requirement: z.array(
      z.object({
        requirement_id: z.string(),
        title: z.string(),
        total: z.number().int(),
        completed: z.number().int(),
        criteria: z.array(
          z.object({
            id: z.string(),
            text: z.string(),
            completed: z.boolean(),
            /** What proves it: the tasks with their evidence, and whether a validator reviewed them. */
            evidence: z.unknown(),
            /** The last verdict of a reviewer on it; null where none judged it. */
            verdict: verdictSchema.nullable(),
          }),
        ),
      }),
    ),
  }),
});
export const executionStatus = contract({
  method: 'get',
  path: '/specs/{id}/execution-status',
  tag: 'specs',
  summary: 'Tasks of a spec by their status',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  response: z.object({
    status: z.string(),
    current_phase: z.string(),
    progress: z.number().int(),
    total_tasks: z.number().int(),
    by_status: z.record(z.string(), z.number().int()),
    completed_percentage: z.number(),
    /** Nothing starts the tasks before a person does: POST /specs/{id}/execute-tasks. */
    waits_for_start: z.boolean(),
  }),
});
export const executeTasks = contract({
  method: 'post',
  path: '/specs/{id}/execute-tasks',
  tag: 'specs',
  summary: 'Create the tickets and tasks of the plan and start those that wait for a person',
  auth: 'document:write',
  starts_work: 'agents',
  failures: [402],
  scope: byId('spec'),
  params: idParams,
  body: z.strictObject({
    task_ids: z.array(z.string().min(1).max(100)).min(1).max(500).optional().meta({
      description:
        'Only these tasks and those that they need: ids of the board or of the plan. The others wait until they are asked for. Default: all.',
    }),
  }),
  response: z.object({
    tasks_created: z.number().int(),
    tasks_skipped: z.number().int(),
    ticket_ids: z.array(uuid),
    started: z.boolean(),
  }),
});

export const shareSpec = contract({
  method: 'post',
  path: '/public/specs/{id}/share',
  tag: 'specs',
  summary: 'Share a spec by a public link; asked again, it gives the same one',
  auth: 'project:write',
  scope: byId('spec'),
  params: idParams,
  response: z.object({ share_url: z.string(), share_token: z.string() }),
});
export const unshareSpec = contract({
  method: 'delete',
  path: '/public/specs/{id}/share',
  tag: 'specs',
  summary: 'End the public link of a spec for good',
  auth: 'project:write',
  scope: byId('spec'),
  params: idParams,
  status: 204,
});
export const showcase = contract({
  method: 'get',
  path: '/public/showcase/{token}',
  tag: 'specs',
  summary: 'What a shared spec shows to everybody; each call counts as a view',
  auth: 'none',
  scope: 'none',
  params: z.object({ token: z.string().max(200) }),
  response: z.object({
    title: z.string(),
    description: z.string(),
    status: z.string(),
    project_name: z.string(),
    stats: z.object({
      requirement_count: z.number().int(),
      task_count: z.number().int(),
      tasks_completed: z.number().int(),
      /** null: nothing measured it. */
      test_coverage: z.number().nullable(),
    }),
    pull_request: z.object({ number: z.number().int(), url: z.string(), state: z.string() }).nullable(),
    share_view_count: z.number().int(),
  }),
});
