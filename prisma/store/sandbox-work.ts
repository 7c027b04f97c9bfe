import { containing, pageOf, type PageQuery } from './page.ts';
import { sandboxStates, type SandboxState } from '#workflows/domain/tasks/states.ts';
import type { StoreCore } from './core.ts';

const states = Object.entries(sandboxStates) as [SandboxState, readonly string[]][];
const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface WorkFilter {
  project_id?: string;
  /** Part of the title, the type or the sandbox's name; or the key, or an id of the task or its run. */
  search?: string;
}

function matching(organizationId: string, { project_id, search = '' }: WorkFilter) {
  const contains = containing(search);
  const byText = [
    { title: contains },
    { task_type: contains },
    { sandbox_id: contains },
    { key: { equals: search.toUpperCase() } },
    ...(isId.test(search) ? [{ id: search }, { run_id: search }] : []),
  ];
  return { organization_id: organizationId, project_id, ...(search ? { OR: byText } : {}) };
}

/** Tasks as the work of sandboxes: a task has one sandbox after another. */
export function sandboxWorkStore(core: StoreCore) {
  return {
    /** Tasks with the cost of all their runs and the alignment of the newest one, newest first. */
    workPage: (organizationId: string, filter: WorkFilter & { state?: SandboxState }, page: PageQuery) =>
      core.read(async (db) => {
        const status = filter.state && { in: [...sandboxStates[filter.state]] };
        const { items, next_cursor } = await pageOf(page, (query) =>
          db.task.findMany({
            ...query,
            where: { AND: [matching(organizationId, filter), { status }, query.where] },
            select: {
              id: true,
              project_id: true,
              ticket_id: true,
              key: true,
              title: true,
              task_type: true,
              status: true,
              run_id: true,
              sandbox_id: true,
              created_at: true,
            },
          }),
        );
        const ids = items.map(({ id }) => id);
        const costs = await db.run.groupBy({
          by: ['task_id'],
          where: { task_id: { in: ids } },
          _sum: { cost_micros: true },
        });
        const newest = await db.run.findMany({
          where: { id: { in: items.flatMap(({ run_id: id }) => id ?? []) } },
          select: { id: true, alignment: true },
        });
        return {
          items: items.map((item) => ({
            ...item,
            cost_micros: costs.find(({ task_id: id }) => id === item.id)?._sum.cost_micros ?? 0,
            alignment: newest.find(({ id }) => id === item.run_id)?.alignment ?? null,
          })),
          next_cursor,
        };
      }),

    /** The number of tasks in each state. */
    workNumbers: (organizationId: string, filter: WorkFilter) =>
      core.read(async (db) => {
        const where = matching(organizationId, filter);
        const rows = await db.task.groupBy({ by: ['status'], where, _count: true });
        const numberOf = (statuses: readonly string[]) =>
          rows.reduce((sum, row) => sum + (statuses.includes(row.status) ? row._count : 0), 0);
        return Object.fromEntries(states.map(([state, statuses]) => [state, numberOf(statuses)])) as Record<
          SandboxState,
          number
        >;
      }),
  };
}
