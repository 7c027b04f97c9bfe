import { api } from './shared.ts';
import type { Played, Reply } from './played-model.ts';
import { answerValue, finishTask, reviewPasses } from './scripts.ts';

export interface TaskRow {
  id: string;
  key: string;
  status: string;
  priority: string;
  phase_id: string;
  task_type: string;
  depends_on: string[];
  attempt: number;
  run_id: string | null;
  branch: string | null;
  parent_task_id: string | null;
  discovery_id: string | null;
  title: string;
  result: Record<string, unknown> | null;
  error_message: string | null;
  head_sha: string | null;
}

export interface TicketRow {
  id: string;
  key: string;
  branch: string | null;
  status: string;
  needs_review: boolean;
  last_error: string | null;
}

/** A ticket with no task yet. */
export const newTicket = (project_id: string, title = 'A ticket', more: object = {}) =>
  api().post<TicketRow>('/tickets', {
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
  api().until<TaskRow>(`/tasks/${id}`, (row) => states.includes(row.status), 40_000);

/** Works on each task as its title says, reviews everything well; a task of no entry waits for ever. */
export const works =
  (byTitle: Record<string, Record<string, string>>) =>
  (request: Played): Reply => {
    const value = answerValue(request);
    if (value) return value;
    if (request.context.kind === 'validation') return reviewPasses(request);
    const files = Object.entries(byTitle).find(([title]) => request.context.title?.includes(title))?.[1];
    return files ? finishTask(request, files) : { hang: true };
  };
