import { taskColumns, ticketColumns, type BoardColumn } from '#workflows/domain/tasks/columns.ts';
import type { Page } from '#prisma/store/page.ts';
import type { Call } from '../http/context.ts';
import { viewTickets } from './person-waits.ts';
import { toTaskView } from './views.ts';

interface BoardQuery {
  project_id?: string;
  spec_id?: string;
  search?: string;
  per_column: number;
}

/** The database counts and limits the cards, so the cost of a board does not grow with the number of its cards. */
export async function columnsOf<T, V>(
  columns: readonly BoardColumn[],
  counts: { status: string; count: number }[],
  find: (statuses: string[]) => Promise<Page<T>>,
  view: (items: T[]) => V[] | Promise<V[]>,
) {
  const filled = await Promise.all(
    columns.map(async ({ id, title, statuses }) => {
      const total = counts.filter((row) => statuses.includes(row.status)).reduce((sum, row) => sum + row.count, 0);
      const page = total === 0 ? { items: [], next_cursor: null } : await find([...statuses]);
      return {
        id,
        title,
        statuses: [...statuses],
        total,
        items: await view(page.items),
        next_cursor: page.next_cursor,
      };
    }),
  );
  return { total: counts.reduce((sum, row) => sum + row.count, 0), columns: filled };
}

export async function taskBoard(
  { services, organization_id }: Call,
  { per_column: limit, search, ...filter }: BoardQuery,
) {
  const { tasks } = services.store;
  return columnsOf(
    taskColumns,
    await tasks.countByStatus(organization_id, filter, search),
    (statuses) => tasks.list(organization_id, { ...filter, status: { in: statuses } }, { limit }, search),
    (tasks) => tasks.map(toTaskView),
  );
}

export async function ticketBoard(call: Call, { per_column: limit, search, ...filter }: BoardQuery) {
  const { services, organization_id } = call;
  const { tickets } = services.store;
  return columnsOf(
    ticketColumns,
    await tickets.countByStatus(organization_id, filter, search),
    (statuses) => tickets.list(organization_id, { ...filter, status: { in: statuses } }, { limit }, search),
    (tickets) => viewTickets(call, tickets),
  );
}
