import { z } from 'zod';

const id = z.string();
const ref = id.nullish();
const ticket = z.looseObject({ ticket_id: id, spec_id: ref });
const keyed = ticket.extend({ key: z.string() });
const board = ['web:board' as const, 'web:spec' as const];
const by = z.string();

const comment = {
  /** `mentioned`: ids of the users whom it names and who were not told yet. */
  data: keyed.extend({ comment_id: id, by, text: z.string(), mentioned: z.array(id) }),
  consumers: board,
};
const decided = {
  data: keyed.extend({ title: z.string(), by, reason: z.string().nullable(), deleted: z.boolean() }),
  consumers: board,
};

/** Tickets: their moves, blocks, approvals and comments. `by` is the e-mail address of a person, or platform. */
export const ticketEvents = {
  'ticket.created': {
    data: ticket.extend({ key: z.string(), title: z.string() }),
    consumers: ['web:board', 'web:spec'] as const,
  },
  'ticket.status_changed': {
    data: ticket.extend({ key: z.string(), from_status: z.string(), to_status: z.string() }),
    consumers: ['web:board', 'web:spec', 'cli:feature'] as const,
  },
  'ticket.updated': { data: ticket, consumers: ['web:board', 'web:spec'] as const },
  'ticket.review_needed': {
    data: ticket.extend({ key: z.string(), reason: z.string().nullable() }),
    consumers: ['web:command', 'web:board', 'web:spec', 'cli:feature'] as const,
  },
  'ticket.blocked': {
    data: keyed.extend({
      kind: z.string(),
      reason: z.string(),
      by,
      priority: z.string(),
      suggested_remediation: z.string().nullish(),
    }),
    consumers: board,
  },
  'diagnostic.triggered': {
    data: ticket.extend({ diagnostic_id: id, task_id: id.nullable(), trigger: z.string() }),
    consumers: board,
  },
  'diagnostic.completed': {
    data: ticket.extend({
      diagnostic_id: id,
      status: z.string(),
      reason: z.string().nullable(),
      tasks_created_ids: z.array(id),
    }),
    consumers: board,
  },
  'ticket.unblocked': { data: keyed.extend({ reason: z.string().nullable(), by }), consumers: board },
  'ticket.approval_pending': { data: keyed.extend({ title: z.string(), deadline_at: z.string() }), consumers: board },
  'ticket.approved': decided,
  'ticket.rejected': decided,
  'ticket.timed_out': decided,
  'ticket.merged': { data: keyed.extend({ into_ticket_id: id, into_key: z.string(), by }), consumers: board },
  /** Null: the link was taken away. */
  'ticket.duplicate_linked': {
    data: keyed.extend({ of_ticket_id: id.nullable(), of_key: z.string().nullable(), by }),
    consumers: board,
  },
  'ticket.comment_added': comment,
  'ticket.comment_edited': comment,
  'ticket.comment_removed': comment,
  /** A gate was judged: `decision` is judged, approved or overridden. */
  'ticket.gate_judged': {
    data: keyed.extend({ phase_id: id, gate_status: z.string(), decision: z.string(), by }),
    consumers: board,
  },
  'ticket.artifact_added': { data: keyed.extend({ phase_id: id, artifact_type: z.string(), by }), consumers: board },
  'board.ticket_moved': {
    data: keyed.extend({ from_column: z.string(), to_column: z.string(), by }),
    consumers: board,
  },
};
