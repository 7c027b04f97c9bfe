import { workflowId } from '#workflows/contracts/ids.ts';
import { analyseNowUpdate } from '#workflows/contracts/watch.ts';
import { phaseIds } from '#workflows/domain/phases/names.ts';
import { eventually } from '#tests/support/api.ts';
import { askedTool, type Played, type Reply } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, call, finishTask } from '#tests/support/scripts.ts';
import { playTracker, trackerProject, trackerWork } from '#tests/support/tracker.ts';
import { expectGolden } from './support/golden-request.ts';
import { OwnStack } from './support/own-stack.ts';

const sessions = [...phaseIds.map((phase) => `phase-${phase}`), 'phase-plan', 'task', 'validation', 'merge', 'explore'];
const values = {
  title: 'give_title',
  analysis: 'give_analysis',
  judge: 'give_verdict',
  guardian: 'give_judgement',
  conductor: 'give_duplicates',
  diagnosis: 'give_diagnosis',
};

let own: OwnStack;
/** The first request of each kind. */
const first = new Map<string, Played>();

const changes = (task: string) => ({ 'CHANGES.md': `# Changes\n\n- ${task}\n` });

/** Plans and works well, but both first tasks write the same file, and the third loses its way once and then fills its context. */
function script(request: Played, word: string, held: () => Promise<void>): Reply | Promise<Reply> {
  const { kind, phase, task_ref: task, attempt } = request.context;
  const name = kind === 'phase' ? `phase-${phase}` : kind;
  if (!first.has(name) && (!['task', 'guardian'].includes(kind) || task === 'TSK-001')) first.set(name, request);
  if (phase === 'plan') return { hang: true };
  if (kind === 'merge')
    return request.step === 0
      ? finishTask(request, { 'CHANGES.md': '# Changes\n\n- TSK-001\n- TSK-002\n' })
      : finishTask(request, { 'CHANGES.md': '' });
  if (kind === 'explore') return { text: 'The export belongs behind README.md:1.' };
  if (kind === 'validation' && task === 'TSK-001' && request.step === 0)
    return { tools: [call('explore', { question: `Where are tasks exported, ${word}?`, paths: ['src', 'test'] })] };
  if (kind === 'validation' && task === 'TSK-001') return playTracker({ ...request, step: request.step - 1 }, word);
  if (kind !== 'task') return answerValue(request) ?? playTracker(request, word);
  if (task === 'TSK-003' && attempt === 1) return { tools: [call('read_file', { path: 'missing.js' })] };
  if (task === 'TSK-003' && request.step === 1 && !request.text.includes('Older parts'))
    return { tools: [call('bash', { command: 'cat README.md' })], usage: { input_tokens: 160_000 } };
  const files = { ...trackerWork[task ?? ''], ...(task === 'TSK-003' ? {} : changes(task ?? '')) };
  // The summary leaves the session's own steps out.
  const step = request.text.includes('Older parts')
    ? request.body.messages.filter((message) => message.role === 'assistant').length
    : request.step;
  const reply = finishTask({ ...request, step }, files);
  return request.step === 1 && (task === 'TSK-001' || task === 'TSK-002') ? held().then(() => reply) : reply;
}

beforeAll(async () => {
  own = await OwnStack.start({
    OMOIOS_JUDGE_MODEL: 'claude-haiku-5-5',
    OMOIOS_MONITORING_MINIMUM_AGE: '0.001',
    OMOIOS_PHASE_RETRY_BACKOFF: '0.05',
  });
  let release = () => {};
  const judged = new Promise<void>((resolve) => (release = resolve));
  let firstDone: Promise<unknown> = Promise.resolve();
  const { api } = own;
  let word = '';
  let arrived = 0;
  const played = await own.play((request) =>
    script(request, word, async () => {
      arrived += 1;
      await judged;
      // One after the other, so that it is known which of the two finds the conflict.
      if (request.context.task_ref === 'TSK-002') await firstDone;
    }),
  );
  word = played.word;
  const project = await api.post<{ id: string }>('/projects', {
    name: 'tracker',
    repository: { path: new TestRepository(trackerProject).path },
  });
  await api.post('/tickets', {
    project_id: project.id,
    title: `Say hello ${word}`,
    description: `Greet whoever calls, ${word}`,
    workflow_mode: 'quick',
  });
  const { spec_id } = await api.post<{ spec_id: string }>('/specs/launch', {
    project_id: project.id,
    title: `Export tasks ${word}`,
    description: 'All tasks as a CSV file.',
    auto_execute: true,
  });
  const { spec_id: compact } = await api.post<{ spec_id: string }>('/specs/launch', {
    project_id: project.id,
    title: `Count tasks ${word}`,
    description: 'The number of tasks as text.',
    plan: 'compact',
    auto_execute: true,
  });
  const tasks = await api.until<{ items: { id: string; local_id: string; run_id: string | null }[] }>(
    `/tasks?spec_id=${spec_id}`,
    (page) => page.items.length === 3 && page.items.filter((task) => task.run_id).length === 2,
    60_000,
  );
  const taskOf = (local: string) =>
    tasks.items.find((task) => task.local_id === local) as { id: string; run_id: string };
  await eventually('both have written their files', () => arrived === 2);
  await api.post(`/monitor/intelligent/analyze/${taskOf('TSK-001').run_id}?force=true`);
  const temporal = await own.stack.temporal();
  await temporal.client.workflow
    .getHandle(workflowId.conductor(project.id))
    .executeUpdate(analyseNowUpdate, { args: [{}] });
  await temporal.close();
  firstDone = api.until<{ status: string }>(
    `/tasks/${taskOf('TSK-001').id}`,
    (task) => task.status === 'completed',
    60_000,
  );
  release();
  await eventually(
    'every kind was asked',
    () => [...sessions, ...Object.keys(values), 'compaction'].every((name) => first.has(name)),
    90_000,
  );
  for (const id of [spec_id, compact]) await api.post(`/specs/${id}/cancel`);
}, 240_000);
afterAll(() => own.stop());

