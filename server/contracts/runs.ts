import { z } from 'zod';
import { nightSchema } from '#workflows/domain/agent/night-terms.ts';
import { allRunners } from '#workflows/domain/agent/runners.ts';
import { retryingSchema } from '#workflows/domain/retrying.ts';
import { messageKinds, steerKinds } from '#workflows/domain/agent/inbox.ts';
import { changeSafety } from '#workflows/domain/access/permissions.ts';
import { limitRanges } from '#workflows/contracts/run.ts';
import { runKinds } from '#workflows/domain/agent/run.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import {
  accepted,
  byId,
  byFilters,
  contract,
  eventNumber,
  idParams,
  isoTime,
  listOf,
  longPageQuery,
  pageQuery,
  reasonBody,
  uuid,
  recordId,
  position,
  maxInteger,
} from './contract.ts';
import { eventSchema } from './events.ts';

export const runSchema = z.object({
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
  /** What carries the run on: the platform's own loop, the Claude Agent SDK in the sandbox, or an agent elsewhere. */
  runner: z.enum(allRunners),
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
  /** The run whose question this one answers; null for other kinds. */
  caller_run_id: z.string().nullable(),
  /** The run whose conversation this one continues after refused work, and its turns from there. */
  continues: z.object({ run_id: z.string(), turn: z.number().int() }).nullable(),
  forked_from: z.object({ run_id: z.string(), turn: z.number().int() }).nullable(),
  created_at: isoTime,
  started_at: isoTime.nullable(),
  ended_at: isoTime.nullable(),
});

