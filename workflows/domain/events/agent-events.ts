import { z } from 'zod';

const id = z.string();
const agent = z.looseObject({ agent_id: id, name: z.string() });
const by = z.string();
const page = ['web:agents', 'audit'] as const;

/** Registered agents, and what they say to each other. `by` is a person's e-mail address, an agent's name, or a loop. */
export const agentEvents = {
  'agent.registered': {
    data: agent.extend({ agent_type: z.string(), phase_id: id.nullable(), capacity: z.number().int(), by }),
    consumers: page,
  },
  'agent.status_changed': {
    data: agent.extend({ previous_status: z.string(), new_status: z.string(), reason: z.string(), by }),
    consumers: page,
  },
  'agent.capability.updated': { data: agent.extend({ capabilities: z.array(z.string()), by }), consumers: page },
  /** A heartbeat that changes something: the first one, one after a gap, another status or task. */
  'agent.heartbeat.received': {
    data: agent.extend({ sequence_number: z.number().int(), missing: z.array(z.number().int()) }),
    consumers: page,
  },
  'agent.heartbeat.missed': {
    data: agent.extend({ missed_count: z.number().int(), escalation_level: z.enum(['warn', 'degraded', 'failed']) }),
    consumers: page,
  },
  'agent.restarted': {
    data: agent.extend({ replaced_by: id, task_ids: z.array(id), reason: z.string(), by }),
    consumers: page,
  },
  'agent.restart_escalated': { data: agent.extend({ reason: z.string(), by }), consumers: page },
  /** Something that an agent that runs elsewhere reports of itself. */
  'agent.event': {
    data: agent.extend({ event_type: z.string(), event_data: z.record(z.string(), z.unknown()) }),
    consumers: page,
  },
  'agent.collab.started': {
    data: z.looseObject({ thread_id: id, kind: z.string(), subject: z.string(), participants: z.array(id), by }),
    consumers: page,
  },
  'agent.collab.ended': {
    data: z.looseObject({ thread_id: id, status: z.string(), outcome: z.string().nullable(), by }),
    consumers: page,
  },
  'agent.message.sent': {
    data: z.looseObject({ thread_id: id, message_id: id, from_agent_id: id, to_agent_id: id }),
    consumers: page,
  },
  'agent.handoff.requested': {
    data: z.looseObject({ thread_id: id, task_id: id, from_agent_id: id, to_agent_id: id, reason: z.string() }),
    consumers: page,
  },
  'agent.handoff.accepted': {
    data: z.looseObject({ thread_id: id, task_id: id, from_agent_id: id, to_agent_id: id }),
    consumers: page,
  },
  'agent.handoff.declined': {
    data: z.looseObject({ thread_id: id, task_id: id, from_agent_id: id, to_agent_id: id, reason: z.string() }),
    consumers: page,
  },
} as const;
