import { call, finishTask, answerValue } from '#tests/support/scripts.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, task, taskIs, type TaskRow } from '#tests/support/work.ts';

const owned = 'src/owned.js';

/**
 * The agent of `Owner` works until it is let go. That of `Visitor` writes the owner's file, first by write_file, then by
 * a command; where that is refused it deletes the file and writes one of its own.
 */
function visited() {
  const owner: { go: () => void } = { go: () => undefined };
  const gone = new Promise<void>((resolve) => (owner.go = resolve));
  const replies: string[] = [];
  const visit = (request: Played): Reply => {
    if (request.text.includes('The work changes files that belong to other tasks at work')) {
      if (request.step === 0) return { tools: [call('bash', { command: `rm ${owned}` })] };
      return finishTask({ ...request, step: request.step - 1 }, { 'src/visitor.js': 'export const visitor = 1;\n' });
    }
    if (request.step === 0)
      return { tools: [call('write_file', { path: owned, content: 'export const mine = 1;\n' })] };
    if (request.step === 1) replies.push(...request.results.map(({ text }) => text));
    return finishTask({ ...request, step: request.step - 1 }, { [owned]: 'export const mine = 2;\n' });
  };
  const script = async (request: Played): Promise<Reply> => {
    const value = answerValue(request);
    if (value) return value;
    const title = request.context.title ?? '';
    if (title.includes('Visitor')) return visit(request);
    if (title.includes('Owner')) await gone;
    return finishTask(request, { [title.includes('Owner') ? owned : 'src/rival.js']: 'export const one = 1;\n' });
  };
  return { owner, replies, script };
}

test('[MERGE-10] in a strict project a task waits for the one that owns its files, and its files are written by no other', async () => {
  const { owner, replies, script } = visited();
  const played = await playOnShared(script);
  const { id: project_id } = await newProject(api(), undefined, { validation: 'none', ownership: 'strict' });
  const { id: ticket_id } = await newTicket(project_id, `Owned ${played.word}`);
  const first = await addTask(ticket_id, `Owner ${played.word}`, { owned_files: [owned] });
  await taskIs(first.id, 'running');
  const rival = await addTask(ticket_id, `Rival ${played.word}`, { owned_files: ['src/*.js'] });
  const waiting = await api().until<TaskRow>(`/tasks/${rival.id}`, (row) => row.waiting_for === 'task', 30_000);
  expect(waiting).toMatchObject({
    status: 'pending',
    waiting_reason: `It starts when ${first.key} is done: both own src/*.js, and the project's ownership is strict.`,
  });

  const visitor = await addTask(ticket_id, `Visitor ${played.word}`);
  await taskIs(visitor.id, 'completed');
  expect(replies[0]).toContain(`${owned} belongs to the task ${first.key}`);
  expect(replies[0]).toContain('Nothing was written.');
  expect(played.model.requests.some(({ text }) => text.includes(`${owned} (${first.key})`))).toBe(true);
  expect(await task(rival.id)).toMatchObject({ status: 'pending', waiting_for: 'task' });

  owner.go();
  await taskIs(first.id, 'completed');
  expect(await taskIs(rival.id, 'completed')).toMatchObject({ waiting_for: null, waiting_reason: null });
  await played.stop();
}, 240_000);

test('[MERGE-10] elsewhere the agent is warned of a file that belongs to another task at work', async () => {
  const { owner, replies, script } = visited();
  const played = await playOnShared(script);
  const { id: project_id } = await newProject(api(), undefined, { validation: 'none' });
  const { id: ticket_id } = await newTicket(project_id, `Warned ${played.word}`);
  const first = await addTask(ticket_id, `Owner ${played.word}`, { owned_files: [owned] });
  const rival = await addTask(ticket_id, `Rival ${played.word}`, { owned_files: ['src/*.js'] });
  await taskIs(first.id, 'running');
  await taskIs(rival.id, 'completed');
  const visitor = await addTask(ticket_id, `Visitor ${played.word}`);
  await taskIs(visitor.id, 'completed');
  expect(replies[0]).toMatch(
    new RegExp(`^Wrote ${owned}, a new file of 1 line\\.\n.*belongs to the task ${first.key} .*change no more of it`),
  );
  owner.go();
  await played.stop();
}, 240_000);
