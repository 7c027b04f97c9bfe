import { z } from 'zod';
import { surveyedRootSchema, surveyStates } from '#workflows/domain/survey/environment.ts';
import { retryingSchema } from '#workflows/domain/retrying.ts';
import { byId, contract, idParams, isoTime } from './contract.ts';

export const environmentSchema = z.object({
  /** none: the repository was never surveyed. */
  state: z.enum(['none', ...surveyStates]),
  /** What a running survey is doing; empty when none runs. */
  step: z.string(),
  retrying: retryingSchema.nullable(),
  base_sha: z.string().nullable(),
  roots: z.array(surveyedRootSchema),
  /** Commands of instruction and CI files that are shown and never run. */
  shown: z.array(z.object({ command: z.string(), source: z.object({ file: z.string(), line: z.number().int() }) })),
  error: z.string().nullable(),
  started_at: isoTime.nullable(),
  ended_at: isoTime.nullable(),
});

export const getEnvironment = contract({
  method: 'get',
  path: '/projects/{id}/environment',
  tag: 'projects',
  summary: 'How the repository of a project is set up and checked, and what that did at the base',
  auth: 'project:read',
  scope: byId('project'),
  params: idParams,
  response: environmentSchema,
});
export const surveyProject = contract({
  method: 'post',
  path: '/projects/{id}/survey',
  tag: 'projects',
  summary: 'Survey the repository of a project again',
  // It runs commands of the repository, like a launch.
  auth: 'document:write',
  starts_work: true,
  status: 202,
  scope: byId('project'),
  params: idParams,
  response: z.object({ state: z.literal('surveying') }),
});
export const cancelSurvey = contract({
  method: 'post',
  path: '/projects/{id}/survey/cancel',
  tag: 'projects',
  summary: 'End the survey of a project that runs',
  auth: 'document:write',
  status: 202,
  scope: byId('project'),
  params: idParams,
  response: z.object({ status: z.string() }),
});
