import { z } from 'zod';
import {
  byId,
  byFilters,
  byProjectQuery,
  contract,
  idParams,
  isoTime,
  listOf,
  pageQuery,
  recordId,
} from './contract.ts';

const projectQuery = z.object({ project_id: recordId.optional() });
export const watchStatus = contract({
  method: 'get',
  path: '/monitor/intelligent/status',
  tag: 'monitor',
  summary: 'Status of the monitoring loops',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: projectQuery,
  response: z.object({
    running: z.boolean(),
    timing: z.record(z.string(), z.number()),
    metrics: z.object({
      total_cycles: z.number(),
      successful_cycles: z.number(),
      failed_cycles: z.number(),
      total_interventions: z.number(),
      success_rate: z.number(),
    }),
    loops: z.array(z.object({ loop: z.string(), cycles: z.number(), failed: z.number(), last_at: isoTime.nullable() })),
  }),
});
export const watchHealth = contract({
  method: 'get',
  path: '/monitor/intelligent/health',
  tag: 'monitor',
  summary: 'Health of the agents',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: projectQuery,
  response: z.object({
    active_agents: z.number(),
    average_alignment: z.number().nullable(),
    agents_need_steering: z.number(),
    system_health: z.string(),
    coherence_score: z.number().nullable(),
    phase_distribution: z.record(z.string(), z.number()),
    steering_types: z.record(z.string(), z.number()),
    recent_duplicates: z.array(z.unknown()),
    /** Runs that ended within the window of analysis. */
    termination_count: z.number().int(),
    /** Messages of agents to each other within it. */
    coordination_count: z.number().int(),
    terms: z.unknown(),
    projects: z.array(
      z.object({
        project_id: z.string(),
        active_agents: z.number(),
        coherence_score: z.number().nullable(),
        system_health: z.string(),
      }),
    ),
  }),
});
export const analyseRun = contract({
  method: 'post',
  path: '/monitor/intelligent/analyze/{id}',
  tag: 'monitor',
  summary: 'Analyze a run now',
  auth: 'task:write',
  starts_work: true,
  scope: byId('run'),
  params: idParams,
  query: z.object({ force: z.enum(['true', 'false']).default('false') }),
  response: z.looseObject({ run_id: z.string(), source: z.string() }),
});
export const listInterventions = contract({
  method: 'get',
  path: '/monitor/interventions',
  tag: 'monitor',
  summary: 'List interventions and their results',
  auth: 'agent:read',
  scope: byFilters('project', 'run'),
  query: projectQuery.extend({ ...pageQuery.shape, run_id: recordId.optional() }),
  response: listOf(
    z.looseObject({
      id: z.string(),
      run_id: z.string(),
      steering_type: z.string(),
      message: z.string(),
      status: z.string(),
    }),
  ),
});
export const runAnalyses = contract({
  method: 'get',
  path: '/runs/{id}/analyses',
  tag: 'monitor',
  summary: 'List the guardian analyses of a run',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  query: pageQuery,
  response: listOf(z.looseObject({ id: z.string(), alignment_score: z.number().nullable() })),
});
