import { z } from 'zod';
import { byId, contract, idParams, isoTime, listOf, nameOf, pageQuery, recordId, uuid } from './contract.ts';

const kinds = z.enum(['handoff', 'review', 'consultation']);
const statuses = z.enum(['active', 'resolved', 'abandoned']);
const threadSchema = z.object({
  id: uuid,
  kind: kinds,
  status: statuses,
  subject: z.string(),
  participants: z.array(uuid),
  task_id: uuid.nullable(),
  opened_by: z.string(),
  /** Of a handoff: accepted or declined, and why. */
  outcome: z.string().nullable(),
  created_at: isoTime,
  closed_at: isoTime.nullable(),
});
const messageSchema = z.object({
  id: uuid,
  thread_id: uuid,
  from_agent_id: uuid,
  to_agent_id: uuid,
  content: z.string(),
  created_at: isoTime,
  read_at: isoTime.nullable(),
});
const content = z.string().trim().min(1).max(10_000);
const byAgent = (field: string) => ({ kind: 'agent', from: 'body', field }) as const;
const tag = 'collaboration';

export const openThread = contract({
  method: 'post',
  path: '/collaboration/threads',
  tag,
  summary: 'Open a thread between agents about a review or a question',
  auth: 'task:write',
  registered: 'task:write',
  scope: byAgent('from_agent_id'),
  status: 201,
  body: z.strictObject({
    from_agent_id: recordId,
    kind: z.enum(['review', 'consultation']),
    subject: nameOf(200),
    to: z.array(recordId).min(1).max(20),
    task_id: recordId.optional(),
  }),
  response: threadSchema,
  failures: [409],
});
export const listThreads = contract({
  method: 'get',
  path: '/collaboration/threads',
  tag,
  summary: 'Threads between agents, newest first',
  auth: 'agent:read',
  registered: 'task:read',
  scope: { kind: 'agent', from: 'query', field: 'agent_id', optional: true },
  query: pageQuery.extend({ agent_id: recordId.optional(), status: statuses.optional(), kind: kinds.optional() }),
  response: listOf(threadSchema),
});
export const closeThread = contract({
  method: 'post',
  path: '/collaboration/threads/{id}/close',
  tag,
  summary: 'Close a thread, as resolved or abandoned',
  auth: 'task:write',
  registered: 'task:write',
  scope: byId('thread'),
  params: idParams,
  body: z.strictObject({ status: z.enum(['resolved', 'abandoned']).default('resolved') }),
  response: threadSchema,
  failures: [409],
});
export const threadMessages = contract({
  method: 'get',
  path: '/collaboration/threads/{id}/messages',
  tag,
  summary: 'The messages of a thread, newest first; of an agent those that it sent or got',
  auth: 'agent:read',
  registered: 'task:read',
  scope: byId('thread'),
  params: idParams,
  query: pageQuery,
  response: listOf(messageSchema),
});
export const listMessages = contract({
  method: 'get',
  path: '/collaboration/messages',
  tag,
  summary: 'The messages to an agent, or to all, newest first',
  auth: 'agent:read',
  registered: 'task:read',
  scope: { kind: 'agent', from: 'query', field: 'agent_id', optional: true },
  query: pageQuery.extend({ agent_id: recordId.optional(), unread: z.enum(['true', 'false']).default('false') }),
  response: listOf(messageSchema),
});
export const sendAgentMessage = contract({
  method: 'post',
  path: '/collaboration/messages',
  tag,
  summary: 'Send a message to one agent of a thread',
  auth: 'task:write',
  registered: 'task:write',
  scope: byAgent('from_agent_id'),
  status: 201,
  body: z.strictObject({ thread_id: recordId, from_agent_id: recordId, to_agent_id: recordId, content }),
  response: messageSchema,
  failures: [400, 409],
});
export const broadcast = contract({
  method: 'post',
  path: '/collaboration/broadcast',
  tag,
  summary: 'Send a message to several agents of a thread: to those that it names, and to no other',
  auth: 'task:write',
  registered: 'task:write',
  scope: byAgent('from_agent_id'),
  status: 201,
  body: z.strictObject({
    thread_id: recordId,
    from_agent_id: recordId,
    to: z.array(recordId).min(1).max(20),
    content,
  }),
  response: z.object({ messages: z.array(messageSchema) }),
  failures: [400, 409],
});
export const readMessage = contract({
  method: 'post',
  path: '/collaboration/messages/{id}/read',
  tag,
  summary: 'Mark a message as read',
  auth: 'task:write',
  registered: 'task:write',
  scope: byId('agent_message'),
  params: idParams,
  response: messageSchema,
});
export const requestHandoff = contract({
  method: 'post',
  path: '/collaboration/handoff/request',
  tag,
  summary: "Ask another agent to take over one of an agent's tasks",
  auth: 'task:write',
  registered: 'task:write',
  scope: byAgent('from_agent_id'),
  status: 201,
  body: z.strictObject({
    from_agent_id: recordId,
    to_agent_id: recordId,
    task_id: recordId,
    reason: z.string().trim().min(10).max(2000),
  }),
  response: threadSchema,
  failures: [400, 409],
});
export const acceptHandoff = contract({
  method: 'post',
  path: '/collaboration/handoff/{id}/accept',
  tag,
  summary: 'Take over the task: its next attempt is of the other agent, from the newest checkpoint',
  auth: 'task:write',
  registered: 'task:write',
  scope: byId('thread'),
  params: idParams,
  response: threadSchema,
  failures: [409],
});
export const declineHandoff = contract({
  method: 'post',
  path: '/collaboration/handoff/{id}/decline',
  tag,
  summary: 'Leave the task with the agent that has it',
  auth: 'task:write',
  registered: 'task:write',
  scope: byId('thread'),
  params: idParams,
  body: z.strictObject({ reason: z.string().max(2000).default('') }),
  response: threadSchema,
  failures: [409],
});
