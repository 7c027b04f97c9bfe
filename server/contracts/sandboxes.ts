import { z } from 'zod';
import { changeSafety } from '#workflows/domain/access/permissions.ts';
import { sandboxStateNames } from '#workflows/domain/tasks/states.ts';
import {
  byFilters,
  byId,
  contract,
  idParams,
  isoTime,
  listOf,
  pageQuery,
  position,
  recordId,
  uuid,
} from './contract.ts';
import { forkRun } from './runs.ts';

export const sandboxSchema = z.object({
  /** The task: it has one sandbox after another. */
  id: uuid,
  project_id: uuid,
  ticket_id: uuid,
  key: z.string(),
  title: z.string(),
  task_type: z.string(),
  status: z.string(),
  /** The newest run, and the name of its sandbox. */
  run_id: uuid.nullable(),
  sandbox_id: z.string().nullable(),
  /** Of all runs of the task. */
  cost_micros: z.number().int(),
  alignment: z.number().nullable(),
  created_at: isoTime,
});
export const listSandboxes = contract({
  method: 'get',
  path: '/sandboxes',
  tag: 'runs',
  summary: 'The work of sandboxes by task, newest first, with the number in each state',
  auth: 'task:read',
  scope: byFilters('project'),
  query: pageQuery.extend({
    project_id: recordId.optional(),
    state: z.enum(sandboxStateNames).optional(),
    search: z.string().trim().max(200).optional().meta({
      description: "Part of the title, the type or the sandbox's name; or the key, or an id of the task or its run.",
    }),
  }),
  response: listOf(sandboxSchema).extend({ counts: z.record(z.enum(sandboxStateNames), z.number().int()) }),
});
export const sandboxHealth = contract({
  method: 'get',
  path: '/sandboxes/health',
  tag: 'runs',
  summary: 'Whether the place where sandboxes run answers',
  auth: 'agent:read',
  response: z.object({
    status: z.enum(['healthy', 'unhealthy']),
    provider: z.string(),
    /** False: commands run without isolation, so only rehearsals may use it. */
    isolated: z.boolean(),
    /** Why it is unhealthy. */
    problem: z.string().nullable(),
  }),
});
export const sandboxMonitoring = contract({
  method: 'get',
  path: '/sandboxes/monitoring/status',
  tag: 'runs',
  summary: 'Number of sandboxes by status, and how idle and unused ones are found',
  auth: 'agent:read',
  response: z.object({
    sandboxes: z.record(z.string(), z.number().int()),
    /** Open sandboxes of runs that have ended: the next check ends them. */
    unused: z.number().int(),
    /** Seconds without work after which a run is stopped. */
    idle_timeout_seconds: z.number(),
    /** Seconds between two checks of a project that has work. */
    check_interval_seconds: z.number(),
  }),
});
export const clearSandboxes = contract({
  method: 'post',
  path: '/sandboxes/admin/clear-tracked-sandboxes',
  tag: 'runs',
  summary: 'End the open sandboxes whose runs have ended, without waiting for work on their projects',
  auth: changeSafety,
  while_archived: true,
  status: 202,
  response: z.object({
    /** Open sandboxes of runs that have ended. */
    unused: z.number().int(),
    /** Their projects, whose check ends them within its interval. */
    project_ids: z.array(uuid),
  }),
  failures: [409],
});
export const phaseStatus = contract({
  method: 'get',
  path: '/runs/{id}/phase-status',
  tag: 'runs',
  summary: 'The phase that a run works on, and of a phase of planning whether a result has passed its gate',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  response: z.object({
    run_id: uuid,
    run_status: z.string(),
    spec_id: uuid.nullable(),
    phase: z.string().nullable(),
    attempt: z.number().int(),
    spec_status: z.string().nullable(),
    current_phase: z.string().nullable(),
    /** Whether a result of the phase has passed its gate. */
    passed: z.boolean(),
  }),
});
export const runTranscript = contract({
  method: 'get',
  path: '/runs/{id}/transcript',
  tag: 'runs',
  summary: 'The conversation of a run as the model has it, in parts of JSON lines',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  query: pageQuery.extend({ cursor: position.optional() }),
  response: z.object({
    /** The id by which the session is resumed: that of its run. */
    session_id: uuid,
    /** Turns so far. */
    turn: z.number().int(),
    /** Messages in this part. */
    messages: z.number().int(),
    /** Base64 of UTF-8 lines, each a JSON object: seq, turn, role, content (blocks), created_at. */
    transcript: z.base64(),
    updated_at: isoTime.nullable(),
    next_cursor: z.string().nullable(),
  }),
});
export const spawnSandbox = contract({
  method: 'post',
  path: '/sandboxes',
  tag: 'runs',
  summary:
    'Resume a session in a sandbox of its own: by its id, by its task (the newest session), or from an earlier turn. A task without a session starts fresh',
  auth: 'task:write',
  starts_work: 'agents',
  scope: { kind: 'run', from: 'body', field: 'session_id', optional: true, or: [{ kind: 'task', field: 'task_id' }] },
  status: 201,
  failures: [409],
  body: z
    .strictObject({
      session_id: recordId.optional(),
      task_id: recordId.optional(),
      /** Resume after this turn; unset: after the last one. */
      turn: forkRun.body.shape.turn.optional(),
      instruction: forkRun.body.shape.instruction,
    })
    .refine(({ session_id: session, task_id: task }) => (session === undefined) !== (task === undefined), {
      path: ['session_id'],
      message: 'is needed, or task_id; not both',
    })
    .meta({ minProperties: 2 }),
  response: z.object({
    /** The new run, whose conversation begins with that of the session; null: the task's own workflow starts a fresh one. */
    run_id: uuid.nullable(),
    /** The session that is resumed. */
    session_id: uuid.nullable(),
    resumed: z.boolean(),
  }),
});
