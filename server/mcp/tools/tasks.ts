import { z } from 'zod';
import { discoveryTypes } from '#workflows/domain/discovery/types.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import { listDiscoveries, reportDiscovery, taskDiscoveries } from '../../contracts/discoveries.ts';
import { ticketWorkflowGraph } from '../../contracts/graph.ts';
import { taskTimeline } from '../../contracts/history.ts';
import { cancelTask, createTask, failTask, getTask, retryTask, updateTask } from '../../contracts/tasks.ts';
import { comment, given, id, page, tool } from '../tool.ts';

const task_id = id('the task');

/** The first line of a text, as a title. */
const titleOf = (text: string) => cutStart(text.trim().split('\n')[0] ?? '', 200);

const newTask = z.object({
  ticket_id: id('the ticket'),
  phase_id: z.string().min(1).max(100).describe('Such as PHASE_IMPLEMENTATION.'),
  description: z.string().min(10).max(10_000),
  task_type: z.string().min(1).max(100).default('implementation'),
  priority: z.enum(priorities).optional(),
  discovery_type: z.enum(discoveryTypes).optional(),
  discovery_description: z.string().min(10).max(10_000).optional(),
  source_task_id: id('the task during which it was discovered').optional(),
  priority_boost: z.boolean().optional().describe('One step above the priority. Default: by the type.'),
  dependencies: z.array(id('a task that it waits for')).max(200).optional(),
});

/** DISC-03: with a type and a source it is a discovery, whose task follows from it. */
function callOfNewTask(input: z.output<typeof newTask>) {
  const { discovery_type: type, source_task_id, description, priority, phase_id } = input;
  if (type && source_task_id)
    return {
      by: reportDiscovery,
      params: { id: source_task_id },
      body: given({
        ...{ type, priority, phase: phase_id, priority_boost: input.priority_boost },
        ...{ title: titleOf(description), description: input.discovery_description ?? description },
      }),
    };
  const { ticket_id, task_type, dependencies: depends_on } = input;
  return {
    body: given({ ticket_id, task_type, title: titleOf(description), description, priority, phase_id, depends_on }),
  };
}

/** A status of a task follows its work, so that only these are set, each by the call that does it. */
const callOfStatus = { cancelled: cancelTask, failed: failTask, pending: retryTask } as const;
const isSet = (status: string): status is keyof typeof callOfStatus => status in callOfStatus;

export const getsTask = (name: string) =>
  tool(
    name,
    getTask,
    'Get a task: its text, status, what it waits for, its agent, branch and result.',
    z.object({ task_id }),
    (input) => ({ params: { id: input.task_id } }),
  );

export const taskTools = [
  tool(
    'create_task',
    [createTask, reportDiscovery],
    'Add a task to a ticket. With discovery_type and source_task_id it reports what was discovered during that task, and the answer names the discovery and the task that it opened.',
    newTask,
    callOfNewTask,
  ),
  tool(
    'update_task_status',
    [updateTask, cancelTask, failTask, retryTask],
    'Cancel a task, mark it as failed, or set a failed one to pending again, which retries it. Other statuses follow its work and are refused.',
    z.object({ task_id, status: z.enum(statusesOf('task')), comment: comment('Why, for its history.') }),
    ({ task_id: task, status, comment: reason }) => ({
      ...(isSet(status) ? { by: callOfStatus[status] } : {}),
      params: { id: task },
      body: isSet(status) ? (status === 'pending' ? {} : { reason }) : { status },
    }),
  ),
  getsTask('get_task'),
  tool(
    'get_task_discoveries',
    taskDiscoveries,
    'What was discovered during a task, oldest first.',
    z.object({ task_id, ...page(200, 50) }),
    ({ task_id: task, ...query }) => ({ params: { id: task }, query: given(query) }),
  ),
  tool(
    'get_discoveries_by_type',
    listDiscoveries,
    'Discoveries of a type in a project or for a ticket, oldest first.',
    z.object({
      discovery_type: z.enum(discoveryTypes),
      project_id: id('the project').optional(),
      ticket_id: id('the ticket').optional(),
      ...page(200, 50),
    }),
    (query) => ({ query: given(query) }),
  ),
  tool(
    'get_workflow_graph',
    ticketWorkflowGraph,
    'The tasks of a ticket, and which discoveries of which task opened others.',
    z.object({ ticket_id: id('the ticket') }),
    (input) => ({ params: { id: input.ticket_id } }),
  ),
  tool(
    'get_task_timeline',
    taskTimeline,
    'What happened to a task, oldest first.',
    z.object({ task_id, ...page(200, 50) }),
    ({ task_id: task, ...query }) => ({ params: { id: task }, query: given(query) }),
  ),
];
