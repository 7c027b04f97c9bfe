import { z } from 'zod';
import { phaseIdPattern } from '#workflows/domain/tasks/board-phases.ts';
import { parseRule } from '#workflows/domain/tasks/gate-rules.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import { byProjectQuery, contract, recordId } from './contract.ts';

const words = (most: number) => z.string().trim().min(1).max(most);
export const phaseId = z
  .string()
  .regex(phaseIdPattern, 'must be PHASE_ and then capital letters, digits or _, 64 characters at most');
const rule = z
  .string()
  .trim()
  .max(500)
  .refine((text) => parseRule(text) !== undefined, {
    error: 'must be conditions joined by and, such as: has_tests and test_coverage >= 80',
  })
  .meta({
    description:
      'Conditions joined by "and": a name (it is there and not false), or a name with >=, <=, >, < or = and a number. Names are fields of the content, headings of a text, length, all_passed and tasks.',
  });

const definition = z.strictObject({
  name: words(60),
  sequence_order: z.number().int().min(0).max(1000),
  status: z.enum(statusesOf('ticket')),
  allowed_transitions: z.array(phaseId).max(30),
  done_definitions: z
    .array(z.strictObject({ text: words(500), rule: rule.optional(), required: z.boolean().default(false) }))
    .max(30),
  expected_outputs: z
    .array(
      z.strictObject({
        type: z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'must be small letters, digits and _'),
        pattern: words(300).optional(),
        required: z.boolean().default(true),
        validation_rule: rule.optional(),
      }),
    )
    .max(30),
  phase_prompt: z.string().trim().max(10_000),
  next_steps_guide: z.array(words(500)).max(20),
  seed: words(100).nullable(),
  timeout_seconds: z.number().int().min(1).max(604_800).nullable(),
  max_retries: z.number().int().min(0).max(20).nullable(),
});
export const phaseSchema = definition.extend({
  id: z.string(),
  /** Whether the project defines it itself. */
  own: z.boolean(),
});
const params = z.object({ phase_id: phaseId });
const query = z.object({ project_id: recordId.optional() });
const scope = { kind: 'project', from: 'query', field: 'project_id' } as const;

export const listPhases = contract({
  method: 'get',
  path: '/configs',
  tag: 'phases',
  summary: 'The phases of tickets of a project in their order; without a project those of a project that changed none',
  auth: 'project:read',
  scope: byProjectQuery,
  query,
  response: z.object({ phases: z.array(phaseSchema) }),
});
export const getPhase = contract({
  method: 'get',
  path: '/configs/{phase_id}',
  tag: 'phases',
  summary: 'A phase of tickets of a project',
  auth: 'project:read',
  scope: byProjectQuery,
  params,
  query,
  response: phaseSchema,
});
export const putPhase = contract({
  method: 'put',
  while_archived: false,
  path: '/configs/{phase_id}',
  tag: 'phases',
  summary: 'Define a phase of a project, or change it: what is left out stays as it was',
  auth: 'project:safety:write',
  scope,
  params,
  query: query.required(),
  body: definition.partial(),
  response: phaseSchema,
  failures: [400],
});
export const removePhase = contract({
  method: 'delete',
  path: '/configs/{phase_id}',
  tag: 'phases',
  summary: "Take the project's own definition of a phase away: it is as usual again, or gone",
  auth: 'project:safety:write',
  scope,
  params,
  query: query.required(),
  status: 204,
  failures: [400],
});
