import type { z } from 'zod';
import type { runSchema } from '#server/contracts/runs.ts';
import type { taskSchema } from '#server/contracts/tasks.ts';
import type { ticketSchema } from '#server/contracts/tickets.ts';

/** The fields of records that lists show. The others, often large, are not sent to the browser. */
export const runLine = (run: z.output<typeof runSchema>) => ({
  id: run.id,
  title: run.title,
  kind: run.kind,
  mode: run.mode,
  phase: run.phase,
  status: run.status,
  waiting_for: run.waiting_for,
  waiting_reason: run.waiting_reason,
  turn: run.turn,
  cost_micros: run.cost_micros,
  alignment: run.alignment,
  scripted: run.scripted,
  project_id: run.project_id,
  spec_id: run.spec_id,
  ticket_id: run.ticket_id,
  task_id: run.task_id,
  created_at: run.created_at,
  started_at: run.started_at,
  ended_at: run.ended_at,
});
export type RunLine = ReturnType<typeof runLine>;

export const taskLine = (task: z.output<typeof taskSchema>) => ({
  id: task.id,
  key: task.key,
  local_id: task.local_id,
  title: task.title,
  status: task.status,
  priority: task.priority,
  ticket_id: task.ticket_id,
  spec_id: task.spec_id,
  project_id: task.project_id,
  run_id: task.run_id,
  depends_on: task.depends_on,
  attempt: task.attempt,
  discovery_id: task.discovery_id,
  parent_task_id: task.parent_task_id,
  estimated_hours: task.estimated_hours,
  error_message: task.error_message,
  task_type: task.task_type,
  created_at: task.created_at,
  started_at: task.started_at,
  ended_at: task.ended_at,
});
export type TaskLine = ReturnType<typeof taskLine>;

export const ticketLine = (ticket: z.output<typeof ticketSchema>) => ({
  id: ticket.id,
  key: ticket.key,
  local_id: ticket.local_id,
  title: ticket.title,
  status: ticket.status,
  priority: ticket.priority,
  spec_id: ticket.spec_id,
  project_id: ticket.project_id,
  is_blocked: ticket.is_blocked,
  blocked_reason: ticket.blocked_reason,
  allowed_statuses: ticket.allowed_statuses,
  needs_review: ticket.needs_review,
  running_agents: ticket.running_agents,
  pull_request: ticket.pull_request,
  last_error: ticket.last_error,
  blocked_by: ticket.blocked_by,
  updated_at: ticket.updated_at,
});
export type TicketLine = ReturnType<typeof ticketLine>;
