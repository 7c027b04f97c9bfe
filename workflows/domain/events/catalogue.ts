import { z } from 'zod';

/**
 * Every event the system tells of: its data, the name the system before this one knew it by, and who acts on it.
 * A type that nobody publishes, or nobody consumes, fails a test (tests/events.test.ts).
 * Consumers: `web:<page>` refreshes, `cli:<command>` prints, `live` and `trajectory` pass it on to readers.
 */
interface EventDefinition {
  data: z.ZodType;
  original?: string;
  consumers: readonly string[];
}

const id = z.string();
const micros = z.number().int();
const define = <T extends Record<string, EventDefinition>>(events: T) => events;

const task = z.looseObject({
  task_id: id,
  ticket_id: id,
  phase_id: z.string(),
  task_type: z.string(),
  status: z.string(),
  priority: z.string(),
});
const ticket = z.looseObject({ ticket_id: id });
const spec = z.looseObject({ spec_id: id });
const phase = z.looseObject({ spec_id: id, phase: z.string(), attempt: z.number().int() });
const run = z.looseObject({ run_id: id });
const pullRequest = z.looseObject({ pull_request_id: id, number: z.number().int(), url: z.string() });
const board = ['web:board', 'web:spec', 'cli:feature'] as const;
const specPage = ['web:spec', 'cli:feature'] as const;
const runPage = ['web:run', 'cli:run-watch', 'trajectory'] as const;

