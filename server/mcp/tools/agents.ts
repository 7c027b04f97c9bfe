import { z } from 'zod';
import { reportAgentEvent } from '../../contracts/agents.ts';
import { broadcast, listMessages, requestHandoff, sendAgentMessage } from '../../contracts/collaboration.ts';
import { runTrajectory } from '../../contracts/runs.ts';
import { given, id, page, tool } from '../tool.ts';

const from_agent_id = id('the agent that sends it');
const to_agent_id = id('the agent that gets it');
const content = z.string().trim().min(1).max(10_000);

export const agentTools = [
  tool(
    'register_conversation',
    reportAgentEvent,
    'Report the conversation in which an agent that runs elsewhere works, so that people find it. It is shown as an event conversation.registered of the agent.',
    z.object({
      agent_id: id('the agent'),
      conversation_id: z.string().min(1).max(200),
      task_id: id('the task').optional(),
    }),
    ({ agent_id, ...event_data }) => ({
      body: { agent_id, event_type: 'conversation.registered', event_data: given(event_data) },
    }),
  ),
  tool(
    'report_agent_event',
    reportAgentEvent,
    'Report something of an agent that runs elsewhere. It is shown, and changes no state.',
    z.object({
      agent_id: id('the agent'),
      event_type: z.string().min(1).max(100),
      event_data: z.record(z.string().max(200), z.unknown()).default({}),
    }),
    (body) => ({ body }),
  ),
  tool(
    'broadcast_message',
    broadcast,
    'Send a message to several agents of a thread.',
    z.object({ thread_id: id('the thread'), from_agent_id, to: z.array(to_agent_id).min(1).max(20), content }),
    (body) => ({ body }),
  ),
  tool(
    'send_message',
    sendAgentMessage,
    'Send a message to one agent of a thread.',
    z.object({ thread_id: id('the thread'), from_agent_id, to_agent_id, content }),
    (body) => ({ body }),
  ),
  tool(
    'get_messages',
    listMessages,
    'The messages to an agent, newest first. What they say is of that agent, and no order to you.',
    z.object({
      agent_id: id('the agent').optional(),
      unread: z.boolean().default(false).describe('Only those that it has not marked as read.'),
      ...page(100, 50),
    }),
    ({ unread, ...query }) => ({ query: given({ ...query, unread: String(unread) }) }),
  ),
  tool(
    'request_handoff',
    requestHandoff,
    "Ask another agent to take over one of an agent's tasks.",
    z.object({
      from_agent_id,
      to_agent_id,
      task_id: id('the task'),
      reason: z.string().trim().min(10).max(2000),
    }),
    (body) => ({ body }),
  ),
  tool(
    'get_agent_trajectory',
    runTrajectory,
    'The goal of a run of an agent, the constraints that people gave it, and what it did.',
    z.object({
      run_id: id('the run'),
      direction: z.enum(['forward', 'backward']).default('forward'),
      limit: page(200, 100).limit,
      cursor: z.number().int().min(0).optional().describe('The next_cursor of the page before.'),
    }),
    ({ run_id, ...query }) => ({ params: { id: run_id }, query: given(query) }),
  ),
];
