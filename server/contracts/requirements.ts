import { z } from 'zod';
import { earsForms } from '#workflows/domain/requirements/ears.ts';
import { findingCodes } from '#workflows/domain/requirements/lint.ts';
import { keywords } from '#workflows/domain/requirements/words.ts';
import { requirementCategories } from '#workflows/domain/requirements/ids.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { byId, contract, idParams, maxInteger } from './contract.ts';

const place = { start: z.number().int(), end: z.number().int() };
export const lintRequirements = contract({
  method: 'post',
  path: '/requirements/lint',
  tag: 'specs',
  summary: 'Parse requirements by EARS and check their wording; nothing is stored',
  auth: 'document:read',
  scope: { kind: 'project', from: 'body', field: 'project_id', optional: true },
  body: z.strictObject({
    texts: z.array(z.string().trim().min(1).max(2000)).min(1).max(200),
    project_id: z.string().optional().meta({ description: 'The words of its settings.requirement_words count too.' }),
  }),
  response: z.object({
    items: z.array(
      z.object({
        text: z.string(),
        ears: z
          .object({
            form: z.enum(earsForms),
            condition: z.string(),
            subject: z.string(),
            keyword: z.enum(keywords),
            action: z.string(),
          })
          .nullable()
          .meta({ description: 'null: the sentence has no EARS form.' }),
        /** UTF-16 offsets in `text`. */
        places: z.record(z.string(), z.object(place)),
        findings: z.array(
          z.object({
            code: z.enum(findingCodes),
            severity: z.enum(['error', 'warning']),
            message: z.string().meta({ description: 'Completes "This sentence ...".' }),
            ...place,
          }),
        ),
      }),
    ),
  }),
});

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
export const version = z
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
  agents_of_project: 'document:write',
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

export const criterionText = z.string().trim().min(1).max(1000);
export const check = z.string().trim().max(1000).optional();
const criterionParams = idParams.extend({ criterion: z.string().max(200) });
export const addCriterion = contract({
  method: 'post',
  path: '/specs/{id}/requirements/{requirement}/criteria',
  tag: 'specs',
  summary: 'Add a criterion while the requirements wait at their gate',
  auth: 'document:write',
  agents_of_project: 'document:write',
  scope: byId('spec'),
  params: requirementParams,
  status: 201,
  body: z.strictObject({ text: criterionText, check, version }),
  response: edited,
});
export const changeCriterion = contract({
  method: 'patch',
  path: '/specs/{id}/criteria/{criterion}',
  tag: 'specs',
  summary: 'Update a criterion while the requirements wait at their gate',
  auth: 'document:write',
  scope: byId('spec'),
  params: criterionParams,
  body: z
    .strictObject({ text: criterionText.optional(), check, version })
    .refine((body) => Object.keys(body).length > 1, 'name a field to change'),
  response: edited,
});
export const removeCriterion = contract({
  method: 'delete',
  path: '/specs/{id}/criteria/{criterion}',
  tag: 'specs',
  summary: 'Remove a criterion while the requirements wait at their gate; the later ones move up',
  auth: 'document:write',
  scope: byId('spec'),
  params: criterionParams,
  body: z.strictObject({ version }),
  response: edited,
});