test.each([...sessions, ...Object.keys(values), 'compaction'])(
  'the first request of %s is the one that is kept',
  (name) => {
    // The conductor's pairs come in the order their runs were made, which is nobody's choice.
    expectGolden(
      name,
      first.get(name) as Played,
      name === 'conductor' ? (text) => text.replace(/(<data source=\\"pairs\\">).*?(<\/data>)/s, '$1$2') : undefined,
    );
  },
);

test.each(sessions)('a session of %s has its tools sorted, thinks for itself and is known by its run', (name) => {
  const { body } = first.get(name) as Played;
  const names = body.tools?.map((tool) => tool.name) ?? [];
  expect(names).toEqual([...names].sort());
  const reads = ['bash', 'list_files', 'read_file', 'search_files'];
  const ends = name.startsWith('phase-') ? `submit_${name.slice(6)}` : name === 'validation' ? 'submit_review' : '';
  // An exploration ends with its text.
  const work = ['explore', 'todo', ends || 'complete_task'];
  expect(names).toEqual(name === 'explore' ? reads : expect.arrayContaining([...reads, ...work]));
  // A session is offered only the tools that it may use.
  const writes = ['edit_file', 'write_file'];
  expect(names.filter((tool) => writes.includes(tool))).toEqual(['task', 'merge'].includes(name) ? writes : []);
  expect(names.filter((tool) => tool.startsWith('submit_'))).toEqual(ends ? [ends] : []);
  for (const tool of body.tools as unknown as { description: string; input_schema: { type: string } }[]) {
    expect(tool.description.length).toBeGreaterThan(40);
    expect(tool.input_schema.type).toBe('object');
  }
  expect(body.tool_choice).toBeUndefined();
  expect(body.metadata?.user_id).toMatch(/^run:[0-9a-f-]{36}$/);
});

test.each(Object.entries(values))(
  '%s wants one value: one strict tool, asked for by name and not forced',
  (name, tool) => {
    const request = first.get(name) as Played;
    expect(askedTool(request)).toBe(tool);
    expect(request.body.tool_choice).toEqual({ type: 'auto', disable_parallel_tool_use: true });
    expect(request.last).toContain(`Call the tool ${tool} once`);
    expect(request.body.max_tokens).toBeGreaterThanOrEqual(8000);
    expect(request.body.tools).toEqual([expect.objectContaining({ name: tool, strict: true })]);
    const schema = (
      request.body.tools?.[0] as unknown as { input_schema: { type: string; properties: object; required?: string[] } }
    ).input_schema;
    expect(schema.type).toBe('object');
    expect(Object.keys(schema.properties).length).toBeGreaterThan(0);
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(schema.required ?? []));
    expect(request.user_id).toMatch(new RegExp(`^${name}:[0-9a-f-]{36}$`));
    expect(request.context.kind).toBe(name);
  },
);

test('a summary is asked for with the tools and the system of its run, and in text', () => {
  const request = first.get('compaction') as Played;
  const run = request.user_id.replace('compaction:', 'run:');
  const [of] = own.model.of(run);
  expect([request.body.tools, request.body.system]).toEqual([of?.body.tools, of?.body.system]);
  expect(request.body.messages[0]).toEqual(of?.body.messages[0]);
  expect(request.body.tool_choice).toBeUndefined();
  expect(request.last).toContain('Answer in text');
});

test('the text before the first message is the same for every run of a kind: nothing in it varies', () => {
  const head = (request: Played) => JSON.stringify([request.body.tools, request.body.system]);
  const ofTasks = own.model.requests.filter((request) => request.context.kind === 'task');
  expect(new Set(ofTasks.map((request) => request.user_id)).size).toBeGreaterThan(2);
  expect(new Set(ofTasks.map(head)).size).toBe(1);
  for (const request of own.model.requests)
    expect(head(request)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|20\d\d-\d\d-\d\d/);
});
