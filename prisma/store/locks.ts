import { randomUUID } from 'node:crypto';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { finishedTask } from '#workflows/domain/tasks/states.ts';
import type { ResourceLock } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import { pageOf, type PageQuery } from './page.ts';
import { nextNumber } from './tickets.ts';

export type { ResourceLock } from '../generated/client.ts';

interface Resource {
  resource_type: string;
  resource_id: string;
}

export interface NewLock extends Resource {
  organization_id: string;
  task_id: string;
  mode: 'exclusive' | 'shared';
  locked_by: string;
  expires_at: Date;
}

/** Locks on named things, held by tasks. One that has expired holds nothing. */
export function locksStore(core: StoreCore) {
  return {
    /**
     * Locks a thing for a task, or renews and changes the task's own lock of it. Each call gets a higher fence.
     * @throws conflict while another task holds it, unless both share it, and for a task that has ended.
     */
    acquire: ({ task_id, resource_type, resource_id, ...lock }: NewLock, now: Date): Promise<ResourceLock> =>
      core.change(async (tx) => {
        const task = await tx.task.findFirst({ where: { id: task_id, organization_id: lock.organization_id } });
        if (!task) throw notFound('task');
        if (finishedTask(task.status))
          throw new AppError('conflict', `task_id: ${task.key} is ${task.status}, so it locks nothing.`);
        const { project_id } = task;
        // It locks the project's row: calls for locks of one project come one after the other.
        const fence = await nextNumber(tx, project_id, 'lock_count');
        const of = { project_id, resource_type, resource_id };
        await tx.resourceLock.deleteMany({ where: { ...of, expires_at: { lte: now } } });
        const others = await tx.resourceLock.findMany({
          where: { ...of, task_id: { not: task_id } },
          include: { task: { select: { key: true } } },
          orderBy: { expires_at: 'desc' },
        });
        const holder = others.find(({ mode }) => mode === 'exclusive' || lock.mode === 'exclusive');
        if (holder)
          throw new AppError(
            'conflict',
            `resource_id: ${holder.task.key} holds ${resource_type} ${resource_id} until ${holder.expires_at.toISOString()}. Ask again then.`,
            { task_id: holder.task_id, mode: holder.mode, expires_at: holder.expires_at.toISOString() },
          );
        return tx.resourceLock.upsert({
          where: { project_id_resource_type_resource_id_task_id: { ...of, task_id } },
          create: { id: randomUUID(), ...of, task_id, ...lock, fence },
          update: { ...lock, fence },
        });
      }),

    /** Ends a task's lock of a thing. One that it does not hold is not an error. */
    release: (organization_id: string, task_id: string, of: Resource): Promise<void> =>
      core.change(
        async (tx) => void (await tx.resourceLock.deleteMany({ where: { organization_id, task_id, ...of } })),
      ),

    /** Locks that hold at the time, the newest first. */
    list: (organization_id: string, filter: { project_id?: string }, now: Date, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.resourceLock.findMany({
            ...query,
            where: { AND: [{ organization_id, ...filter, expires_at: { gt: now } }, query.where] },
          }),
        ),
      ),
  };
}
