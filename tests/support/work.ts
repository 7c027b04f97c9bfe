import type { Answer } from '#server/contracts/client.ts';
import type { getTask } from '#server/contracts/tasks.ts';
import type { getTicket } from '#server/contracts/tickets.ts';
import type { Api } from './api.ts';
import { api } from './shared.ts';
import type { Played, Reply } from './played-model.ts';
import { answerValue, finishTask, reviewPasses } from './scripts.ts';

export type TaskRow = Answer<typeof getTask>;

export type TicketRow = Answer<typeof getTicket>;

/** Creates a ticket without tasks. */
export const newTicket = (project_id: string, title = 'A ticket', more: object = {}, on: Api = api()) =>
  on.post<TicketRow>('/tickets', {
    project_id,
    title,
    description: 'To be worked on by tasks.',
    workflow_mode: 'spec_driven',
    force_create: true,
    ...more,
  });
export const addTask = (ticket_id: string, title: string, more: object = {}) =>
  api().post<TaskRow>('/tasks', { ticket_id, title, description: `Do it: ${title}.`, ...more });
export const task = (id: string) => api().get<TaskRow>(`/tasks/${id}`);
export const taskIs = (id: string, ...states: string[]) =>
  api().until<TaskRow>(`/tasks/${id}`, (row) => states.includes(row.status), 90_000);

/** Does each task by the entry for its title and accepts every review. A task without an entry waits for ever. */
export const works =
  (byTitle: Record<string, Record<string, string>>) =>
  (request: Played): Reply => {
    const value = answerValue(request);
    if (value) return value;
    if (request.context.kind === 'validation') return reviewPasses(request);
    const files = Object.entries(byTitle).find(([title]) => request.context.title?.includes(title))?.[1];
    return files ? finishTask(request, files) : { hang: true };
  };
