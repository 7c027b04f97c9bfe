import { Context } from '@temporalio/activity';
import type { TitleInput } from '#workflows/contracts/title.ts';
import type { Services } from '../ports/services.ts';
import { askTitle } from '../support/ask-title.ts';

/** Steps of `titleWorkflow`. */
export function createTitles(services: Services) {
  const { tasks } = services.store;
  return {
    /**
     * Gives a task a title by a model. A title that a person chose meanwhile stays.
     * @returns why the task keeps the title that it has; null where it has another one now. A repeated request is paid for once.
     */
    titleTask: async ({ organization_id, task_id, request_id, from, by }: TitleInput): Promise<string | null> => {
      const signal = Context.current().cancellationSignal;
      const task = await tasks.get(organization_id, task_id);
      const { description, project_id, spec_id, ticket_id, phase_id: phase } = task;
      const scope = { organization_id, project_id, spec_id, ticket_id, task_id, phase };
      const of = {
        kind: 'task',
        id: task_id,
        request_id,
        title: from,
        description,
        context: { task_id },
        scope,
      } as const;
      const answer = await askTitle(services, of, signal);
      if (!answer.available) return `No model gives a title: ${answer.reason}`;
      const { title } = answer.value;
      if (title === from) return 'The model would give it the title that it has.';
      const renamed = await tasks.rename(organization_id, task_id, { title, from, by });
      return renamed.title === title ? null : 'The task was given another title meanwhile.';
    },

    /** Says to people that a task keeps its title. */
    keepTitle: ({ organization_id, task_id, request_id, by, reason }: TitleInput & { reason: string }): Promise<void> =>
      tasks.keepTitle(organization_id, task_id, { request_id, reason, by }),
  };
}
