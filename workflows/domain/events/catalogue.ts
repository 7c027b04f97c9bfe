import { z } from 'zod';
import { agentEvents } from './agent-events.ts';
import { alertEvents } from './alert-events.ts';
import { guardianEvents } from './guardian-events.ts';
import { billingEvents } from './billing-events.ts';
import { codeEvents } from './code-events.ts';
import { mcpEvents } from './mcp-events.ts';
import { memoryEvents, qualityEvents } from './memory-events.ts';
import { organizationEvents } from './organization-events.ts';
import { sandboxEventData } from './sandbox-events.ts';
import { taskEvents } from './task-events.ts';
import { ticketEvents } from './ticket-events.ts';

/**
 * Every event of the system: its data, and the readers that act on it. The compiler checks emitters against the type of
 * the data, and the schema checks them at run time. A test fails for a type that is never published, or that a named
 * reader does not read (tests/events.test.ts).
 */
interface EventDefinition {
  data: z.ZodObject;
  consumers: readonly Consumer[];
}

/**
 * A reader of events. `web:<page>` refreshes a page, `cli:<command>` prints. `web:spec` reads the events with its
 * spec's id, `web:project` those of its project, `web:run`, `cli:run-watch` and `trajectory` those of their run;
 * `audit` is the list of all events.
 */
export type Consumer =
  | 'web:command'
  | 'web:project'
  | 'web:spec'
  | 'web:run'
  | 'web:board'
  | 'web:pull-request'
  | 'web:explore'
  | 'web:memory'
  | 'web:agents'
  | 'web:alerts'
  | 'cli:feature'
  | 'cli:run-watch'
  | 'trajectory'
  | 'audit';

const id = z.string();
const micros = z.number().int();
const count = z.number().int();
const ref = id.nullish();
const define = <T extends Record<string, EventDefinition>>(events: T) => events;

const spec = z.looseObject({ spec_id: id });
const phase = spec.extend({ phase: z.string(), attempt: count });
const closedPhase = phase.extend({
  retry_count: count,
  eval_score: z.number().nullable(),
  /** Seconds. */
  duration_seconds: z.number(),
});
const failedPhase = closedPhase.extend({ reason: z.string(), eval_feedback: z.string() });
const run = z.looseObject({ run_id: id, spec_id: ref, task_id: ref });
const runState = run.extend({
  status: z.string(),
  old_status: z.string(),
  waiting_for: z.string().nullable(),
  reason: z.string().nullable(),
  /** ISO time. */
  next_wake_at: z.string().nullable(),
});
const call = run.extend({ turn: count, position: count, tool: z.string(), tool_use_id: z.string() });
const message = run.extend({
  message_id: id,
  message_type: z.string(),
  content: z.string(),
  sender_id: z.string(),
});
const sandbox = run.extend({ sandbox_id: z.string() });
const question = z.looseObject({
  message_id: id,
  conversation_id: id,
  run_id: id,
  status: z.string(),
  attempt: count,
});
const preview = sandbox.extend({ preview_id: id, status: z.string(), port: count });
const endedSandbox = sandbox.extend({ reason: z.string() });
const budget = z.looseObject({ budget_id: id, scope_type: z.string(), scope_id: z.string(), limit_micros: micros });
const crossedBudget = budget.extend({ level: z.string(), spent_micros: micros, remaining_micros: micros });
const runPage = ['web:run', 'cli:run-watch', 'trajectory'] as const;

