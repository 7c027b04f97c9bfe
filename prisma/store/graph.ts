import type { StoreCore } from './core.ts';
import { taskRow } from './json.ts';

const most = 2000;

/** What the graph of dependencies is made of. */
export function graphStore(core: StoreCore) {
  return {
    /** The newest tasks of these tickets, and what was discovered while they were worked on. */
    ofTickets: (organizationId: string, ticketIds: readonly string[]) =>
      core.read(async (db) => {
        const of = { organization_id: organizationId, ticket_id: { in: [...ticketIds] } };
        const tasks = await db.task.findMany({
          where: { ...of, archived_at: null },
          orderBy: { number: 'desc' },
          take: most,
        });
        return {
          tasks: tasks.map(taskRow),
          discoveries: await db.discovery.findMany({ where: of, orderBy: { discovered_at: 'asc' }, take: most }),
        };
      }),
    /** Ids of the tasks of a project that wait for this one. */
    dependents: (projectId: string, taskId: string) =>
      core.read(async (db) =>
        (
          await db.task.findMany({
            where: { project_id: projectId, archived_at: null, depends_on: { has: taskId } },
            select: { id: true },
            orderBy: { number: 'desc' },
            take: most,
          })
        ).map(({ id }) => id),
      ),
  };
}
