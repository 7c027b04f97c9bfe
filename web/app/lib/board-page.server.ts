import type { LoaderFunctionArgs } from '@remix-run/node';
import type { useLoaderData } from '@remix-run/react';
import { boardView, taskBoard, ticketBoard } from '#server/contracts/board.ts';
import { listSpecs } from '#server/contracts/specs.ts';
import { getProject } from '#server/contracts/projects.ts';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { apiFor } from './api.server.ts';
import { taskLine, ticketLine } from './lines.ts';
import { loadTicket } from './ticket-details.server.ts';

/** Data of a board: its columns of tasks or tickets, and the ticket that is open beside them. */
export async function loadBoardPage(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const projectId = where.params.projectId === 'all' ? undefined : where.params.projectId;
  const search = new URL(where.request.url).searchParams;
  const of = search.get('of') === 'tickets' ? ('tickets' as const) : ('tasks' as const);
  const filter = {
    project_id: projectId,
    spec_id: search.get('spec') ?? undefined,
    search: search.get('search')?.trim() || undefined,
  };
  const priority = priorities.find((one) => one === search.get('priority'));
  const narrow = {
    priority,
    blocked: search.get('blocked') === 'true' ? ('true' as const) : undefined,
    workflow_mode: search.get('mode') === 'quick' ? ('quick' as const) : undefined,
  };
  const lanes = search.get('lanes') === 'spec';
  const [project, board, ticket, specs] = await Promise.all([
    projectId ? api(getProject, { params: { id: projectId } }) : null,
    of === 'tasks'
      ? api(taskBoard, { query: filter }).then(({ total, columns }) => ({
          total,
          columns: columns.map((column) => ({
            ...column,
            wip_limit: null,
            over_limit: false,
            items: column.items.map((task) => ({ of: 'task' as const, ...taskLine(task) })),
          })),
        }))
      : (projectId
          ? api(boardView, { query: { ...filter, ...narrow, project_id: projectId } })
          : api(ticketBoard, { query: filter })
        ).then(({ total, columns }) => ({
          total,
          columns: columns.map((column) => ({
            ...{ wip_limit: null, over_limit: false, ...column },
            items: column.items.map((one) => ({ of: 'ticket' as const, ...ticketLine(one) })),
          })),
        })),
    search.get('open') ? loadTicket(api, search.get('open') ?? '') : null,
    lanes ? api(listSpecs, { query: { project_id: projectId, limit: 200 } }) : null,
  ]);
  return {
    project: project && {
      ...{ id: project.id, name: project.name, organization_id: project.organization_id },
      autonomous: project.autonomous_execution_enabled,
      /** Its tickets are planned, unless their creation says otherwise. */
      plans: project.settings.spec_driven_mode_enabled === true,
    },
    of,
    filter,
    narrow,
    board,
    ticket,
    /** The specs in whose lanes cards lie, newest first; null: without lanes. */
    lanes: specs && specs.items.map(({ id, title }) => ({ id, title })),
  };
}

export type BoardPage = ReturnType<typeof useLoaderData<typeof loadBoardPage>>;
