import type { StoreCore } from './core.ts';
import { taskRow } from './json.ts';

/** Tickets that were made of issues at the code host. */
export function issuesStore(core: StoreCore) {
  return {
    /** Those of one issue, the newest last. */
    ofIssue: (projectId: string, number: number) =>
      core.read((db) =>
        db.ticket.findMany({
          where: { project_id: projectId, context: { path: ['issue', 'number'], equals: number } },
          orderBy: { number: 'asc' },
        }),
      ),

    /** The settings of the first task of a ticket, with the words of its issue; undefined without one. */
    configOfFirstTask: ({ id, organization_id }: { id: string; organization_id: string }) =>
      core.read(async (db) => {
        const where = { ticket_id: id, organization_id };
        const first = await db.task.findFirst({ where, orderBy: { created_at: 'asc' } });
        return first ? taskRow(first).execution_config : undefined;
      }),
  };
}
