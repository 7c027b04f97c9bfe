import { startsByItself } from '#workflows/domain/tasks/states.ts';
import type { Services } from '../ports/services.ts';

/** Asks for one of the project's slots; the answer comes as a signal to the task's workflow. */
export function createSlots(services: Pick<Services, 'store' | 'workflows'>) {
  const { store, workflows } = services;
  return {
    requestSlot: async (input: { organization_id: string; project_id: string; task_id: string }): Promise<void> => {
      const task = await store.tasks.get(input.organization_id, input.task_id);
      const [dependents, project] = await Promise.all([store.tasks.dependentsOf(task), store.projects.get(input.organization_id, input.project_id)]);
      const asked = workflows.requestSlot(input, {
        task_id: task.id, ticket_id: task.ticket_id, priority: task.priority, requested_at: new Date().toISOString(), dependents,
        retry_count: task.retry_count, max_retries: task.max_retries, deadline_at: task.deadline_at?.toISOString() ?? null,
        forced: (task.execution_config as { force_execute?: boolean } | null)?.force_execute === true, project_open: startsByItself(project),
      });
      // Whoever works is watched: the watchers of a project start with its first run.
      await Promise.all([asked, workflows.ensureWatchers(input)]);
    },

    /** Of the holders of slots, those whose workflow is gone without giving its slot back. */
    deadHolders: async (input: { task_ids: string[] }): Promise<string[]> => {
      const states = await Promise.all(input.task_ids.map(async (id) => ({ id, running: await workflows.isRunning(`task:${id}`) })));
      return states.filter((state) => !state.running).map((state) => state.id);
    },
  };
}
