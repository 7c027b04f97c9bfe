import { atWork, contestedBy, type FileOwner } from '#workflows/domain/tasks/ownership.ts';
import type { Task } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

const select = { id: true, ticket_id: true, key: true, title: true, owned_files: true } as const;

/** The tasks beside others that own files (MERGE-10). */
export function fileOwnersStore(core: StoreCore) {
  return {
    /** The files of a task, and the other tasks of its ticket that are at work and own files. */
    fileOwners: (organizationId: string, task: { id: string; ticket_id: string }) =>
      core.read(async (db) => {
        const rows = await db.task.findMany({
          where: {
            organization_id: organizationId,
            ticket_id: task.ticket_id,
            owned_files: { isEmpty: false },
            OR: [{ id: task.id }, { status: { in: atWork } }],
          },
          orderBy: { number: 'asc' },
          select,
        });
        const own = rows.find(({ id }) => id === task.id)?.owned_files ?? [];
        return { own, others: rows.filter(({ id }) => id !== task.id) };
      }),
  };
}

type Reader = Parameters<Parameters<StoreCore['read']>[0]>[0];

/**
 * Of pending tasks of a project, in the order in which they would start: those that own a file of one that is at work,
 * that holds a slot, or that starts before them, with that one. Empty unless the project's ownership is strict. A task
 * that a person started by hand is not among them.
 */
export async function contestedTasks(
  db: Reader,
  tasks: Task[],
  order: string[],
  holders: string[],
): Promise<Map<string, { owner: FileOwner; glob: string }>> {
  const found = new Map<string, { owner: FileOwner; glob: string }>();
  const owning = tasks.filter(({ owned_files }) => owned_files.length > 0);
  const [first] = owning;
  if (!first) return found;
  const strict = await db.project.findFirst({
    where: { id: first.project_id, settings: { path: ['ownership'], equals: 'strict' } },
    select: { id: true },
  });
  if (!strict) return found;
  const ids = owning.map(({ id }) => id);
  const active = await db.task.findMany({
    where: {
      ticket_id: { in: owning.map(({ ticket_id }) => ticket_id) },
      id: { notIn: ids },
      OR: [{ status: { in: atWork } }, { id: { in: holders } }],
    },
    select,
  });
  const working = [...active];
  for (const task of owning.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))) {
    const forced = (task.execution_config as { force_execute?: boolean }).force_execute === true;
    const contest = forced
      ? undefined
      : contestedBy(
          task,
          working.filter(({ ticket_id }) => ticket_id === task.ticket_id),
        );
    if (contest) found.set(task.id, contest);
    else working.push(task);
  }
  return found;
}