export const toolCallSchema = z.object({
  tool_use_id: z.string(),
  position: z.number().int(),
  name: z.string(),
  input: z.unknown(),
  status: z.string(),
  result: z.string().nullable(),
  is_error: z.boolean(),
  exit_code: z.number().nullable(),
  duration_ms: z.number().nullable(),
  /** The run that answers the question of a call of `explore`; null for other calls. */
  answering_run_id: z.string().nullable(),
  started_at: isoTime.nullable(),
  ended_at: isoTime.nullable(),
});
export const changedFileSchema = z.object({
  path: z.string(),
  change_type: z.string(),
  lines_added: z.number(),
  lines_removed: z.number(),
  binary: z.boolean().optional(),
});
/** A changed file as a reviewer sees it. */
export const reviewedFileSchema = changedFileSchema.extend({
  risk: z.object({
    level: z.enum(['high', 'medium', 'low']),
    /** Made by a program from other files, or only moved. */
    mechanical: z.boolean(),
    /** Why, in words. */
    reasons: z.array(z.string()),
  }),
});
export const whitespaceQuery = {
  /** `ignore` leaves out changes of white space alone. */
  whitespace: z.enum(['show', 'ignore']).default('show'),
};
export const turnSchema = z.object({
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
  tool_calls: z.array(toolCallSchema),
  files_changed: z.array(changedFileSchema),
  checkpoint: z.string().nullable(),
  /** Milliseconds from when the turn was due until its request was sent: for a slot, for money, for the provider. */
  waited_ms: z.number().nullable(),
  /** When the request was sent. */
  started_at: isoTime,
  /** Milliseconds from then to the first event of the answer. */
  first_token_ms: z.number().nullable(),
  answered_at: isoTime.nullable(),
  /** When the answer was stored. */
  ended_at: isoTime,
});
const messageSchema = z.object({
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

export const listRuns = contract({
  method: 'get',
  path: '/runs',
  tag: 'runs',
  summary: 'Runs, newest first',
  auth: 'agent:read',
  scope: byFilters('project', 'spec', 'ticket', 'task'),
  query: pageQuery.extend({
    project_id: recordId.optional(),
    spec_id: recordId.optional(),
    ticket_id: recordId.optional(),
    task_id: recordId.optional(),
    status: z.enum(statusesOf('run')).optional(),
    kind: z.enum(runKinds).optional(),
  }),
  response: listOf(runSchema),
});
export const getRun = contract({
  method: 'get',
  path: '/runs/{id}',
  tag: 'runs',
  summary: 'Get a run',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  response: runSchema.extend({
    retrying: retryingSchema.nullable(),
    /** What the launch of its spec, or of its ticket without one, says for the night; null: nothing, or the run has ended. */
    night: nightSchema.nullable(),
    /** What the agent is in this phase: planner, implementer, validator, coordinator, diagnostician; null: a helper. */
    role: z.string().nullable(),
    /** The phase of the board in which its task is; null: it has no task. */
    task_phase_id: z.string().nullable(),
    /** The own key that calls are made with; null: the platform's, or the run has ended. */
    model_key: z
      .object({ id: uuid, name: z.string(), owner: z.enum(['organization', 'user']), last_four: z.string() })
      .nullable(),
    /** Why an own key is not used. */
    model_key_unused: z.string().nullable(),
  }),
});
export const runTurns = contract({
  method: 'get',
  path: '/runs/{id}/turns',
  tag: 'runs',
  summary: 'Turns after a given turn, in order, with their content',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  query: longPageQuery.extend({ after: position.default(0), cursor: position.optional() }),
  response: listOf(turnSchema),
});
export const runDiff = contract({
  method: 'get',
  path: '/runs/{id}/diff',
  tag: 'runs',
  summary: 'Diff of a turn, or of the run so far',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  query: z.object({ turn: position.optional(), from: z.enum(['turn', 'base']).default('turn') }),
  response: z.object({
    from: z.string(),
    to: z.string(),
    patch: z.string(),
    truncated: z.boolean(),
    files: z.array(reviewedFileSchema),
  }),
});
export const runEvents = contract({
  method: 'get',
  path: '/runs/{id}/events',
  tag: 'runs',
  summary: 'Events of a run after a number, in order; for the key of a sandbox those that it reported',
  auth: 'agent:read',
  agent: 'task:read',
  registered: 'task:read',
  scope: byId('run'),
  params: idParams,
  query: z.object({
    after: eventNumber.default(0),
    cursor: eventNumber.optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
    event_type: z.string().optional().meta({
      description: 'Types of events, or kinds of what a sandbox reported (agent.tool_use), with commas between them.',
    }),
  }),
  response: listOf(eventSchema),
});
export const runTrajectory = contract({
  method: 'get',
  path: '/runs/{id}/trajectory',
  tag: 'runs',
  summary: 'Goal, constraints and events that guide an agent',
  auth: 'agent:read',
  agents_of_project: 'task:read',
  scope: byId('run'),
  params: idParams,
  query: z.object({
    cursor: eventNumber.optional(),
    direction: z.enum(['forward', 'backward']).default('forward'),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  }),
  response: z.object({
    items: z.array(eventSchema),
    next_cursor: z.number().nullable(),
    has_more: z.boolean(),
    context: z.unknown(),
  }),
});
export const runMessages = contract({
  method: 'get',
  path: '/runs/{id}/messages',
  tag: 'runs',
  summary: 'Messages to a run and whether they were delivered',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  query: longPageQuery.extend({ cursor: pageQuery.shape.cursor }),
  response: listOf(messageSchema),
});

const words = z.string().trim().min(1).max(20_000);
export const sendMessage = contract({
  method: 'post',
  path: '/runs/{id}/messages',
  tag: 'runs',
  summary: 'Send a message to a running agent',
  auth: 'task:write',
  scope: byId('run'),
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
  scope: byId('run'),
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
  scope: byId('run'),
  params: idParams.extend({ message_id: recordId }),
  status: 202,
  response: z.object({ message_id: z.string() }),
});
export const interruptRun = contract({
  method: 'post',
  path: '/runs/{id}/interrupt',
  tag: 'runs',
  summary: 'Interrupt the current model call or command',
  auth: 'task:write',
  scope: byId('run'),
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
  scope: byId('run'),
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const resumeRun = contract({
  method: 'post',
  path: '/runs/{id}/resume',
  tag: 'runs',
  summary: 'Go on',
  auth: 'task:write',
  starts_work: 'agents',
  scope: byId('run'),
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const raiseRunLimits = contract({
  method: 'post',
  path: '/runs/{id}/limits',
  tag: 'runs',
  summary: 'Raise limits of a run, which continues at the same turn if it waits at one of them',
  auth: changeSafety,
  starts_work: true,
  scope: byId('run'),
  params: idParams,
  body: limitRanges
    .partial()
    .refine((raised) => Object.keys(raised).length > 0, { message: 'must have max_turns, max_usd or max_seconds' })
    .meta({ minProperties: 1 }),
  response: z.object({ limits: limitRanges }),
});
export const stopRun = contract({
  method: 'post',
  path: '/runs/{id}/stop',
  tag: 'runs',
  summary: 'Stop a run',
  auth: 'task:write',
  scope: byId('run'),
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const forkRun = contract({
  method: 'post',
  path: '/runs/{id}/fork',
  tag: 'runs',
  summary: 'Fork a run from a turn, with its files. Accepted work goes to the branch of the fork',
  auth: 'task:write',
  starts_work: 'agents',
  scope: byId('run'),
  params: idParams,
  status: 201,
  body: z.strictObject({ turn: z.number().int().min(1).max(maxInteger), instruction: words }),
  response: z.object({ run_id: z.string() }),
});
const comparedRun = z.object({
  id: uuid,
  title: z.string(),
  status: z.string(),
  model: z.string(),
  turn: z.number().int(),
  iteration: z.number().int(),
  cost_micros: z.number().int(),
  cost_usd: z.number(),
  tokens: z.number().int(),
  seconds: z.number().nullable(),
  /** Whether the check of its accepted work passed; null without accepted work or a check. */
  check_passed: z.boolean().nullable(),
  head_sha: z.string(),
  lines_added: z.number().int(),
  lines_removed: z.number().int(),
  files: z.array(changedFileSchema),
});
export const compareRuns = contract({
  method: 'get',
  path: '/runs/{id}/compare',
  tag: 'runs',
  summary: 'Compare two runs of a project: the figures and files of both, and what differs between their files',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  query: z.object({ with: recordId }),
  response: z.object({
    runs: z.array(comparedRun),
    between: z.object({ files: z.array(changedFileSchema), patch: z.string(), truncated: z.boolean() }),
  }),
});
export const adoptRun = contract({
  method: 'post',
  path: '/runs/{id}/adopt',
  tag: 'runs',
  summary: 'Let the accepted work of a fork replace that of the task whose run it was forked from',
  auth: 'task:write',
  starts_work: true,
  scope: byId('run'),
  params: idParams,
  status: 202,
  response: z.object({
    status: z.literal('adopting'),
    /** The task that checks and takes over the work: the failed one, or a new one after a completed one. */
    task_id: uuid,
    ticket_id: uuid,
  }),
});
export const runSandbox = contract({
  method: 'get',
  path: '/runs/{id}/sandbox',
  tag: 'runs',
  summary: 'Get the sandbox of a run',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  response: z.looseObject({ id: z.string(), status: z.string() }),
});
export const runTask = contract({
  method: 'get',
  path: '/runs/{id}/task',
  tag: 'runs',
  summary: 'Get the task of a run',
  auth: 'agent:read',
  agent: 'task:read',
  registered: 'task:read',
  scope: byId('run'),
  params: idParams,
  response: z.looseObject({ id: z.string() }).nullable(),
});
export const runProgress = contract({
  method: 'get',
  path: '/runs/{id}/progress',
  tag: 'runs',
  summary: 'Progress of the workflow of a run',
  auth: 'agent:read',
  scope: byId('run'),
  params: idParams,
  response: z.looseObject({ state: z.string(), step: z.string() }),
});
export const listQuestions = contract({
  method: 'get',
  path: '/questions',
  tag: 'runs',
  summary: 'List the unanswered questions of agents',
  auth: 'agent:read',
  scope: byFilters('run'),
  query: pageQuery.extend({ run_id: recordId.optional() }),
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
