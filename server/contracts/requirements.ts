import { z } from 'zod';
import { requirementCategories } from '#workflows/domain/requirements/ids.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { byId, contract, idParams, maxInteger } from './contract.ts';

const requirementFields = z.strictObject({
  title: z.string().trim().min(1).max(200),
  text: z.string().trim().min(1).max(2000),
  priority: z.enum(priorities),
  category: z.enum(requirementCategories),
  acceptance_criteria: z
    .array(z.strictObject({ text: z.string().trim().min(1).max(1000), check: z.string().trim().max(1000).optional() }))
    .min(1)
    .max(20),
});
const version = z
  .number()
  .int()
  .positive()
  .max(maxInteger)
  .meta({ description: 'Version of the spec that the caller read; 409 when the spec has changed since.' });
const edited = z.object({
  requirement_id: z.string(),
  requirement: z.unknown(),
  version: z.number().int(),
  score: z.number(),
});
const requirementParams = idParams.extend({ requirement: z.string().max(200) });
export const addRequirement = contract({
  method: 'post',
  path: '/specs/{id}/requirements',
  tag: 'specs',
  summary: 'Add a requirement while the phase waits at its gate',
  auth: 'document:write',
  scope: byId('spec'),
  params: idParams,
  status: 201,
  body: requirementFields.extend({
    version,
    priority: z.enum(priorities).default('MEDIUM'),
    category: z.enum(requirementCategories).default('FUNC'),
  }),
  response: edited,
});
export const changeRequirement = contract({
  method: 'patch',
  path: '/specs/{id}/requirements/{requirement}',
  tag: 'specs',
  summary: 'Update a requirement while the phase waits at its gate',
  auth: 'document:write',
  scope: byId('spec'),
  params: requirementParams,
  body: requirementFields
    .omit({ category: true })
    .partial()
    .extend({ version })
    .refine((body) => Object.keys(body).length > 1, 'name a field to change'),
  response: edited,
});
export const removeRequirement = contract({
  method: 'delete',
  path: '/specs/{id}/requirements/{requirement}',
  tag: 'specs',
  summary: 'Remove a requirement while the phase waits at its gate',
  auth: 'document:write',
  scope: byId('spec'),
  params: requirementParams,
  body: z.strictObject({ version }),
  response: edited,
});
