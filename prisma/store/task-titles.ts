import { notFound } from '#workflows/domain/errors.ts';
import type { StoreCore, Transaction } from './core.ts';
import { taskRow } from './json.ts';
import { taskData, type Task } from './tasks.ts';

interface Renaming {
  title: string;
  /** Only a task that still has this title gets the other one. */
  from?: string;
  /** E-mail address of a person, or platform. */
  by: string;
}

async function find(db: Pick<Transaction, 'task'>, organizationId: string, id: string): Promise<Task> {
  const row = await db.task.findFirst({ where: { id, organization_id: organizationId } });
  if (!row) throw notFound('task');
  return taskRow(row);
}

const eventOf = ({ id, organization_id, project_id }: Task) => ({
  ...{ organization_id, project_id },
  entity: { kind: 'task', id },
});

/** The titles of tasks. */
export const taskTitles = (core: StoreCore) => ({
  /** Gives a task a title and emits it. @returns the task, with the title that it has now. */
  rename: (organizationId: string, id: string, { title, from, by }: Renaming): Promise<Task> =>
    core.change(async (tx, emit) => {
      await tx.$queryRaw`SELECT 1 FROM tasks WHERE id = ${id}::uuid FOR UPDATE`;
      const task = await find(tx, organizationId, id);
      if (title === task.title || (from !== undefined && task.title !== from)) return task;
      const row = taskRow(await tx.task.update({ where: { id }, data: { title, updated_at: new Date() } }));
      emit({ ...eventOf(row), type: 'task.renamed', data: { ...taskData(row), old_title: task.title, by } });
      return row;
    }),

  /** Says once for each request why a task keeps its title. */
  keepTitle: async (organizationId: string, id: string, kept: { request_id: string; reason: string; by: string }) => {
    const task = await core.read((db) => find(db, organizationId, id));
    const event = { ...eventOf(task), type: 'task.title_kept', data: { ...taskData(task), ...kept } } as const;
    await core.emitOnce(event, { request_id: kept.request_id });
  },
});