export const eventCatalogue = define({
  'organization.created': { data: z.looseObject({ name: z.string() }), consumers: ['audit'] },
  'api_key.created': { data: z.looseObject({ name: z.string() }), consumers: ['audit'] },
  'api_key.revoked': { data: z.looseObject({ name: z.string() }), consumers: ['audit'] },
  'project.created': {
    data: z.looseObject({ name: z.string() }),
    original: 'PROJECT_CREATED',
    consumers: ['web:command'],
  },
  'project.updated': {
    data: z.looseObject({ name: z.string() }),
    original: 'PROJECT_UPDATED',
    consumers: ['web:command'],
  },

  'spec.created': { data: spec, consumers: [...specPage, 'web:command'] },
  'spec.execution_started': { data: spec, original: 'SPEC_EXECUTION_STARTED', consumers: specPage },
  'spec.phase_started': { data: phase, original: 'spec.phase_started', consumers: specPage },
  'spec.phase_retry': { data: phase, original: 'spec.phase_retry', consumers: specPage },
  'spec.phase_completed': { data: phase, original: 'spec.phase_completed', consumers: specPage },
  'spec.phase_failed': { data: phase, original: 'spec.phase_failed', consumers: specPage },
  'spec.gate_waiting': { data: phase, consumers: [...specPage, 'web:command'] },
  'spec.gate_decided': { data: phase, consumers: specPage },
  'spec.edited': { data: spec, consumers: specPage },
  'spec.retried': { data: spec, consumers: specPage },
  'spec.progress': { data: spec, original: 'spec.progress', consumers: specPage },
  'spec.synced': { data: spec, consumers: [...specPage, 'web:board'] },
  'spec.branch_created': { data: spec, original: 'spec.branch_created', consumers: specPage },
  'spec.pr_created': { data: spec, original: 'spec.pr_created', consumers: specPage },
  'spec.status_changed': { data: spec, consumers: [...specPage, 'web:command'] },
  'spec.execution_completed': { data: spec, original: 'spec.execution_completed', consumers: specPage },
  'spec.execution_failed': { data: spec, original: 'spec.execution_failed', consumers: specPage },
  'criterion.completed': {
    data: z.looseObject({ criterion_id: id, requirement_id: id }),
    original: 'CRITERION_COMPLETED',
    consumers: ['web:spec'],
  },

  'ticket.created': { data: ticket, original: 'TICKET_CREATED', consumers: board },
  'ticket.status_changed': { data: ticket, original: 'TICKET_STATUS_CHANGED', consumers: board },
  'ticket.updated': { data: ticket, consumers: board },
  'ticket.review_needed': { data: ticket, consumers: board },

  'task.created': { data: task, original: 'TASK_CREATED', consumers: board },
  'task.assigned': { data: task, original: 'TASK_ASSIGNED', consumers: board },
  'task.started': { data: task, original: 'TASK_STARTED', consumers: board },
  'task.completed': { data: task, original: 'TASK_COMPLETED', consumers: board },
  'task.failed': { data: task, original: 'TASK_FAILED', consumers: board },
  'task.cancelled': { data: task, original: 'TASK_CANCELLED', consumers: board },
  'task.status_changed': { data: task, original: 'TASK_STATUS_CHANGED', consumers: board },
  'task.retry_scheduled': { data: task, original: 'TASK_RETRY_SCHEDULED', consumers: board },
  'task.dependency_updated': { data: task, original: 'TASK_DEPENDENCY_UPDATED', consumers: board },
  'task.validation_requested': { data: task, original: 'TASK_VALIDATION_REQUESTED', consumers: board },
  'task.validation_passed': { data: task, original: 'TASK_VALIDATION_PASSED', consumers: board },
  'task.validation_failed': { data: task, original: 'TASK_VALIDATION_FAILED', consumers: board },
  'tasks.unblocked': {
    data: z.looseObject({ unblocked_task_ids: z.array(id) }),
    original: 'TASKS_UNBLOCKED',
    consumers: board,
  },

  'run.created': { data: run, consumers: [...runPage, 'web:command', 'web:board'] },
  'run.started': { data: run, original: 'agent.started', consumers: [...runPage, 'web:command'] },
  'run.status_changed': { data: run, original: 'agent.waiting', consumers: [...runPage, 'web:command', 'web:board'] },
  'run.turn.completed': { data: run, original: 'agent.assistant_message', consumers: runPage },
  'run.tool.started': { data: run, original: 'agent.tool_use', consumers: runPage },
  'run.tool.completed': { data: run, original: 'agent.tool_completed', consumers: runPage },
  'run.file_edited': { data: run, original: 'agent.file_edited', consumers: runPage },
  'run.checkpoint.created': { data: run, consumers: runPage },
  'run.iteration.started': { data: run, original: 'iteration.started', consumers: runPage },
  'run.iteration.validation': { data: run, original: 'iteration.validation', consumers: runPage },
  'run.context.compacted': { data: run, consumers: runPage },
  'run.message.queued': { data: run, original: 'SANDBOX_MESSAGE_QUEUED', consumers: runPage },
  'run.message.delivered': { data: run, original: 'agent.message_injected', consumers: runPage },
  'run.message.refused': { data: run, consumers: runPage },
  'run.forked': { data: run, consumers: runPage },
  'run.ended': { data: run, original: 'agent.completed', consumers: [...runPage, 'web:command', 'web:board'] },
  'question.asked': { data: run, consumers: [...runPage, 'web:command'] },
  'question.answered': { data: run, consumers: runPage },

  'sandbox.spawned': { data: run, original: 'SANDBOX_SPAWNED', consumers: runPage },
  'sandbox.terminated': { data: run, original: 'sandbox.terminated', consumers: runPage },
  'sandbox.terminated_idle': { data: run, original: 'SANDBOX_TERMINATED_IDLE', consumers: runPage },

  'discovery.recorded': {
    data: z.looseObject({ discovery_id: id, discovery_type: z.string() }),
    original: 'discovery.recorded',
    consumers: board,
  },
  'discovery.branch_created': {
    data: z.looseObject({ discovery_id: id, task_id: id }),
    original: 'discovery.branch_created',
    consumers: board,
  },
  'discovery.resolved': { data: z.looseObject({ discovery_id: id }), original: 'discovery.resolved', consumers: board },

  'guardian.analysis.completed': { data: run, consumers: runPage },
  'guardian.steering.intervention': {
    data: run,
    original: 'guardian.steering.intervention',
    consumers: [...runPage, 'cli:feature'],
  },
  'guardian.intervention.delivered': { data: run, original: 'guardian.intervention.started', consumers: runPage },
  'guardian.intervention.completed': { data: run, original: 'guardian.intervention.completed', consumers: runPage },
  'monitoring.conductor.analysis': {
    data: z.looseObject({ coherence_score: z.number() }),
    original: 'monitoring.conductor.analysis',
    consumers: ['web:command'],
  },
  'monitoring.health.check': {
    data: z.looseObject({ active_agents: z.number() }),
    original: 'monitoring.health.check',
    consumers: ['web:command'],
  },
  'monitoring.cycle.failed': {
    data: z.looseObject({ loop: z.string(), error: z.string() }),
    original: 'monitoring.cycle.failed',
    consumers: ['web:command'],
  },

  'coordination.join.created': {
    data: z.looseObject({ ticket_id: id }),
    original: 'coordination.join.created',
    consumers: board,
  },
  'coordination.synthesis.completed': {
    data: z.looseObject({ task_id: id }),
    original: 'coordination.synthesis.completed',
    consumers: board,
  },
  'merge.started': { data: z.looseObject({ merge_id: id }), consumers: board },
  'merge.conflict': { data: z.looseObject({ merge_id: id }), consumers: board },
  'merge.completed': {
    data: z.looseObject({ merge_id: id }),
    original: 'coordination.merge.completed',
    consumers: board,
  },
  'merge.failed': { data: z.looseObject({ merge_id: id }), consumers: board },

  'cost.recorded': {
    data: z.looseObject({ cost_micros: micros, model: z.string() }),
    original: 'cost.recorded',
    consumers: ['web:run', 'web:spec', 'cli:feature'],
  },
  'budget.created': { data: z.looseObject({ budget_id: id }), original: 'budget.created', consumers: ['web:spec'] },
  'cost.budget.warning': {
    data: z.looseObject({ budget_id: id }),
    original: 'cost.budget.warning',
    consumers: ['web:spec', 'cli:feature'],
  },
  'cost.budget.exceeded': {
    data: z.looseObject({ budget_id: id }),
    original: 'cost.budget.exceeded',
    consumers: ['web:spec', 'cli:feature'],
  },

  'pull_request.opened': { data: pullRequest, original: 'PR_OPENED', consumers: [...board, 'web:pull-request'] },
  'pull_request.updated': { data: pullRequest, consumers: ['web:pull-request'] },
  'pull_request.merged': { data: pullRequest, original: 'PR_MERGED', consumers: [...board, 'web:pull-request'] },
  'pull_request.closed': { data: pullRequest, original: 'PR_CLOSED', consumers: ['web:pull-request'] },

  'workflow.signal.ignored': {
    data: z.looseObject({ workflow_id: z.string(), signal: z.string(), reason: z.string() }),
    consumers: ['audit', 'web:run'],
  },
});

export type EventType = keyof typeof eventCatalogue;

export interface NewEvent<T extends EventType = EventType> {
  type: T;
  organization_id: string;
  project_id?: string | null;
  entity: { kind: string; id: string };
  data: Record<string, unknown>;
}

/** The one envelope: on the bus, in the table and on the wire. */
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
