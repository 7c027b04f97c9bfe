import { workflowId } from '#workflows/contracts/ids.ts';
import { slotSignal } from '#workflows/contracts/run.ts';
import { grantedSignal, type SlotsClaimed, type SlotsShared } from '#workflows/contracts/work.ts';
import { leastOfFirstCall } from '#workflows/domain/billing/least-call.ts';
import { taskScore } from '#workflows/domain/tasks/score.ts';
import { startsByItself } from '#workflows/domain/tasks/states.ts';
import type { Services } from '../ports/services.ts';
import { tellQueue } from '../ports/tell-queue.ts';
import { wakeQueues } from '../ports/wake-queues.ts';

/** Grants a slot to a task, or to a run that took its place in the queue itself. @returns false when neither runs. */
const grant = async (workflows: Services['workflows'], id: string): Promise<boolean> =>
  (await workflows.signalIfRunning(workflowId.task(id), grantedSignal, {})) ||
  (await workflows.signalIfRunning(workflowId.run(id), slotSignal, {}));

/**
 * Starts the watchers of a project, and keeps them from ending as idle. It does so once in half the time after which an
 * idle watcher ends: each call wakes three workflows while a task waits for its start.
 */
function createWatcherCalls({ workflows, config }: Pick<Services, 'workflows' | 'config'>) {
  const called = new Map<string, number>();
  return async (project: { organization_id: string; project_id: string }): Promise<void> => {
    const now = performance.now();
    const last = called.get(project.project_id);
    if (last !== undefined && now - last < (config.monitoring.idle_stop * 1000) / 2) return;
    await workflows.ensureWatchers(project);
    called.set(project.project_id, now);
  };
}

/** Asks for one of the project's slots; the answer comes as a signal to the workflow of the task or run. */
export function createSlots(services: Pick<Services, 'store' | 'workflows' | 'config'>) {
  const { store, workflows, config } = services;
  const ensureWatchers = createWatcherCalls(services);
  return {
    requestSlot: async (input: { organization_id: string; project_id: string; task_id: string }): Promise<void> => {
      const task = await store.tasks.get(input.organization_id, input.task_id);
      const [dependents, project] = await Promise.all([
        store.tasks.dependentsOf(task),
        store.projects.get(input.organization_id, input.project_id),
      ]);
      const urgency = {
        priority: task.priority,
        dependents,
        retry_count: task.retry_count,
        max_retries: task.max_retries,
      };
      const slack = task.deadline_at ? (task.deadline_at.getTime() - Date.now()) / 1000 : undefined;
      const scored = store.tasks.patch(input.organization_id, task.id, {
        score: taskScore({ ...urgency, age: 0, slack }, config.queue),
      });
      const open = startsByItself(project);
      const asked = workflows.requestSlot(input, {
        ...urgency,
        task_id: task.id,
        ticket_id: task.ticket_id,
        requested_at: new Date().toISOString(),
        deadline_at: task.deadline_at?.toISOString() ?? null,
        forced: task.execution_config.force_execute === true,
        project_open: open,
      });
      // Each run is watched: the watchers of a project start with its first run.
      await Promise.all([scored, asked, ensureWatchers(input)]);
      await tellQueue(services, input, open);
    },

    /** Requests a slot for a run that no task's workflow holds one for. It was started by a person. */
    requestRunSlot: async (input: { organization_id: string; project_id: string; run_id: string }): Promise<void> => {
      const run = await store.runs.get(input.organization_id, input.run_id);
      const open = startsByItself(await store.projects.get(input.organization_id, input.project_id));
      const asked = workflows.requestSlot(input, {
        task_id: run.id,
        ticket_id: run.ticket_id ?? '',
        priority: 'MEDIUM',
        requested_at: new Date().toISOString(),
        dependents: 0,
        retry_count: 0,
        max_retries: 0,
        deadline_at: null,
        forced: true,
        project_open: open,
      });
      await Promise.all([asked, ensureWatchers(input)]);
      await tellQueue(services, input, open);
    },

    /**
     * Grants the organization's free slots to the tasks that a project's queue wants to start, and signals other
     * projects whose tasks come first. Tasks that could not work hold none.
     */
    shareSlots: async (input: SlotsClaimed): Promise<SlotsShared> => {
      const ids = input.candidates.map(({ task_id: id }) => id);
      const least = leastOfFirstCall(config.model.name, config.model);
      const held_back = (
        await store.slots.holdBack(input.organization_id, { taskIds: ids, holders: input.holders }, least)
      ).map(({ task_id: id }) => id);
      const candidates = input.candidates.filter(({ task_id: id }) => !held_back.includes(id));
      for (;;) {
        const { granted, next, holding } = await store.slots.share({ ...input, candidates }, config.queue);
        const gone = await wakeQueues(services, next);
        if (input.check)
          for (const id of holding) if (!(await workflows.isRunning(workflowId.projectQueue(id)))) gone.push(id);
        if (gone.length > 0) {
          await store.slots.forget(gone);
          continue;
        }
        const signals = await Promise.all(granted.map(async (id) => ({ id, there: await grant(workflows, id) })));
        return {
          granted: signals.filter(({ there }) => there).map(({ id }) => id),
          gone: signals.filter(({ there }) => !there).map(({ id }) => id),
          ...(held_back.length > 0 ? { held_back } : {}),
        };
      }
    },

    /** The holders of slots whose workflow ended without releasing its slot. */
    recordBump: (input: { organization_id: string; task_id: string; by: string }): Promise<void> =>
      store.tasks.recordBump(input.organization_id, input.task_id, input.by),

    deadHolders: async (input: { task_ids: string[] }): Promise<string[]> => {
      const states = await Promise.all(
        input.task_ids.map(async (id) => ({
          id,
          running: (await workflows.isRunning(workflowId.task(id))) || (await workflows.isRunning(workflowId.run(id))),
        })),
      );
      return states.filter((state) => !state.running).map((state) => state.id);
    },
  };
}
