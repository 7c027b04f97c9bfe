import { z } from 'zod';
import { nightSchema } from '#workflows/domain/agent/night-terms.ts';
import { retryingSchema } from '#workflows/domain/retrying.ts';
import { verdictSchema } from '#workflows/domain/requirements/verdict.ts';
import { planKinds } from '#workflows/domain/phases/gate-policy.ts';
import { gatePhases, phaseIds } from '#workflows/domain/phases/names.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import {
  accepted,
  byId,
  byProjectQuery,
  contract,
  eventNumber,
  idParams,
  isoTime,
  listOf,
  modelName,
  baseBranch,
  pageQuery,
  reasonBody,
  uuid,
  recordId,
  position,
  usdAmount,
} from './contract.ts';
import { eventSchema } from './events.ts';
import { nightTerms } from './night.ts';

const phase = z.enum(phaseIds);

export const gatePolicy = z.strictObject({
  mode: z.enum(['auto', 'ask', 'auto_above']).default('auto'),
  score: z.number().min(0).max(1).optional(),
  phases: z
    .array(phase)
    .max(phaseIds.length)
    .default([...gatePhases]),
  timeout_seconds: z.number().positive().max(31_536_000).optional(),
});
export const specSchema = z.object({
  id: uuid,
  project_id: uuid,
  organization_id: uuid,
  title: z.string(),
  description: z.string(),
  status: z.string(),
  current_phase: z.string(),
  progress: z.number().int(),
  waiting_for: z.string().nullable(),
  /** Why it waits, where it says so. */
  waiting_reason: z.string().nullable(),
  gate_policy: z.record(z.string(), z.unknown()),
  plan: z.enum(['compact', 'full']),
  branch: z.string().nullable(),
  /** The branch that the work starts from and returns to; null: the default branch of the project. */
  base_branch: z.string().nullable(),
  last_error: z.string().nullable(),
  version: z.number().int(),
  pull_request: z.object({ id: uuid, number: z.number().int(), url: z.string(), state: z.string() }).nullable(),
  cost_micros: z.number().int(),
  budget: z.object({ limit_micros: z.number(), spent_micros: z.number() }).nullable(),
  /** What its launch says for the night. */
  night: nightSchema.nullable(),
  /** Tickets that people have linked, beside those of the plan. */
  linked_tickets: z.array(uuid),
  shared: z.boolean(),
  archived_at: isoTime.nullable(),
  created_at: isoTime,
  updated_at: isoTime,
  started_at: isoTime.nullable(),
  ended_at: isoTime.nullable(),
});
export const launchSpec = contract({
  method: 'post',
  path: '/specs/launch',
  tag: 'specs',
  summary: 'Launch a spec from a description of a feature',
  auth: 'document:write',
  starts_work: true,
  failures: [402],
  status: 201,
  scope: { kind: 'project', from: 'body', field: 'project_id' },
  body: z.strictObject({
    title: z.string().trim().min(1).max(500),
    description: z.string().min(1).max(50_000).regex(/\S/, 'must not be blank'),
    project_id: z.string(),
    auto_execute: z.boolean().default(true),
    gate_policy: gatePolicy.optional(),
    plan: z.enum(planKinds).optional().meta({
      description:
        "full: a session for each phase. compact: one session for all phases. auto: compact, or full where a person decides at gates. Default: the project's settings.plan, else full.",
    }),
    budget_usd: usdAmount(1_000_000).optional(),
    model: modelName.optional(),
    base_branch: baseBranch.optional(),
    night: nightTerms.optional(),
    force: z.boolean().default(false),
  }),
  response: z.object({ spec_id: uuid, status: z.string(), current_phase: z.string() }),
});
const specFilters = {
  status: z.enum(statusesOf('spec')).optional(),
  include_archived: z.enum(['true', 'false']).default('false'),
  search: z.string().trim().max(200).optional().meta({ description: 'Part of the title.' }),
};
export const listProjectSpecs = contract({
  method: 'get',
  path: '/specs/project/{id}',
  tag: 'specs',
  summary: 'Specs of a project, newest first',
  auth: 'document:read',
  agents_of_project: 'document:read',
  scope: byId('project'),
  params: idParams,
  query: pageQuery.extend(specFilters),
  response: listOf(specSchema),
});
const phaseParams = idParams.extend({ phase });
export const listSpecs = contract({
  method: 'get',
  path: '/specs',
  tag: 'specs',
  summary: 'Specs, newest first',
  auth: 'document:read',
  scope: byProjectQuery,
  query: pageQuery.extend({
    ...specFilters,
    project_id: recordId.optional(),
    linked_ticket_id: recordId.optional().meta({ description: 'Specs that this ticket is linked to.' }),
  }),
  response: listOf(specSchema),
});
export const getSpec = contract({
  method: 'get',
  path: '/specs/{id}',
  tag: 'specs',
  summary: 'Get a spec',
  auth: 'document:read',
  agents_of_project: 'document:read',
  scope: byId('spec'),
  params: idParams,
  response: specSchema.extend({ retrying: retryingSchema.nullable() }),
});
export const executeSpec = contract({
  method: 'post',
  path: '/specs/{id}/execute',
  tag: 'specs',
  summary: 'Start a spec that was created without starting',
  auth: 'document:write',
  starts_work: true,
  failures: [402],
  scope: byId('spec'),
  params: idParams,
  status: 202,
  response: z.object({ status: z.enum(['started', 'already_running']), current_phase: z.string() }),
});
export const attemptSchema = z.object({
  attempt: z.number().int(),
  status: z.string(),
  run_id: z.string().nullable(),
  score: z.number().nullable(),
  criteria: z
    .array(z.object({ name: z.string(), weight: z.number(), value: z.number(), note: z.string().optional() }))
    .nullable(),
  vetoes: z.array(z.object({ code: z.string(), message: z.string(), ids: z.array(z.string()).optional() })).nullable(),
  judge: z.unknown(),
  feedback: z.string().nullable(),
  decision: z.unknown(),
  output: z.unknown(),
  draft: z.unknown(),
  started_at: isoTime,
  ended_at: isoTime.nullable(),
});
export const phaseData = contract({
  method: 'get',
  path: '/specs/{id}/phase-data',
  tag: 'specs',
  summary: 'Output, attempts and scores of every phase',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  query: z.object({
    brief: z.enum(['true', 'false']).default('false').meta({ description: 'Leave out outputs and drafts.' }),
    phases: z.string().max(200).optional().meta({ description: 'Only these phases, separated by commas.' }),
  }),
  response: z.object({
    phases: z.array(
      z.object({
        phase: z.string(),
        status: z.string(),
        output: z.unknown(),
        score: z.number().nullable(),
        at_gate: z.boolean(),
        attempts: z.array(attemptSchema),
      }),
    ),
  }),
});
export const specEvents = contract({
  method: 'get',
  path: '/specs/{id}/events',
  tag: 'specs',
  summary: 'Events of a spec, newest first',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  query: z.object({
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    cursor: eventNumber.optional(),
    event_type: z.string().optional(),
  }),
  response: listOf(eventSchema),
});
export const specVersions = contract({
  method: 'get',
  path: '/specs/{id}/versions',
  tag: 'specs',
  summary: 'Versions of a spec',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  query: z.object({
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: position.optional(),
  }),
  response: listOf(
    z.object({
      number: z.number().int(),
      change_type: z.string(),
      details: z.unknown(),
      snapshot: z.unknown(),
      actor: z.string().nullable(),
      created_at: isoTime,
    }),
  ),
});
export const specCoverage = contract({
  method: 'get',
  path: '/specs/{id}/coverage',
  tag: 'specs',
  summary: 'Tasks and tickets that cover each requirement',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  response: z.object({
    coverage_percent: z.number(),
    orphans: z.object({ tasks: z.array(z.string()), tickets: z.array(z.string()) }),
    matrix: z.array(
      z.object({
        requirement_id: z.string(),
        requirement_title: z.string(),
        covered_by_tasks: z.array(z.string()),
        covered_by_tickets: z.array(z.string()),
        status: z.string(),
        criteria: z.array(
          z.object({
            id: z.string(),
            text: z.string(),
            completed: z.boolean(),
            /** The last verdict of a reviewer on it; null where none judged it. */
            verdict: verdictSchema.nullable(),
          }),
        ),
      }),
    ),
  }),
});
const hole = z.enum(['design', 'task', 'test', 'commit']);
export const specTraceability = contract({
  method: 'get',
  path: '/specs/{id}/traceability',
  tag: 'specs',
  summary: 'Requirement x design x ticket x task x test x commit, with the holes; GET /commits/{sha}/hunks goes on',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  response: z.object({
    project_id: uuid,
    coverage_percent: z.number(),
    orphans: z.object({ tasks: z.array(z.string()), tickets: z.array(z.string()) }),
    rows: z.array(
      z.object({
        requirement_id: z.string(),
        requirement_title: z.string(),
        status: z.string(),
        /** Components of the design that name it, or in whose files its tasks work. */
        design: z.array(z.string()),
        /** Ids of the plan; ticket_id and key once it is on the board. */
        tickets: z.array(
          z.object({
            id: z.string(),
            ticket_id: uuid.nullable(),
            key: z.string().nullable(),
            title: z.string().nullable(),
          }),
        ),
        tasks: z.array(
          z.object({
            id: z.string(),
            task_id: uuid.nullable(),
            key: z.string().nullable(),
            title: z.string().nullable(),
            status: z.string().nullable(),
          }),
        ),
        /** Its criteria: the command that proves each, and whether it is proved. */
        tests: z.array(
          z.object({
            criterion_id: z.string(),
            text: z.string(),
            check: z.string().nullable(),
            completed: z.boolean(),
          }),
        ),
        commits: z.array(
          z.object({
            sha: z.string(),
            subject: z.string(),
            task_id: uuid.nullable(),
            insertions: z.number().int(),
            deletions: z.number().int(),
          }),
        ),
        /** What it lacks, of phases that have passed. */
        holes: z.array(hole),
      }),
    ),
  }),
});
export const specExport = contract({
  method: 'get',
  path: '/specs/{id}/export',
  tag: 'specs',
  summary: 'Export the whole plan as JSON, as one Markdown document, or as Markdown files with front matter',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  query: z.object({ format: z.enum(['json', 'markdown', 'files']).default('json') }),
  response: z.unknown(),
});
export const specQuestions = contract({
  method: 'get',
  path: '/specs/{id}/questions',
  tag: 'specs',
  summary: 'Open questions of a plan, with their answers or the assumptions that hold without one',
  auth: 'document:read',
  scope: byId('spec'),
  params: idParams,
  response: z.object({
    /** Answers still reach the plan: its design has not started. */
    open: z.boolean(),
    items: z.array(
      z.object({
        id: z.string(),
        phase: z.string(),
        question: z.string(),
        assumption: z.string(),
        answer: z.string().nullable(),
        answered_by: z.string().nullable(),
        answered_at: isoTime.nullable(),
      }),
    ),
  }),
});
export const answerQuestions = contract({
  method: 'post',
  path: '/specs/{id}/answers',
  tag: 'specs',
  summary: 'Answer open questions of a plan before its design starts; the others keep their assumptions',
  auth: 'document:write',
  starts_work: true,
  scope: byId('spec'),
  params: idParams,
  body: z.strictObject({
    answers: z
      .array(z.strictObject({ id: z.string().min(1).max(64), answer: z.string().trim().min(1).max(20_000) }))
      .min(1)
      .max(100),
  }),
  response: z.object({ answered: z.number().int() }),
});
export const approvePhase = contract({
  method: 'post',
  path: '/specs/{id}/phases/{phase}/approve',
  tag: 'specs',
  summary: 'Approve a phase at its gate, or one that failed by its score, with a reason',
  auth: 'document:write',
  starts_work: true,
  scope: byId('spec'),
  params: phaseParams,
  status: 202,
  body: z.strictObject({
    reason: z
      .string()
      .trim()
      .min(1)
      .max(20_000)
      .optional()
      .meta({ description: 'Why the newest attempt is good enough; needed where it failed.' }),
  }),
  response: accepted,
});
export const requestPhaseChanges = contract({
  method: 'post',
  path: '/specs/{id}/phases/{phase}/request-changes',
  tag: 'specs',
  summary: 'Request changes to a phase',
  auth: 'document:write',
  starts_work: true,
  scope: byId('spec'),
  params: phaseParams,
  status: 202,
  body: z.strictObject({ feedback: z.string().trim().min(1).max(20_000) }),
  response: accepted,
});
export const regeneratePhase = contract({
  method: 'post',
  path: '/specs/{id}/phases/{phase}/regenerate',
  tag: 'specs',
  summary: 'Regenerate a phase',
  auth: 'document:write',
  starts_work: 'agents',
  scope: byId('spec'),
  params: phaseParams,
  status: 202,
  body: z.object({ feedback: z.string().max(20_000).optional() }),
  response: accepted,
});
export const pauseSpec = contract({
  method: 'post',
  path: '/specs/{id}/pause',
  tag: 'specs',
  summary: 'Stop after the step under way',
  auth: 'document:write',
  scope: byId('spec'),
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const resumeSpec = contract({
  method: 'post',
  path: '/specs/{id}/resume',
  tag: 'specs',
  summary: 'Go on',
  auth: 'document:write',
  starts_work: 'agents',
  scope: byId('spec'),
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const cancelSpec = contract({
  method: 'post',
  path: '/specs/{id}/cancel',
  tag: 'specs',
  summary: 'Cancel a spec with its tickets, tasks and runs',
  auth: 'document:write',
  scope: byId('spec'),
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const retrySpec = contract({
  method: 'post',
  path: '/specs/{id}/retry',
  tag: 'specs',
  summary: 'Retry the failed parts of a spec: a phase, a merge, the pull request, tickets and tasks',
  auth: 'document:write',
  starts_work: 'agents',
  scope: byId('spec'),
  params: idParams,
  status: 202,
  response: accepted,
  body: z.strictObject({
    feedback: z
      .string()
      .trim()
      .min(1)
      .max(20_000)
      .optional()
      .meta({ description: 'Feedback for the next attempt of the failed phase.' }),
  }),
});
export const syncSpec = contract({
  method: 'post',
  path: '/specs/{id}/sync',
  tag: 'specs',
  summary: 'Create the tickets and tasks of the plan; safe to repeat',
  auth: 'document:write',
  starts_work: true,
  scope: byId('spec'),
  params: idParams,
  response: z.record(z.string(), z.number()),
});
