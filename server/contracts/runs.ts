import { z } from 'zod';
import { messageKinds, steerKinds } from '#workflows/contracts/messages.ts';
import { accepted, contract, idParams, isoTime, listOf, longPageQuery, pageQuery, uuid } from './contract.ts';
import { eventView } from './events.ts';

export const runView = z.object({
  id: uuid,
  kind: z.string(),
  mode: z.string(),
  phase: z.string().nullable(),
  status: z.string(),
  waiting_for: z.string().nullable(),
  waiting_reason: z.string().nullable(),
  next_wake_at: isoTime.nullable(),
  title: z.string(),
  goal: z.string(),
  project_id: uuid,
  spec_id: z.string().nullable(),
  ticket_id: z.string().nullable(),
  task_id: z.string().nullable(),
  attempt: z.number().int(),
  turn: z.number().int(),
  iteration: z.number().int(),
  epoch: z.number().int(),
  provider: z.string(),
  scripted: z.boolean(),
  model: z.string(),
  sandbox_id: z.string().nullable(),
  branch: z.string().nullable(),
  base_sha: z.string().nullable(),
  head_sha: z.string().nullable(),
  stop_reason: z.string().nullable(),
  error_message: z.string().nullable(),
  usage: z.object({
    input_tokens: z.number(),
    output_tokens: z.number(),
    cache_read_tokens: z.number(),
    cache_write_tokens: z.number(),
  }),
  cost_micros: z.number().int(),
  cost_usd: z.number(),
  cache_hit_rate: z.number().nullable(),
  alignment: z.number().nullable(),
  todo: z.array(z.object({ text: z.string(), status: z.string() })),
  limits: z.record(z.string(), z.unknown()),
  outcome: z.unknown(),
  forked_from: z.object({ run_id: z.string(), turn: z.number().int() }).nullable(),
  created_at: isoTime,
  started_at: isoTime.nullable(),
  ended_at: isoTime.nullable(),
});

export const toolCallView = z.object({
  tool_use_id: z.string(),
  position: z.number().int(),
  name: z.string(),
  input: z.unknown(),
  status: z.string(),
  result: z.string().nullable(),
  is_error: z.boolean(),
  exit_code: z.number().nullable(),
  duration_ms: z.number().nullable(),
  started_at: isoTime.nullable(),
  ended_at: isoTime.nullable(),
});
export const changedFileView = z.object({
  path: z.string(),
  change_type: z.string(),
  lines_added: z.number(),
  lines_removed: z.number(),
});
export const turnView = z.object({
  turn: z.number().int(),
  epoch: z.number().int(),
  iteration: z.number().int(),
  model: z.string(),
  stop_reason: z.string(),
  usage: z.object({
    input_tokens: z.number(),
    output_tokens: z.number(),
    cache_read_tokens: z.number(),
    cache_write_tokens: z.number(),
  }),
  cost_micros: z.number().int(),
  received: z.array(z.unknown()),
  content: z.array(z.unknown()),
  tool_calls: z.array(toolCallView),
  files_changed: z.array(changedFileView),
  checkpoint: z.string().nullable(),
  started_at: isoTime,
  ended_at: isoTime,
});
const messageView = z.object({
  id: uuid,
  kind: z.string(),
  rank: z.string(),
  steer_kind: z.string().nullable(),
  content: z.string(),
  actor: z.string(),
  status: z.enum(['queued', 'delivered', 'refused']),
  delivered_at_turn: z.number().nullable(),
  delivered_at: isoTime.nullable(),
  refused_reason: z.string().nullable(),
  lifted_at: isoTime.nullable(),
  created_at: isoTime,
});

const own = { kind: 'run', from: 'params', field: 'id' } as const;
export const listRuns = contract({
  method: 'get',
  path: '/runs',
  tag: 'runs',
  summary: 'Runs, newest first',
  auth: 'agent:read',
  scope: { kind: 'project', from: 'query', field: 'project_id', optional: true },
  query: pageQuery.extend({
    project_id: z.string().optional(),
    spec_id: z.string().optional(),
    ticket_id: z.string().optional(),
    task_id: z.string().optional(),
    status: z.string().max(50).optional(),
    kind: z.string().max(50).optional(),
  }),
  response: listOf(runView),
});
export const getRun = contract({
  method: 'get',
  path: '/runs/{id}',
  tag: 'runs',
  summary: 'One run',
  auth: 'agent:read',
  scope: own,
  params: idParams,
  response: runView,
});
export const runTurns = contract({
  method: 'get',
  path: '/runs/{id}/turns',
  tag: 'runs',
  summary: 'Turns after one, in order, with their content',
  auth: 'agent:read',
  scope: own,
  params: idParams,
  query: longPageQuery.extend({ after: z.coerce.number().int().min(0).default(0) }),
  response: listOf(turnView),
});
export const runDiff = contract({
  method: 'get',
  path: '/runs/{id}/diff',
  tag: 'runs',
  summary: 'What a turn changed, or the run so far',
  auth: 'agent:read',
  scope: own,
  params: idParams,
  query: z.object({ turn: z.coerce.number().int().min(0).optional(), from: z.enum(['turn', 'base']).default('turn') }),
  response: z.object({
    from: z.string(),
    to: z.string(),
    patch: z.string(),
    truncated: z.boolean(),
    files: z.array(changedFileView),
  }),
});
export const runEvents = contract({
  method: 'get',
  path: '/runs/{id}/events',
  tag: 'runs',
  summary: 'Events of a run after a number, in order',
  auth: 'agent:read',
  scope: own,
  params: idParams,
  query: z.object({
    after: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    event_type: z.string().optional(),
  }),
  response: listOf(eventView),
});
export const runTrajectory = contract({
  method: 'get',
  path: '/runs/{id}/trajectory',
  tag: 'runs',
  summary: 'What an agent was told and holds to',
  auth: 'agent:read',
  scope: own,
  params: idParams,
  query: z.object({
    cursor: z.coerce.number().int().min(0).optional(),
    direction: z.enum(['forward', 'backward']).default('forward'),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  }),
  response: z.object({
    items: z.array(eventView),
    next_cursor: z.number().nullable(),
    has_more: z.boolean(),
    context: z.unknown(),
  }),
});
export const runMessages = contract({
  method: 'get',
  path: '/runs/{id}/messages',
  tag: 'runs',
  summary: 'Messages to a run with their receipts',
  auth: 'agent:read',
  scope: own,
  params: idParams,
  response: listOf(messageView),
});