export const eventCatalogue = define({
  ...organizationEvents,
  ...billingEvents,
  ...codeEvents,
  ...ticketEvents,
  ...memoryEvents,
  ...qualityEvents,
  ...agentEvents,
  ...guardianEvents,
  ...alertEvents,
  ...mcpEvents,

  'project.created': { data: z.looseObject({ name: z.string() }), consumers: ['web:command'] },
  'project.updated': {
    data: z.looseObject({
      name: z.string(),
      by: z.string(),
      changes: z.record(z.string(), z.object({ old: z.unknown(), new: z.unknown() })),
    }),
    consumers: ['web:command'],
  },

  'project.survey_started': { data: z.looseObject({ number: count }), consumers: ['web:project'] },
  'project.surveyed': {
    data: z.looseObject({ number: count, state: z.string(), error: z.string().nullable() }),
    consumers: ['web:project'],
  },

  'spec.created': { data: spec, consumers: ['web:command', 'web:spec'] },
  'spec.execution_started': { data: spec, consumers: ['web:command', 'web:spec'] },
  'spec.phase_started': { data: phase.extend({ run_id: id }), consumers: ['web:command', 'web:spec', 'cli:feature'] },
  'spec.phase_retry': {
    data: failedPhase.extend({ max_retries: count }),
    consumers: ['web:command', 'web:spec', 'cli:feature'],
  },
  'spec.phase_completed': { data: closedPhase, consumers: ['web:command', 'web:spec', 'cli:feature'] },
  'spec.phase_failed': { data: failedPhase, consumers: ['web:command', 'web:spec'] },
  'spec.gate_waiting': {
    data: phase.extend({ open_questions: count.optional() }),
    consumers: ['web:command', 'web:spec', 'cli:feature'],
  },
  'spec.gate_decided': {
    data: phase.extend({ action: z.string(), by: z.string(), feedback: z.string().nullable() }),
    consumers: ['web:command', 'web:spec', 'cli:feature'],
  },
  'spec.edited': { data: spec, consumers: ['web:command', 'web:spec'] },
  'spec.archived': { data: spec.extend({ by: z.string() }), consumers: ['web:command', 'web:board', 'web:spec'] },
  'spec.restored': { data: spec.extend({ by: z.string() }), consumers: ['web:command', 'web:board', 'web:spec'] },
  'spec.shared': { data: spec.extend({ by: z.string() }), consumers: ['web:spec'] },
  'spec.unshared': { data: spec.extend({ by: z.string() }), consumers: ['web:spec'] },
  'spec.links_changed': {
    data: spec.extend({ by: z.string(), linked: z.boolean(), ticket_ids: z.array(id) }),
    consumers: ['web:spec'],
  },
  'spec.questions_answered': {
    data: spec.extend({ answered: count, by: z.string() }),
    consumers: ['web:command', 'web:spec'],
  },
  'spec.retried': { data: spec, consumers: ['web:command', 'web:spec'] },
  'spec.progress': {
    data: spec.extend({ progress: z.number(), phase: z.string() }),
    consumers: ['web:command', 'web:spec'],
  },
  'spec.synced': { data: spec, consumers: ['web:command', 'web:board', 'web:spec', 'cli:feature'] },
  'spec.branch_created': { data: spec.extend({ branch: z.string() }), consumers: ['web:command', 'web:spec'] },
  'spec.pr_created': { data: spec, consumers: ['web:command', 'web:spec'] },
  'spec.status_changed': {
    data: spec.extend({
      status: z.string(),
      old_status: z.string(),
      waiting_for: z.string().nullable(),
      error: z.string().nullable(),
      by: z.string(),
    }),
    consumers: ['web:command', 'web:spec', 'cli:feature'],
  },
  'spec.execution_completed': { data: spec, consumers: ['web:command', 'web:spec'] },
  'spec.execution_failed': { data: spec, consumers: ['web:command', 'web:spec'] },

  'criterion.completed': { data: spec.extend({ criterion_id: id, requirement_id: id }), consumers: ['web:spec'] },

  ...taskEvents,

  'run.created': {
    data: run.extend({ kind: z.string(), mode: z.string(), title: z.string(), ticket_id: ref, attempt: count }),
    consumers: ['web:command', 'web:board', ...runPage, 'cli:feature'],
  },
  'run.started': { data: runState, consumers: ['web:command', ...runPage] },
  'run.status_changed': { data: runState, consumers: ['web:command', ...runPage, 'cli:feature'] },
  'run.turn.completed': {
    data: run.extend({
      turn: count,
      stop_reason: z.string(),
      tools: z.array(z.string()),
      cost_micros: micros,
      total_cost_micros: micros,
    }),
    consumers: [...runPage, 'cli:feature'],
  },
  'run.tool.started': { data: call, consumers: [...runPage] },
  'run.tool.completed': {
    data: call.extend({
      is_error: z.boolean(),
      exit_code: count.nullable(),
      duration_ms: z.number(),
      result: z.string(),
    }),
    consumers: [...runPage],
  },
  'run.file_edited': {
    data: run.extend({ turn: count, file_path: z.string(), change_type: z.string() }),
    consumers: [...runPage],
  },
  'run.checkpoint.created': {
    data: run.extend({ turn: count, sha: z.string(), files: count, merged: z.boolean() }),
    consumers: [...runPage],
  },
  'run.iteration.started': { data: run.extend({ iteration_num: count, attempt: count }), consumers: [...runPage] },
  'run.iteration.validation': {
    data: run.extend({ passed: z.boolean(), feedback: z.string(), iteration: count }),
    consumers: [...runPage],
  },
  'run.limits_raised': {
    data: run.extend({ max_turns: count, max_usd: z.number(), max_seconds: z.number(), by: z.string() }),
    consumers: [...runPage],
  },
  'run.context.compacted': { data: run.extend({ epoch: count, turn: count }), consumers: [...runPage] },
  'run.message.queued': { data: message, consumers: [...runPage] },
  'run.message.delivered': { data: message.extend({ turn: count }), consumers: [...runPage] },
  'run.message.refused': { data: run.extend({ message_id: id, reason: z.string() }), consumers: [...runPage] },
  'run.forked': { data: run.extend({ fork_id: id, turn: count }), consumers: [...runPage] },
  'run.ended': {
    data: run.extend({
      kind: z.string(),
      status: z.string(),
      success: z.boolean(),
      stop_reason: z.string(),
      message: z.string(),
      turns: count,
      cost_micros: micros,
    }),
    consumers: ['web:command', 'web:board', ...runPage],
  },

  'question.asked': {
    data: run.extend({ question_id: id, question: z.string() }),
    consumers: ['web:command', ...runPage],
  },
  'question.answered': {
    data: run.extend({ question_id: id, answer: z.string(), by: z.string() }),
    consumers: ['web:command', ...runPage],
  },

  'sandbox.spawned': { data: sandbox, consumers: [...runPage] },
  'sandbox.reported': { data: run.extend(sandboxEventData.shape), consumers: [...runPage] },
  'sandbox.terminated': { data: endedSandbox, consumers: [...runPage] },
  'sandbox.terminated_idle': { data: endedSandbox, consumers: [...runPage] },

  'explore.asked': { data: question, consumers: ['web:explore'] },
  'explore.ended': { data: question, consumers: ['web:explore'] },

  'preview.ready': { data: preview.extend({ preview_url: z.string() }), consumers: ['web:run'] },
  'preview.changed': { data: preview.extend({ reason: z.string().nullable() }), consumers: ['web:run'] },

  'discovery.recorded': {
    data: z.looseObject({ discovery_id: id, discovery_type: z.string(), title: z.string(), spec_id: ref }),
    consumers: ['web:board', 'web:spec'],
  },
  'discovery.branch_created': {
    data: z.looseObject({ discovery_id: id, task_id: id, title: z.string(), source_task_id: id }),
    consumers: ['web:board', 'cli:feature'],
  },
  'discovery.resolved': { data: z.looseObject({ discovery_id: id }), consumers: ['web:board'] },

  'guardian.analysis.completed': { data: run, consumers: [...runPage] },
  'guardian.steering.intervention': {
    data: run.extend({ intervention_id: id, message: z.string(), reason: z.string(), sent: z.boolean() }),
    consumers: [...runPage, 'cli:feature'],
  },
  'guardian.intervention.delivered': {
    data: run.extend({ intervention_id: id, turn: count }),
    consumers: [...runPage],
  },
  'guardian.intervention.completed': {
    data: run.extend({ intervention_id: id, recovered: z.boolean() }),
    consumers: [...runPage, 'cli:feature'],
  },

  'monitoring.conductor.analysis': { data: z.looseObject({ coherence_score: z.number() }), consumers: ['web:project'] },
  'monitoring.health.check': { data: z.looseObject({ active_agents: z.number() }), consumers: ['web:project'] },
  'monitoring.cycle.failed': {
    data: z.looseObject({ loop: z.string(), error: z.string() }),
    consumers: ['web:project'],
  },

  'cost.recorded': {
    data: z.looseObject({ cost_micros: micros, model: z.string(), run_id: ref, spec_id: ref, task_id: ref }),
    consumers: ['web:spec', ...runPage, 'cli:feature'],
  },

  'model.request_refused': {
    data: z.looseObject({
      /** The kind of the context block: title, analysis, judge, and so on. */
      kind: z.string(),
      subject: id,
      model: z.string(),
      /** The provider's reason. */
      reason: z.string(),
      run_id: ref,
      task_id: ref,
      ticket_id: ref,
      spec_id: ref,
    }),
    consumers: ['web:spec', 'cli:feature', 'audit'],
  },

  'budget.created': { data: budget, consumers: ['audit'] },

  'cost.budget.warning': { data: crossedBudget, consumers: ['cli:feature'] },
  'cost.budget.exceeded': { data: crossedBudget, consumers: ['cli:feature'] },

  'workflow.signal.ignored': {
    data: z.looseObject({ workflow_id: z.string(), signal: z.string(), reason: z.string() }),
    consumers: ['audit', 'web:run'],
  },
});

