import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { double } from '#tests/chaos/double.ts';
import { World } from '#tests/chaos/world.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import type { TestStack } from '#tests/support/stack.ts';
import { taskQueues, workflowId } from '#workflows/contracts/ids.ts';
import { pushedSignal } from '#workflows/contracts/repository.ts';
import { planPhase, trackerProject, trackerWork, withWord } from '#tests/support/tracker.ts';

/** Plans at once, lets one task explore, and writes a file for requested changes. */
function answer(request: Played, word: string): Reply {
  const { kind, task_ref: ref } = request.context;
  if (kind === 'phase') return planPhase(request, (_phase, _attempt, good) => withWord(good, word));
  if (kind === 'explore') return { text: 'In src/domain/tasks.js:1.' };
  if (kind === 'validation') return reviewPasses(request);
  const files = trackerWork[ref ?? ''] ?? { 'docs/changes.md': '# Changes\n' };
  if (ref !== 'TSK-002') return finishTask(request, files);
  if (request.step > 0) return finishTask({ ...request, step: request.step - 1 }, files);
  return { tools: [call('explore', { question: `Where are tasks listed, for ${word}?`, paths: ['src'] })] };
}

/** A person asks about the code. */
async function ask(api: TestStack['api'], id: string, word: string): Promise<void> {
  const conversations = `/explore/project/${id}/conversations`;
  const made = await api.post<{ id: string }>(conversations, { question: `Where are tasks listed, for ${word}?` });
  await api.until<{ messages: { status: string }[] }>(`${conversations}/${made.id}`, ({ messages }) =>
    messages.every(({ status }) => status === 'answered'),
  );
}

/** The project's repository has new commits at its code host. */
async function readPushed(stack: TestStack, id: string): Promise<void> {
  const { organization_id } = await stack.api.get<{ organization_id: string }>(`/projects/${id}`);
  const { client, close } = await stack.temporal();
  const handle = await client.workflow.signalWithStart('repositoryWorkflow', {
    taskQueue: taskQueues.main,
    workflowId: workflowId.repository(id),
    args: [{ organization_id, project_id: id }],
    signal: pushedSignal,
    signalArgs: [{}],
  });
  await handle.result();
  await close();
}

/** Branches that the rehearsal does not take: a compact plan, an exploration, a question, changes that fail and are retried, and a push. */
export async function playBranches(use: (stack: TestStack) => Promise<void>): Promise<void> {
  const file = path.join(tmpdir(), `omoios-refused-${process.pid}`);
  const world = await World.start({
    ...double('/temporal/worker.ts', '#activities/index.ts', './refusing-activities.ts'),
    TEST_REFUSED_FILE: file,
  });
  try {
    const { api } = world.stack;
    let word = '';
    const place = await world.place((request) => answer(request, word), {}, trackerProject);
    word = place.word;
    await api.post('/specs/launch', {
      project_id: place.id,
      title: `Export ${word}`,
      description: 'All tasks as a CSV file.',
      plan: 'compact',
    });
    const pull = await world.pullRequest({ ...place, ticket_id: '', task_id: '' });
    writeFileSync(file, 'once changes refreshPull\n');
    const changes = { comments: 'Write it down.' };
    const { ticket_id } = await api.post<{ ticket_id: string }>(`/pull-requests/${pull.id}/request-changes`, changes);
    await api.until<{ needs_review: boolean }>(`/tickets/${ticket_id}`, (ticket) => ticket.needs_review, 60_000);
    await api.post(`/tickets/${ticket_id}/retry`, {});
    await api.until<{ files: { path: string }[] }>(
      `/pull-requests/${pull.id}/diff`,
      ({ files }) => files.some(({ path: changed }) => changed === 'docs/changes.md'),
      60_000,
    );
    await api.post(`/pull-requests/${pull.id}/merge`, {});
    await ask(api, place.id, word);
    await readPushed(world.stack, place.id);
    await use(world.stack);
  } finally {
    rmSync(file, { force: true });
    await world.stop();
  }
}
