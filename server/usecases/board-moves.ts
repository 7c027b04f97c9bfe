import { notFound } from '#workflows/domain/errors.ts';
import { columnOf, ticketColumns, type TicketColumn } from '#workflows/domain/tasks/columns.ts';
import { finishedTask } from '#workflows/domain/tasks/states.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/board.ts';
import type { Call } from '../http/context.ts';
import { columnsOf } from './board.ts';
import { viewTickets } from './person-waits.ts';
import { moveTicket, transitionTicket } from './ticket-life.ts';
import { anyOf, toTicketView } from './views.ts';
import { wipLimit } from './wip-limits.ts';

const projectOf = ({ services, organization_id }: Call, id: string) => services.store.projects.get(organization_id, id);

function limited(call: Call, project: Awaited<ReturnType<typeof projectOf>>, column: TicketColumn, total: number) {
  const wip_limit = wipLimit(call, project, column);
  const { id, title, phases, statuses } = column;
  const over_limit = wip_limit !== null && total > wip_limit;
  return { id, title, phases: [...phases], statuses: [...statuses], total, wip_limit, over_limit };
}

export async function boardView(
  call: Call,
  { per_column: limit, search, priority, blocked, ...filter }: Query<typeof contracts.boardView>,
) {
  const { services, organization_id } = call;
  const { tickets } = services.store;
  const project = await projectOf(call, filter.project_id);
  const narrow = {
    ...filter,
    priority: anyOf(priority),
    is_blocked: blocked === undefined ? undefined : blocked === 'true',
  };
  const [counts, all] = await Promise.all([
    tickets.countByStatus(organization_id, narrow, search),
    // A limit counts all tickets of a column, also those that the filter hides.
    tickets.countByStatus(organization_id, { project_id: filter.project_id }),
  ]);
  const board = await columnsOf(
    ticketColumns,
    counts,
    (statuses) => tickets.list(organization_id, { ...narrow, status: { in: statuses } }, { limit }, search),
    (items) => viewTickets(call, items),
  );
  return {
    total: board.total,
    columns: board.columns.map((shown, at) => {
      const column = ticketColumns[at] as TicketColumn;
      const { over_limit, ...rest } = limited(call, project, column, sumOf(all, column));
      return { ...rest, ...shown, over_limit };
    }),
  };
}

const sumOf = (counts: { status: string; count: number }[], { statuses }: TicketColumn) =>
  counts.filter((row) => statuses.includes(row.status)).reduce((sum, row) => sum + row.count, 0);

export async function boardStats(call: Call, project_id: string) {
  const { services, organization_id } = call;
  const project = await projectOf(call, project_id);
  const { tickets } = services.store;
  const [counts, blocked] = await Promise.all([
    tickets.countByStatus(organization_id, { project_id }),
    tickets.countByStatus(organization_id, { project_id, is_blocked: true }),
  ]);
  return {
    total: counts.reduce((sum, { count }) => sum + count, 0),
    blocked: blocked.reduce((sum, { count }) => sum + count, 0),
    waiting_for_approval: counts.find(({ status }) => status === 'pending_review')?.count ?? 0,
    columns: ticketColumns.map((column) => limited(call, project, column, sumOf(counts, column))),
  };
}

export async function wipViolations(call: Call, projectId: string) {
  const { columns } = await boardStats(call, projectId);
  return {
    violations: columns.flatMap((column) =>
      column.over_limit ? [{ ...column, excess: column.total - (column.wip_limit ?? 0) }] : [],
    ),
  };
}

export async function boardColumn(call: Call, name: string, query: Query<typeof contracts.boardColumn>) {
  const { services, organization_id } = call;
  const column = columnOf(name);
  if (!column) throw notFound('column of the board');
  const filter = { project_id: query.project_id, status: { in: [...column.statuses] } };
  const page = await services.store.tickets.list(organization_id, filter, query);
  return { items: await viewTickets(call, page.items), next_cursor: page.next_cursor };
}

export async function moveOnBoard(
  call: Call,
  { ticket_id, target_column_id, reason, force }: Body<typeof contracts.moveOnBoard>,
) {
  const ticket = await call.services.store.tickets.get(call.organization_id, ticket_id);
  const column = columnOf(target_column_id);
  if (!column) throw notFound('column of the board');
  // Within its column it stays as it is: a ticket that is built waits in the column of testing already.
  const to_status = column.statuses.includes(ticket.status) ? ticket.status : column.entry;
  return transitionTicket(call, ticket_id, { to_status, reason, force });
}

/** PLAN-28: a ticket whose tasks have all ended goes from building to testing, and from deploying to done. */
export async function autoTransition(call: Call, id: string) {
  const { services, organization_id } = call;
  const ticket = await services.store.tickets.get(organization_id, id);
  const stays = (reason: string) => ({ moved: false, reason, ticket: toTicketView(ticket) });
  const to_status = { building: 'testing', 'building-done': 'testing', deploying: 'done' }[ticket.status];
  if (!to_status) return stays(`A ticket that is ${ticket.status} does not move by itself.`);
  const tasks = await services.store.tasks.ofTicket(id);
  const open = tasks.filter(({ status }) => !finishedTask(status) || status === 'failed');
  if (!tasks.some(({ status }) => status === 'completed')) return stays('None of its tasks is completed.');
  if (open.length > 0) return stays(`These tasks are not completed: ${open.map(({ key }) => key).join(', ')}.`);
  const moved = await moveTicket(call, ticket, { to_status, reason: 'All its tasks have ended.' });
  return { moved: true, reason: `It is ${moved.status}.`, ticket: toTicketView(moved) };
}