export type EventType = keyof typeof eventCatalogue;
/** The data that an event of this type is emitted with. */
export type EventData<T extends EventType = EventType> = z.input<(typeof eventCatalogue)[T]['data']>;

interface EventOf<T extends EventType> {
  type: T;
  organization_id: string;
  project_id?: string | null;
  entity: { kind: string; id: string };
  data: EventData<T>;
}

/** An event to emit: its data has the type that the catalogue gives it. */
export type NewEvent<T extends EventType = EventType> = { [K in T]: EventOf<K> }[T];

/** Checks the data of an event with its schema. @returns what is wrong, or undefined. */
export function eventProblem({ type, data }: NewEvent): string | undefined {
  const checked = eventCatalogue[type].data.safeParse(data);
  return checked.success ? undefined : `The event ${type} does not match its schema: ${z.prettifyError(checked.error)}`;
}

/** The envelope of an event: the same on the bus, in the table and in the API. */
export interface EventEnvelope {
  seq: number;
  id: string;
  type: string;
  /** ISO time. */
  at: string;
  organization_id: string;
  project_id: string | null;
  entity: { kind: string; id: string };
  data: Record<string, unknown>;
}

/** A stored event with the data of its type. */
export type TypedEvent<T extends EventType = EventType> = {
  [K in T]: Omit<EventEnvelope, 'type' | 'data'> & { type: K; data: EventData<K> };
}[T];

/** Whether this version knows the type of an event. The data was checked when the event was emitted. */
export const isTypedEvent = (event: EventEnvelope): event is TypedEvent => Object.hasOwn(eventCatalogue, event.type);
