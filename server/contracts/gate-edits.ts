import { z } from 'zod';
import { designParts } from '#workflows/domain/phases/design.ts';
import { phaseIds } from '#workflows/domain/phases/names.ts';
import { planTaskTypes } from '#workflows/domain/phases/tasks.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { byId, contract, idParams, maxInteger, uuid } from './contract.ts';
import { check, criterionText, version } from './requirements.ts';

const editedPart = z.object({
  phase: z.enum(phaseIds),
  output: z.unknown(),
  version: z.number().int(),
  score: z.number(),
});
type DesignBody = Record<(typeof designParts)[number], z.ZodUnknown>;
export const putDesign = contract({
  method: 'put',
  path: '/specs/{id}/design',
  tag: 'specs',
  summary: 'Replace parts of the design while it waits at its gate; parts that are not named stay',
  auth: 'document:write',
  agents_of_project: 'document:write',
  scope: byId('spec'),
  params: idParams,
  body: z
    .strictObject({ version, ...(Object.fromEntries(designParts.map((part) => [part, z.unknown()])) as DesignBody) })
    .partial()
    .required({ version: true })
    .refine((body) => Object.keys(body).length > 1, 'name a part of the design to change'),
  response: editedPart,
});

const planIds = z.array(z.string().trim().min(1).max(400)).max(200);
const plannedTask = z.strictObject({
  title: z.string().trim().min(1).max(200),
  description: z.string().trim().min(1).max(20_000),
  parent_ticket: z.string().max(100).optional(),
  type: z.enum(planTaskTypes).optional(),
  priority: z.enum(priorities).optional(),
  estimated_hours: z.number().min(0).max(80).optional(),
  files_to_create: planIds.optional(),
  files_to_modify: planIds.optional(),
  acceptance_criteria: z
    .array(z.strictObject({ text: criterionText, check }))
    .max(20)
    .optional(),
  depends_on: planIds.optional(),
  requirements_addressed: planIds.optional(),
});
const taskParams = idParams.extend({ task: z.string().max(100) });
export const listPlannedTasks = contract({
  method: 'get',
  path: '/specs/{id}/tasks',
  tag: 'specs',
  summary: 'Tasks of the plan, each with its task on the board once it is there',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  response: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        description: z.string(),
        parent_ticket: z.string(),
        priority: z.string().nullable(),
        /** Of the task on the board: pending, in_progress, completed or blocked; pending before it is there. */
        status: z.enum(['pending', 'in_progress', 'completed', 'blocked']),
        task_id: uuid.nullable(),
        depends_on: z.array(z.string()),
        requirements_addressed: z.array(z.string()),
        estimated_hours: z.number(),
        /** Hours in which agents worked on it; null before they did. */
        actual_hours: z.number().nullable(),
      }),
    ),
  }),
});
export const addPlannedTask = contract({
  method: 'post',
  path: '/specs/{id}/tasks',
  tag: 'specs',
  summary: 'Add a task to the plan while it waits at its gate',
  auth: 'document:write',
  agents_of_project: 'document:write',
  scope: byId('spec'),
  params: idParams,
  status: 201,
  body: plannedTask.extend({ version }),
  response: editedPart.extend({ task_id: z.string() }),
});
export const changePlannedTask = contract({
  method: 'patch',
  path: '/specs/{id}/tasks/{task}',
  tag: 'specs',
  summary: 'Update a task of the plan while it waits at its gate',
  auth: 'document:write',
  scope: byId('spec'),
  params: taskParams,
  body: plannedTask
    .partial()
    .extend({ version })
    .refine((body) => Object.keys(body).length > 1, 'name a field to change'),
  response: editedPart.extend({ task_id: z.string() }),
});
export const movePlannedTask = contract({
  method: 'post',
  path: '/specs/{id}/tasks/{task}/move',
  tag: 'specs',
  summary: 'Move a task within the plan while it waits at its gate; what can start at once starts in this order',
  auth: 'document:write',
  scope: byId('spec'),
  params: taskParams,
  body: z.strictObject({
    before: z.string().max(100).nullable().meta({ description: 'The task that comes next; null: to the end.' }),
    version: version.optional().meta({
      description:
        'Version of the spec that the caller read; 409 when the spec has changed since. Absent: the move is added to what others changed.',
    }),
  }),
  response: editedPart.extend({ task_id: z.string() }),
});
export const removePlannedTask = contract({
  method: 'delete',
  path: '/specs/{id}/tasks/{task}',
  tag: 'specs',
  summary: 'Remove a task from the plan while it waits at its gate',
  auth: 'document:write',
  scope: byId('spec'),
  params: taskParams,
  body: z.strictObject({ version }),
  response: editedPart.extend({ task_id: z.string() }),
});
const versionNumber = z.coerce.number().int().positive().max(maxInteger);
const versionParams = idParams.extend({ number: versionNumber });
export const versionDifference = contract({
  method: 'get',
  path: '/specs/{id}/versions/{number}/difference',
  tag: 'specs',
  summary: 'How a version differs from the newest or another one, as a patch of the files of an export',
  auth: 'document:read',
  scope: byId('spec'),
  params: versionParams,
  query: z.object({
    from: versionNumber.optional().meta({ description: 'The version to begin with. Default: the newest.' }),
    phase: z.enum(phaseIds).optional().meta({ description: 'Only what this phase has brought.' }),
  }),
  response: z.object({
    from: z.number().int(),
    to: z.number().int(),
    /** In the form of git; empty: nothing differs. */
    patch: z.string(),
  }),
});
const attemptNumber = z.coerce.number().int().positive().max(100);
export const attemptDifference = contract({
  method: 'get',
  path: '/specs/{id}/phases/{phase}/difference',
  tag: 'specs',
  summary: 'How an attempt at a phase differs from the one before or another one, as a patch',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams.extend({ phase: z.enum(phaseIds) }),
  query: z.object({
    from: attemptNumber.optional().meta({ description: 'Default: the answered attempt before.' }),
    to: attemptNumber.optional().meta({ description: 'Default: the newest attempt with an answer.' }),
  }),
  response: z.object({
    /** Null: it is the first. */
    from: z.number().int().nullable(),
    to: z.number().int(),
    patch: z.string(),
  }),
});
export const restoreVersion = contract({
  method: 'post',
  path: '/specs/{id}/versions/{number}/restore',
  tag: 'specs',
  summary: 'Give the phase that waits at its gate the output that it had in an earlier version',
  auth: 'document:write',
  scope: byId('spec'),
  params: versionParams,
  body: z.strictObject({ version }),
  response: editedPart,
});
