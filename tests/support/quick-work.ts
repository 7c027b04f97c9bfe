import type { Api } from './api.ts';
import { answerValue, finishTask, reviewPasses } from './scripts.ts';
import { api, playOnShared } from './shared.ts';

export interface PullRow {
  id: string;
  number: number;
  url: string;
  state: string;
  branch: string;
  head_sha: string;
  provider: string;
}

/** Plays the model of work that writes one file. */
export const playWriting = (file: string) =>
  playOnShared(
    (request) =>
      answerValue(request) ??
      (request.context.kind === 'validation' ? reviewPasses(request) : finishTask(request, { [file]: 'export {};\n' })),
  );

/** A ticket of the project whose task writes one file, until its pull request is open. */
export async function workedOn(project: { id: string }, file: string, on: Api = api()) {
  const played = await playWriting(file);
  const ticket = await on.post<{ id: string }>('/tickets', {
    project_id: project.id,
    title: `Write ${file} ${played.word}`,
    description: `An empty module ${file}`,
    workflow_mode: 'quick',
  });
  const { items } = await on.until<{ items: PullRow[] }>(
    `/pull-requests?ticket_id=${ticket.id}`,
    (page) => page.items.length > 0,
  );
  await played.stop();
  return { ticket, pull: items[0] as PullRow };
}
