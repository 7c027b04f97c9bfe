import type { Played, Reply } from './played-model.ts';
import { answerValue, call } from './scripts.ts';
import { api, newProject } from './shared.ts';
import { addTask, newTicket, taskIs, type TaskRow } from './work.ts';

/** Runs other commands in each turn, one unless `commands` says more, until `still` is set. */
export const busy =
  (state: { still: boolean }, turns: number[] = [], commands = 1) =>
  (request: Played): Reply => {
    if (request.context.kind !== 'task') return answerValue(request) ?? { text: 'Nothing to say.' };
    if (state.still) return { hang: true };
    turns.push(request.step);
    return {
      tools: Array.from({ length: commands }, (_, i) =>
        call('bash', { command: `echo ${request.step}.${i} >> src/log.txt` }),
      ),
    };
  };

/** Starts the run of a task of its own ticket. */
export async function startRun(
  word: string,
  more: object = {},
): Promise<{ run: string; ticket: string; task: TaskRow }> {
  const { id: project_id } = await newProject();
  const ticket = await newTicket(project_id, `Watched ${word}`);
  const { id } = await addTask(ticket.id, `Watched ${word}`, more);
  const task = await taskIs(id, 'running');
  return { run: task.run_id ?? '', ticket: ticket.id, task };
}
/** Waits for a turn of a run. */
export const turn = (run: string, n: number) => api().until<{ turn: number }>(`/runs/${run}`, (row) => row.turn >= n);
