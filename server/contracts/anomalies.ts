import { z } from 'zod';
import { anomalyMetrics, anomalySeverities, projectMetrics } from '#workflows/domain/watch/anomalies.ts';
import { byId, byProjectQuery, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';

const anomaly = z.object({
  id: uuid,
  project_id: uuid,
  /** Null: of the project. */
  agent_id: uuid.nullable(),
  run_id: uuid.nullable(),
  metric: z.enum(anomalyMetrics),
  value: z.number(),
  /** Mean of the values before; for an agent the score from which it counts as bad. */
  usual: z.number(),
  /** Sigma; for an agent its score. */
  deviation: z.number(),
  severity: z.enum(anomalySeverities),
  terms: z.record(z.string(), z.unknown()),
  created_at: isoTime,
  acknowledged_at: isoTime.nullable(),
  acknowledged_by: z.string().nullable(),
});
export const monitorMetrics = contract({
  method: 'get',
  path: '/monitor/metrics',
  tag: 'monitor',
  summary: 'What is usual in a project, its newest values, and how far each agent is from its kind',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: z.object({ project_id: recordId }),
  response: z.object({
    metrics: z.array(
      z.object({
        metric: z.enum(Object.keys(projectMetrics) as [string, ...string[]]),
        unit: z.string(),
        /** Values before the newest one, at most 100. Below 10 nothing is judged. */
        samples: z.number().int(),
        value: z.number().nullable(),
        mean: z.number().nullable(),
        std: z.number().nullable(),
        deviation: z.number().nullable(),
        severity: z.enum(anomalySeverities).nullable(),
      }),
    ),
    agents: z.array(
      z.object({
        agent_id: uuid,
        name: z.string(),
        /** 0 to 1; null: none of its tasks has ended. */
        score: z.number().nullable(),
        terms: z.record(z.string(), z.number()),
        /** What was not measured, or has no baseline yet: it counts nothing. */
        absent: z.array(z.string()),
        /** Bad readings in a row: three put it into quarantine. */
        in_a_row: z.number().int(),
      }),
    ),
    baselines: z.array(
      z.object({
        agent_type: z.string(),
        phase_id: z.string(),
        samples: z.number().int(),
        task_ms: z.number(),
        task_variance: z.number(),
        error_rate: z.number(),
        cpu: z.number().nullable(),
        memory_mb: z.number().nullable(),
      }),
    ),
  }),
});
export const listAnomalies = contract({
  method: 'get',
  path: '/monitor/anomalies',
  tag: 'monitor',
  summary: 'What was far from usual, newest first',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: pageQuery.extend({
    project_id: recordId.optional(),
    severity: z.enum(anomalySeverities).optional(),
    acknowledged: z.enum(['true', 'false']).optional(),
  }),
  response: listOf(anomaly),
});
export const acknowledgeAnomaly = contract({
  method: 'post',
  path: '/monitor/anomalies/{id}/acknowledge',
  tag: 'monitor',
  summary: 'Say that somebody has seen an anomaly',
  auth: 'agent:write',
  scope: byId('anomaly'),
  params: idParams,
  response: anomaly,
});
