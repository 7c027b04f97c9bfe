import { z } from 'zod';
import { alertChannels, alertMetricNames, alertSeverities, operators } from '#workflows/domain/watch/alerts.ts';
import { byId, byProjectQuery, contract, idParams, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';

const states = ['open', 'acknowledged', 'resolved'] as const;

export const alertSchema = z.object({
  id: uuid,
  /** Null: it is about no project. */
  project_id: uuid.nullable(),
  rule: z.string(),
  metric: z.string(),
  severity: z.enum(alertSeverities),
  routing: z.array(z.enum(alertChannels)),
  state: z.enum(states),
  current_value: z.number(),
  threshold: z.number(),
  message: z.string(),
  labels: z.record(z.string(), z.string()),
  /** Path of the page of what it is about. */
  link: z.string(),
  /** Times that it was measured. */
  count: z.number().int(),
  created_at: isoTime,
  /** When it was measured last. */
  seen_at: isoTime,
  /** When it was told last. */
  told_at: isoTime,
  acknowledged_at: isoTime.nullable(),
  acknowledged_by: z.string().nullable(),
  resolved_at: isoTime.nullable(),
  /** The e-mail address of a person, or platform: it is so no more. */
  resolved_by: z.string().nullable(),
});

export const listAlerts = contract({
  method: 'get',
  path: '/alerts',
  tag: 'alerts',
  summary: 'List alerts, the newest first',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: pageQuery.extend({
    severity: z.enum(alertSeverities).optional(),
    state: z.enum(states).optional(),
    project_id: recordId.optional(),
  }),
  response: listOf(alertSchema),
});
export const getAlert = contract({
  method: 'get',
  path: '/alerts/{id}',
  tag: 'alerts',
  summary: 'Get an alert',
  auth: 'agent:read',
  scope: byId('alert'),
  params: idParams,
  response: alertSchema,
});
export const acknowledgeAlert = contract({
  method: 'post',
  path: '/alerts/{id}/acknowledge',
  tag: 'alerts',
  summary: 'Say that somebody looks after an alert: it is not told again',
  auth: 'agent:write',
  scope: byId('alert'),
  params: idParams,
  response: alertSchema,
  failures: [409],
});
export const resolveAlert = contract({
  method: 'post',
  path: '/alerts/{id}/resolve',
  tag: 'alerts',
  summary: 'End an alert. It is raised again when its rule holds again',
  auth: 'agent:write',
  scope: byId('alert'),
  params: idParams,
  response: alertSchema,
});

const ruleName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be lower-case letters, digits, _ and -, such as queue_long');
const ruleFields = z.strictObject({
  metric: z.enum(alertMetricNames),
  /** What must be so of the value and the threshold. */
  operator: z.enum(operators),
  threshold: z.number().min(-1e9).max(1e9),
  severity: z.enum(alertSeverities),
  /** Besides the pages, what it is told by. */
  routing: z.array(z.enum(alertChannels)).max(alertChannels.length),
  /** Seconds in which an alert with the same labels is told once. */
  deduplication_window: z.number().int().min(0).max(604_800),
  enabled: z.boolean(),
});
const ruleSchema = ruleFields.extend({
  name: z.string(),
  /** Whether it is as the platform made it. */
  is_default: z.boolean(),
  updated_at: isoTime.nullable(),
  updated_by: z.string().nullable(),
});
const rulesAnswer = z.object({
  items: z.array(ruleSchema),
  /** What a rule can name, with the unit of its value. */
  metrics: z.record(z.string(), z.string()),
});
export const listAlertRules = contract({
  method: 'get',
  path: '/alerts/rules',
  tag: 'alerts',
  summary: 'List the rules for alerts',
  auth: 'agent:read',
  response: rulesAnswer,
});
export const setAlertRule = contract({
  method: 'put',
  path: '/alerts/rules/{name}',
  tag: 'alerts',
  summary: 'Make a rule for alerts, or replace the one of that name',
  auth: 'org:write',
  params: z.object({ name: ruleName }),
  body: ruleFields,
  response: rulesAnswer,
});
export const removeAlertRule = contract({
  method: 'delete',
  path: '/alerts/rules/{name}',
  tag: 'alerts',
  summary: 'Remove a rule of the organization; one that it replaced is in force again',
  auth: 'org:write',
  params: z.object({ name: ruleName }),
  response: rulesAnswer,
  failures: [409],
});

const endpointSchema = z.object({
  id: uuid,
  name: z.string(),
  url: z.string(),
  /** Since when it takes nothing; null: it does. */
  failing_since: isoTime.nullable(),
  last_error: z.string().nullable(),
  last_sent_at: isoTime.nullable(),
  created_by: z.string(),
  created_at: isoTime,
});
export const listAlertEndpoints = contract({
  method: 'get',
  path: '/alerts/endpoints',
  tag: 'alerts',
  summary: 'List the addresses that take alerts',
  auth: 'org:write',
  response: z.object({ items: z.array(endpointSchema) }),
});
export const addAlertEndpoint = contract({
  method: 'post',
  path: '/alerts/endpoints',
  tag: 'alerts',
  summary: 'Send alerts to an address, signed as Standard Webhooks says by the secret that is shown once',
  auth: 'org:write',
  status: 201,
  shown_once: ['secret'],
  body: z.strictObject({ name: z.string().trim().min(1).max(80), url: z.url().max(500) }),
  response: endpointSchema.extend({ secret: z.string().nullable() }),
});
export const removeAlertEndpoint = contract({
  method: 'delete',
  path: '/alerts/endpoints/{id}',
  tag: 'alerts',
  summary: 'Send no more alerts to an address',
  auth: 'org:write',
  scope: byId('alert_endpoint'),
  params: idParams,
  status: 204,
});
export const tryAlertEndpoint = contract({
  method: 'post',
  path: '/alerts/endpoints/{id}/try',
  tag: 'alerts',
  summary: 'Send a message to an address, to try it',
  auth: 'org:write',
  scope: byId('alert_endpoint'),
  params: idParams,
  status: 202,
  response: z.object({ delivery_id: uuid }),
});
export const listAlertDeliveries = contract({
  method: 'get',
  path: '/alerts/endpoints/{id}/deliveries',
  tag: 'alerts',
  summary: 'List the messages to an address, the newest first',
  auth: 'org:write',
  scope: byId('alert_endpoint'),
  params: idParams,
  query: pageQuery,
  response: listOf(
    z.object({
      id: uuid,
      state: z.enum(['waiting', 'sent', 'failed']),
      error: z.string().nullable(),
      created_at: isoTime,
      ended_at: isoTime.nullable(),
    }),
  ),
});
