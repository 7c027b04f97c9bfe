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

const server = "import http from 'node:http'; http.createServer((_, answer) => answer.end('shown')).listen(4310);";
const webApp = `echo "${server}" > shown.mjs && npm pkg set scripts.dev="node shown.mjs"`;

/** Plans at once, lets one task explore, and writes a file for requested changes. */
function answer(request: Played, word: string): Reply {
  const { kind, task_ref: ref } = request.context;
  if (kind === 'phase') return planPhase(request, (_phase, _attempt, good) => withWord(good, word));
  if (kind === 'explore') return { text: 'In src/domain/tasks.js:1.' };
  if (kind === 'validation') return reviewPasses(request);
  if (request.text.includes(`Show ${word}`))
    return request.step === 0 ? { tools: [call('bash', { command: webApp })] } : { hang: true };
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

/** A web app is shown while its task works, until a person stops it. */
async function preview(api: TestStack['api'], project_id: string, word: string): Promise<void> {
  const title = `Show ${word}`;
  const wanted = { project_id, title, description: title, workflow_mode: 'quick', force_create: true };
  const { task_id } = await api.post<{ task_id: string }>('/tickets', wanted);
  const task = await api.until<{ run_id: string | null }>(`/tasks/${task_id}`, ({ run_id }) => run_id !== null, 60_000);
  await api.until<{ turn: number }>(`/runs/${task.run_id}`, ({ turn }) => turn > 0, 60_000);
  const { id } = await api.post<{ id: string }>('/preview', { sandbox_id: task.run_id, port: 4310 });
  await api.until<{ status: string }>(`/preview/${id}`, ({ status }) => status === 'ready', 60_000);
  await api.ok('DELETE', `/preview/${id}`);
  await api.post(`/runs/${task.run_id}/stop`, {});
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

/**
 * Branches that the rehearsal does not take: a compact plan, an exploration, a question, a preview, changes that fail and are retried,
 * and a push.
 */
export async function playBranches(use: (stack: TestStack) => Promise<void>): Promise<void> {
  const file = path.join(tmpdir(), `omoios-refused-${process.pid}`);
  const world = await World.start({
    ...double('/temporal/worker.ts', '#activities/index.ts', './refusing-activities.ts'),
    TEST_REFUSED_FILE: file,
    OMOIOS_PREVIEW_WAIT_SECONDS: '1',
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
    await preview(api, place.id, word);
    await readPushed(world.stack, place.id);
    await use(world.stack);
  } finally {
    rmSync(file, { force: true });
    await world.stop();
  }
}
