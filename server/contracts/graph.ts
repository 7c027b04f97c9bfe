import { z } from 'zod';
import { byId, contract, idParams } from './contract.ts';

const node = z.object({
  id: z.string(),
  kind: z.string(),
  label: z.string(),
  title: z.string(),
  status: z.string(),
  phase_id: z.string().nullable(),
  priority: z.string().nullable(),
  /** Its ticket; of a ticket, itself. */
  ticket_id: z.string(),
  /** The newest run of a task. */
  run_id: z.string().nullable(),
});
const edge = z.object({ from: z.string(), to: z.string(), kind: z.string() });
const graphSchema = z.object({
  nodes: z.array(node),
  /** Each leads from one of the nodes to another. */
  edges: z.array(edge),
  critical_path: z.array(z.string()),
  /** The project has older tickets, which are left out with their tasks. */
  more: z.boolean(),
});

export const projectGraph = contract({
  method: 'get',
  path: '/projects/{id}/graph',
  tag: 'graph',
  summary: 'Tickets, tasks and discoveries of a project, and their dependencies',
  auth: 'task:read',
  scope: byId('project'),
  params: idParams,
  response: graphSchema,
});
export const dependencyGraphOfProject = contract({
  ...projectGraph,
  path: '/graph/dependency-graph/project/{id}',
  summary: 'The graph of a project (older path)',
});
export const dependencyGraphOfTicket = contract({
  method: 'get',
  path: '/graph/dependency-graph/ticket/{id}',
  tag: 'graph',
  summary: 'The graph of a ticket',
  auth: 'task:read',
  scope: byId('ticket'),
  params: idParams,
  response: graphSchema,
});
export const ticketWorkflowGraph = contract({
  method: 'get',
  path: '/tickets/{id}/workflow-graph',
  tag: 'graph',
  summary: 'Tasks of a ticket and the discoveries that created them',
  auth: 'ticket:read',
  agents_of_project: 'ticket:read',
  scope: byId('ticket'),
  params: idParams,
  response: z.object({
    nodes: z.array(z.object({ id: z.string(), phase: z.string(), description: z.string(), status: z.string() })),
    edges: z.array(z.object({ from: z.string(), to: z.string(), discovery_type: z.string(), description: z.string() })),
  }),
});
export const blockedTasks = contract({
  method: 'get',
  path: '/graph/dependency-graph/task/{id}/blocked',
  tag: 'graph',
  summary: 'List the tasks that wait for this task',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  response: z.object({ task_id: z.string(), blocked: z.array(z.string()) }),
});
export const blockingTasks = contract({
  method: 'get',
  path: '/graph/dependency-graph/task/{id}/blocking',
  tag: 'graph',
  summary: 'List the tasks that this task waits for',
  auth: 'task:read',
  scope: byId('task'),
  params: idParams,
  response: z.object({ task_id: z.string(), blocking: z.array(z.string()) }),
});