const words = z.string().trim().min(1).max(20_000);
export const sendMessage = contract({
  method: 'post',
  path: '/runs/{id}/messages',
  tag: 'runs',
  summary: 'Say something to a running agent',
  auth: 'task:write',
  scope: own,
  params: idParams,
  status: 202,
  body: z
    .strictObject({
      kind: z.enum(messageKinds).optional(),
      message_type: z.enum(messageKinds).optional(),
      content: words,
    })
    .transform(({ kind, message_type: alias, content }) => ({
      kind: kind ?? alias ?? ('user_message' as const),
      content,
    })),
  response: z.object({ message_id: z.string(), answered_question_id: z.string().optional() }),
});
export const steerRun = contract({
  method: 'post',
  path: '/runs/{id}/steer',
  tag: 'runs',
  summary: 'Steer a running agent',
  auth: 'task:write',
  scope: own,
  params: idParams,
  status: 202,
  body: z.strictObject({ kind: z.enum(steerKinds), message: words }),
  response: z.object({ message_id: z.string() }),
});
export const liftConstraint = contract({
  method: 'delete',
  path: '/runs/{id}/constraints/{message_id}',
  tag: 'runs',
  summary: 'Lift a constraint',
  auth: 'task:write',
  scope: own,
  params: idParams.extend({ message_id: z.string().max(100) }),
  status: 202,
  response: z.object({ message_id: z.string() }),
});
const reason = z.object({ reason: z.string().max(2000).optional() });
export const interruptRun = contract({
  method: 'post',
  path: '/runs/{id}/interrupt',
  tag: 'runs',
  summary: 'Cut short the model call or command under way',
  auth: 'task:write',
  scope: own,
  params: idParams,
  status: 202,
  body: z.object({ message: z.string().max(20_000).optional() }),
  response: accepted,
});
export const pauseRun = contract({
  method: 'post',
  path: '/runs/{id}/pause',
  tag: 'runs',
  summary: 'Stop after the step under way',
  auth: 'task:write',
  scope: own,
  params: idParams,
  status: 202,
  body: reason,
  response: accepted,
});
export const resumeRun = contract({
  method: 'post',
  path: '/runs/{id}/resume',
  tag: 'runs',
  summary: 'Go on',
  auth: 'task:write',
  scope: own,
  params: idParams,
  status: 202,
  body: reason,
  response: accepted,
});
export const stopRun = contract({
  method: 'post',
  path: '/runs/{id}/stop',
  tag: 'runs',
  summary: 'End the run',
  auth: 'task:write',
  scope: own,
  params: idParams,
  status: 202,
  body: reason,
  response: accepted,
});
export const forkRun = contract({
  method: 'post',
  path: '/runs/{id}/fork',
  tag: 'runs',
  summary: 'A new run from a turn, with its files',
  auth: 'task:write',
  scope: own,
  params: idParams,
  status: 201,
  body: z.strictObject({ turn: z.number().int().min(1), instruction: words }),
  response: z.object({ run_id: z.string() }),
});
export const runSandbox = contract({
  method: 'get',
  path: '/runs/{id}/sandbox',
  tag: 'runs',
  summary: "The run's sandbox",
  auth: 'agent:read',
  scope: own,
  params: idParams,
  response: z.looseObject({ id: z.string(), status: z.string() }),
});
export const runTask = contract({
  method: 'get',
  path: '/runs/{id}/task',
  tag: 'runs',
  summary: 'The task a run works on',
  auth: 'agent:read',
  scope: own,
  params: idParams,
  response: z.looseObject({ id: z.string() }).nullable(),
});
export const runProgress = contract({
  method: 'get',
  path: '/runs/{id}/progress',
  tag: 'runs',
  summary: 'What its workflow does now',
  auth: 'agent:read',
  scope: own,
  params: idParams,
  response: z.looseObject({ state: z.string(), step: z.string() }),
});
export const listQuestions = contract({
  method: 'get',
  path: '/questions',
  tag: 'runs',
  summary: 'Questions of agents that wait for an answer',
  auth: 'agent:read',
  response: listOf(
    z.object({
      id: uuid,
      run_id: uuid,
      question: z.string(),
      options: z.array(z.string()),
      default_answer: z.string().nullable(),
      created_at: isoTime,
    }),
  ),
});
