import type { Played, Reply } from '#tests/support/played-model.ts';
import { call, finishTask } from '#tests/support/scripts.ts';

/** Asks an explorer first, reaches its limit of turns, and does the work when the limit is raised. */
export function playLongWay(request: Played): Reply {
  const question = 'Go a long way: where is the entry point, and who calls it?';
  if (request.context.kind === 'explore')
    return request.step === 0
      ? { tools: [call('list_files', {})] }
      : { text: 'The entry point is src/index.js:1; nothing in the repository calls it.' };
  if (request.step === 0) return { text: 'I ask first.', tools: [call('explore', { question })] };
  if (!/has raised the limit/.test(request.text))
    return { tools: [call('bash', { command: `echo way-${request.step}` })] };
  return finishTask({ ...request, step: request.step - 3 }, { 'src/way.js': 'export const way = 1;\n' });
}
