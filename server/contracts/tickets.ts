import { z } from 'zod';
import { nightSchema } from '#workflows/domain/agent/night-terms.ts';
import { retryingSchema } from '#workflows/domain/retrying.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { phaseId } from './board-phases.ts';
import {
  accepted,
  anyOfValues,
  byId,
  byFilters,
  contract,
  criteria,
  idParams,
  isoTime,
  listOf,
  modelName,
  baseBranch,
  pageQuery,
  reasonBody,
  uuid,
  recordId,
  usdAmount,
} from './contract.ts';
import { nightTerms } from './night.ts';

export const ticketSchema = z.object({
  id: uuid,
  project_id: uuid,
  spec_id: z.string().nullable(),
  number: z.number().int(),
  key: z.string(),
  local_id: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  status: z.string(),
  phase_id: z.string(),
  priority: z.string(),
  workflow_mode: z.string(),
  is_blocked: z.boolean(),
  blocked_reason: z.string().nullable(),
  blocked_kind: z.string().nullable(),
  /** Who blocked it: the e-mail address of a person, or platform. Only a person's block holds its tasks. */
  blocked_actor: z.string().nullable(),
  validation_feedback: z.string().nullable(),
  /** Null: it needs no approval. */
  approval_status: z.string().nullable(),
  approval_deadline_at: isoTime.nullable(),
  rejection_reason: z.string().nullable(),
  /** The statuses to which it may be moved by hand now. */
  allowed_statuses: z.array(z.string()),
  needs_review: z.boolean(),
  /** Runs of agents that work on it now. */
  running_agents: z.number().int(),
  /** Its newest pull request, or that of its spec. */
  pull_request: z.object({ id: uuid, number: z.number().int(), state: z.string() }).nullable(),
  last_error: z.string().nullable(),
  blocked_by: z.array(z.string()),
  /** The id of the ticket that says the same, as a person found. */
  duplicate_of: uuid.nullable(),
  /** The id of the ticket that has its content since it ended. */
  merged_into: uuid.nullable(),
  branch: z.string().nullable(),
  /** The branch that the work starts from and returns to; null: that of its spec, or the default branch of the project. */
  base_branch: z.string().nullable(),
  /** What its creation says for the night; null: that of its spec, or nothing. */
  night: nightSchema.nullable(),
  created_at: isoTime,
  updated_at: isoTime,
});
/** How a ticket's work comes about: at once, or by a plan. A ticket of a spec is spec_driven. */
export const workflowMode = z.enum(['quick', 'spec_driven']);

/** The filters that the lists of tickets and of tasks have in common. */
export const workQuery = pageQuery.extend({
  project_id: recordId.optional(),
  spec_id: recordId.optional(),
  ticket_id: recordId.optional(),
});

export const listTickets = contract({
  method: 'get',
  path: '/tickets',
  tag: 'tickets',
  summary: 'Tickets, newest first',
  auth: 'ticket:read',
  agents_of_project: 'ticket:read',
  scope: byFilters('project', 'spec', 'ticket'),
  query: workQuery.extend({
    status: anyOfValues(statusesOf('ticket')).optional(),
    phase_id: phaseId.optional(),
    priority: z.enum(priorities).optional(),
    blocked: z.enum(['true', 'false']).optional(),
    workflow_mode: workflowMode.optional(),
    search: z.string().max(200).optional(),
  }),
  response: listOf(ticketSchema),
});
const similarTickets = z.object({
  message: z.string(),
  candidates: z.array(
    z.object({
      ticket_id: z.string(),
      title: z.string(),
      description: z.string(),
      status: z.string(),
      similarity_score: z.number(),
    }),
  ),
  highest_similarity: z.number(),
});
export const createTicket = contract({
  method: 'post',
  path: '/tickets',
  tag: 'tickets',
  summary: 'Create a ticket; in quick mode work starts at once',
  auth: 'ticket:write',
  agents_of_project: 'ticket:write',
  starts_work: true,
  failures: [402],
  status: 201,
  // Nothing is created where the project has a similar open ticket.
  alternative: {
    status: 200,
    when: (answer) => typeof answer === 'object' && answer !== null && 'is_duplicate' in answer,
  },
  scope: { kind: 'project', from: 'body', field: 'project_id' },
  body: z.strictObject({
    project_id: z.string(),
    title: z.string().trim().min(1).max(500),
    description: z.string().min(1).max(50_000),
    workflow_mode: workflowMode.optional().meta({
      description: "Default: quick, unless the project's settings.spec_driven_mode_enabled is true.",
    }),
    priority: z.enum(priorities).default('MEDIUM'),
    phase_id: z.string().optional(),
    criteria: criteria.optional(),
    check_duplicates: z.boolean().optional(),
    similarity_threshold: z.number().min(0).max(1).optional(),
    force_create: z.boolean().default(false),
    budget_usd: usdAmount(1_000_000).optional(),
    model: modelName.optional(),
    base_branch: baseBranch.optional(),
    night: nightTerms.optional(),
  }),
  response: z.union([
    ticketSchema.extend({ task_id: z.string().nullable() }),
    similarTickets.extend({ is_duplicate: z.literal(true) }),
  ]),
});
export const checkDuplicates = contract({
  method: 'post',
  path: '/tickets/check-duplicates',
  tag: 'tickets',
  summary: 'Look for open tickets of the project that say the same; nothing is created',
  auth: 'ticket:read',
  scope: { kind: 'project', from: 'body', field: 'project_id' },
  body: z.strictObject({
    project_id: z.string(),
    title: z.string().trim().min(1).max(500),
    description: z.string().max(50_000).default(''),
    similarity_threshold: z.number().min(0).max(1).optional(),
  }),
  response: similarTickets.extend({ is_duplicate: z.boolean() }),
});
export const getTicket = contract({
  method: 'get',
  path: '/tickets/{id}',
  tag: 'tickets',
  summary: 'Get a ticket',
  auth: 'ticket:read',
  agents_of_project: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  response: ticketSchema.extend({ retrying: retryingSchema.nullable() }),
});
export const cancelTicket = contract({
  method: 'post',
  path: '/tickets/{id}/cancel',
  tag: 'tickets',
  summary: 'Cancel a ticket and its work',
  auth: 'ticket:write',
  scope: byId('ticket'),
  params: idParams,
  status: 202,
  body: reasonBody,
  response: accepted,
});
export const retryTicket = contract({
  method: 'post',
  path: '/tickets/{id}/retry',
  tag: 'tickets',
  summary: 'Retry the failed parts of a ticket: tasks, a merge of branches, its pull request',
  auth: 'ticket:write',
  starts_work: 'agents',
  scope: byId('ticket'),
  params: idParams,
  status: 202,
  response: accepted,
});
export const ticketMerges = contract({
  method: 'get',
  path: '/tickets/{id}/merges',
  tag: 'tickets',
  summary: 'Merges of the branches of a ticket',
  auth: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  query: pageQuery,
  response: listOf(z.looseObject({ id: z.string(), status: z.string() })),
});
