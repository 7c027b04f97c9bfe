import { z } from 'zod';
import { metricTypes } from '#workflows/domain/quality/gate.ts';
import { byId, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid, type ScopeOf } from './contract.ts';

const byTask: ScopeOf = { kind: 'task', from: 'body', field: 'task_id' };
const metricType = z.enum(metricTypes);
const metricSchema = z.object({
  id: uuid,
  task_id: uuid,
  metric_type: metricType,
  value: z.number(),
  /** `check`: the project's own check; else who recorded it. */
  source: z.string(),
  recorded_at: isoTime,
});

export const recordMetric = contract({
  method: 'post',
  path: '/quality/metrics/record',
  tag: 'quality',
  summary: "Record a number that was measured of a task's work; coverage in percent, overall from 0 to 1",
  auth: 'task:write',
  scope: byTask,
  status: 201,
  body: z.strictObject({ task_id: recordId, metric_type: metricType, value: z.number().min(0).max(1_000_000) }),
  response: metricSchema,
  failures: [400],
});
export const listMetrics = contract({
  method: 'get',
  path: '/quality/metrics/{id}',
  tag: 'quality',
  summary: 'What was measured of a task, newest first',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  query: pageQuery,
  response: listOf(metricSchema),
});
export const evaluateQuality = contract({
  method: 'post',
  path: '/quality/gates/{gate}/evaluate',
  tag: 'quality',
  summary: 'Compare what was measured of a task with the limits of the installation; the gate is named default',
  auth: 'task:read',
  scope: byTask,
  params: z.object({ gate: z.string().min(1).max(100) }),
  body: z.strictObject({ task_id: recordId }),
  response: z.object({
    gate: z.string(),
    passed: z.boolean(),
    results: z.array(
      z.object({
        metric_type: metricType,
        /** Null: nothing has measured it, which fails. */
        value: z.number().nullable(),
        condition: z.enum(['>=', '<=']),
        threshold: z.number(),
        passed: z.boolean(),
        reason: z.string(),
      }),
    ),
  }),
});
export const predictQuality = contract({
  method: 'post',
  path: '/quality/predict',
  tag: 'quality',
  summary: 'How likely a task succeeds, by similar ones and patterns of the project',
  auth: 'task:read',
  scope: { kind: 'project', from: 'body', field: 'project_id' },
  body: z.strictObject({
    project_id: recordId,
    task_description: z.string().trim().min(1).max(10_000),
    task_type: z.string().trim().max(100).default(''),
  }),
  response: z.object({
    /** 0 to 1; 0.5 where nothing is known. */
    predicted_score: z.number(),
    confidence: z.number(),
    risk_level: z.enum(['low', 'medium', 'high']),
    similar_tasks: z.array(z.object({ memory_id: uuid, similarity: z.number(), success: z.boolean() })),
    patterns: z.array(z.object({ pattern_id: uuid, confidence: z.number() })),
  }),
});
export const qualityTrends = contract({
  method: 'get',
  path: '/quality/trends',
  tag: 'quality',
  summary: 'How a metric of a project went, by day of UTC, the oldest first',
  auth: 'task:read',
  scope: { kind: 'project', from: 'query', field: 'project_id' },
  query: z.object({
    project_id: recordId,
    metric_type: metricType.default('coverage'),
    days: z.coerce.number().int().min(1).max(365).default(30),
  }),
  response: z.object({
    metric_type: metricType,
    points: z.array(
      z.object({ day: z.iso.date(), mean: z.number(), min: z.number(), max: z.number(), count: z.number().int() }),
    ),
    /** From the first day's mean to the last day's; null with fewer than two days. */
    change: z.number().nullable(),
  }),
});
