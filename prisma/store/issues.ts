import { isDeepStrictEqual } from 'node:util';
import type { StoreCore } from './core.ts';
import { asJson, taskRow } from './json.ts';

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

    /** Gives a ticket and its task the newest words of their issue. Nothing changes once somebody has begun with them. */
    renewWords: (
      { id, organization_id }: { id: string; organization_id: string },
      { title, outside }: { title: string; outside: { source: string; text: string } },
    ) =>
      core.change(async (tx, emit) => {
        await tx.$queryRaw`SELECT 1 FROM tasks WHERE ticket_id = ${id}::uuid FOR UPDATE`;
        const tasks = (await tx.task.findMany({ where: { ticket_id: id, organization_id } })).map(taskRow);
        if (tasks.some(({ status }) => status !== 'pending')) return;
        const updated_at = new Date();
        for (const { id: task, execution_config: config } of tasks) {
          if (isDeepStrictEqual(config.outside, outside)) continue;
          const data = { execution_config: asJson({ ...config, outside }), updated_at };
          await tx.task.update({ where: { id: task }, data });
        }
        const before = await tx.ticket.findUniqueOrThrow({ where: { id } });
        if (before.title === title) return;
        const row = await tx.ticket.update({ where: { id }, data: { title, updated_at } });
        emit({
          type: 'ticket.updated',
          organization_id,
          project_id: row.project_id,
          entity: { kind: 'ticket', id },
          data: { ticket_id: id, title, is_blocked: row.is_blocked, blocked_reason: row.blocked_reason },
        });
      }),
  };
}
