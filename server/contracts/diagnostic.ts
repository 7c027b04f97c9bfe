import { z } from 'zod';
import { diagnosisSchema, diagnosticTriggers } from '#workflows/domain/diagnosis.ts';
import {
  byFilters,
  byId,
  byProjectQuery,
  contract,
  idParams,
  isoTime,
  listOf,
  pageQuery,
  recordId,
  uuid,
} from './contract.ts';

const diagnosticSchema = z.object({
  id: uuid,
  project_id: uuid,
  ticket_id: uuid,
  /** The task that failed; null: nothing of the ticket moves. */
  task_id: uuid.nullable(),
  trigger: z.enum(diagnosticTriggers),
  triggered_by: z.string().nullable(),
  status: z.enum(['running', 'completed', 'skipped', 'failed']),
  diagnosis: diagnosisSchema.nullable(),
  /** Why it was skipped, failed, or began no work. */
  reason: z.string().nullable(),
  tasks_created_ids: z.array(uuid),
  created_at: isoTime,
  completed_at: isoTime.nullable(),
});

export const stuckWorkflows = contract({
  method: 'get',
  path: '/diagnostic/stuck-workflows',
  tag: 'diagnostic',
  summary: 'Open tickets of which nothing can go on, the longest still one first',
  auth: 'ticket:read',
  scope: byProjectQuery,
  query: z.object({ project_id: recordId.optional() }),
  response: z.object({
    items: z.array(
      z.object({
        ticket_id: uuid,
        key: z.string(),
        title: z.string(),
        project_id: uuid,
        status: z.string(),
        idle_since: isoTime,
        failed_task_ids: z.array(uuid),
      }),
    ),
  }),
});
export const listDiagnostics = contract({
  method: 'get',
  path: '/diagnostic/runs',
  tag: 'diagnostic',
  summary: 'Diagnoses of tickets, newest first',
  auth: 'ticket:read',
  scope: byFilters('ticket', 'project'),
  query: pageQuery.extend({ ticket_id: recordId.optional(), project_id: recordId.optional() }),
  response: listOf(diagnosticSchema),
});
export const getDiagnostic = contract({
  method: 'get',
  path: '/diagnostic/runs/{id}',
  tag: 'diagnostic',
  summary: 'One diagnosis, with what it began',
  auth: 'ticket:read',
  scope: byId('diagnostic'),
  params: idParams,
  response: diagnosticSchema,
});
export const triggerDiagnostic = contract({
  method: 'post',
  path: '/diagnostic/trigger/{id}',
  tag: 'diagnostic',
  summary: 'Find out why a ticket does not move. 409 where the guards against runaways hold it back',
  auth: 'ticket:write',
  scope: byId('ticket'),
  starts_work: 'agents',
  params: idParams,
  status: 202,
  response: z.object({ diagnostic_run_id: uuid, status: z.enum(['running']) }),
});
export const resetDiagnostics = contract({
  method: 'post',
  path: '/diagnostic/reset/{id}',
  tag: 'diagnostic',
  summary: 'Count the diagnoses of a ticket from zero again',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  status: 204,
});
export const discoveryHealth = contract({
  method: 'get',
  path: '/tickets/{id}/discovery-health',
  tag: 'discoveries',
  summary: 'What the discoveries of a ticket have in common, and how healthy its work is',
  auth: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  response: z.object({
    total: z.number().int(),
    open: z.number().int(),
    resolved: z.number().int(),
    bugs: z.number().int(),
    blockers: z.number().int(),
    tasks_by_status: z.record(z.string(), z.number().int()),
    patterns: z.array(
      z.object({
        pattern_type: z.string(),
        description: z.string(),
        severity: z.enum(['critical', 'high', 'medium', 'low']),
        affected_components: z.array(z.string()),
        suggested_action: z.string(),
        confidence: z.number(),
        discovery_ids: z.array(uuid),
      }),
    ),
    /** False: there are too few discoveries to see a pattern. */
    enough_data: z.boolean(),
    summary: z.string(),
    health_score: z.number(),
    priority_recommendations: z.array(z.string()),
    hotspots: z.array(z.object({ component: z.string(), count: z.number().int() })),
  }),
});
const near = { title: z.string(), similarity: z.number() };
export const predictedBlockers = contract({
  method: 'get',
  path: '/tasks/{id}/predicted-blockers',
  tag: 'discoveries',
  summary: 'What is likely to hold a task up, by what held up like work of its phase',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  response: z.object({
    likely_blockers: z.array(z.object({ ...near, discovery_type: z.string() })),
    confidence: z.number(),
    prevention_suggestions: z.array(z.string()),
    similar_past_discoveries: z.array(z.object({ ...near, id: uuid })),
  }),
});
export const recommendAgent = contract({
  method: 'get',
  path: '/discoveries/{id}/recommended-agent',
  tag: 'discoveries',
  summary: 'Which type of agent should take up a discovery',
  auth: 'task:read',
  scope: byId('discovery'),
  params: idParams,
  response: z.object({
    recommended_agent_type: z.string(),
    reasoning: z.string(),
    alternative_types: z.array(z.string()),
    special_instructions: z.string().nullable(),
  }),
});
