import { z } from 'zod';
import { monitorIssues, monitors, remedies, remedyStatuses } from '#workflows/domain/watch/watchdog.ts';
import { byProjectQuery, contract, isoTime, listOf, pageQuery, recordId, uuid } from './contract.ts';

const monitor = z.enum(monitors);
const loop = z.object({
  running: z.boolean(),
  /** Number of the try at the step of its workflow under way; 0 without one. */
  task_attempt: z.number().int(),
  /** Number of the try at its activity under way; 0 without one. */
  step_attempt: z.number().int(),
});
const place = { monitor, workflow_id: z.string(), project_id: uuid.nullable() };

export const monitorStatus = contract({
  method: 'get',
  path: '/watchdog/monitor-status',
  tag: 'watchdog',
  summary:
    'The loops that run or should, of the projects of the organization; for an operator of the installation, of all',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: z.object({ project_id: recordId.optional() }),
  response: z.object({
    /** Whether the watchdog runs. It does while a loop runs. */
    running: z.boolean(),
    ttl_seconds: z.number(),
    monitors: z.array(
      z.object({
        ...place,
        organization_id: uuid,
        /** late: its cycle was due, and Temporal knows of nothing that is wrong. */
        status: z.enum(['healthy', 'late', ...monitorIssues]),
        last_beat_at: isoTime.nullable(),
        /** Seconds since its cycle was due, below 0 before; null: it counts none. */
        overdue_seconds: z.number().nullable(),
      }),
    ),
  }),
});
export const watchdogPolicyList = contract({
  method: 'get',
  path: '/watchdog/policies',
  tag: 'watchdog',
  summary: 'What the watchdog does about a loop, in its order',
  auth: 'agent:read',
  response: z.object({
    items: z.array(
      z.object({
        name: z.enum(remedies),
        issues: z.array(z.enum(monitorIssues)),
        every_seconds: z.number(),
        /** Within an hour; null: once until the loop is back. */
        attempts: z.number().int().nullable(),
        what: z.string(),
      }),
    ),
  }),
});
const remediation = z.object({
  id: uuid,
  ...place,
  issue: z.enum(monitorIssues).nullable(),
  policy: z.enum(remedies),
  /** watchdog, or the e-mail address of a person. */
  by: z.string(),
  /** 2 for the watchdog, 4 for those who look after agents, 5 for an operator of the installation. */
  authority: z.number().int(),
  reason: z.string(),
  /** open: a person is asked. */
  status: z.enum(remedyStatuses),
  before: loop,
  after: loop.nullable(),
  error: z.string().nullable(),
  created_at: isoTime,
  ended_at: isoTime.nullable(),
});
export const remediationHistory = contract({
  method: 'get',
  path: '/watchdog/remediation-history',
  tag: 'watchdog',
  summary: 'What was done about loops, with what was before and after it, newest first',
  auth: 'agent:read',
  scope: byProjectQuery,
  query: pageQuery.extend({ project_id: recordId.optional(), monitor: monitor.optional() }),
  response: listOf(remediation),
});
export const executeRemediation = contract({
  method: 'post',
  path: '/watchdog/execute-remediation',
  tag: 'watchdog',
  summary: 'Start a loop again, or let another worker go on with it',
  auth: 'agent:write',
  scope: { kind: 'project', from: 'body', field: 'project_id', optional: true },
  body: z.strictObject({
    monitor,
    project_id: recordId
      .optional()
      .meta({ description: 'Names the project of the loop; heartbeats watches the whole organization.' }),
    policy: z.enum(['monitor_restart', 'monitor_failover']),
    reason: z.string().trim().min(1).max(2000),
  }),
  response: remediation,
  failures: [400, 409],
});
