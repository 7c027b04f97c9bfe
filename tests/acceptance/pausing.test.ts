import type { Answer } from '#server/contracts/client.ts';
import type { getRun } from '#server/contracts/runs.ts';
import type { getSpec } from '#server/contracts/specs.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { newPerson } from '#tests/support/people.ts';
import { call } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { playTracker, trackerProject } from '#tests/support/tracker.ts';

type Spec = Answer<typeof getSpec>;
type Run = Answer<typeof getRun>;

const launch = async (project_id: string, word: string, more: object = {}) =>
  (
    await api().post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: `Export ${word}`,
      description: `Tasks as a CSV file, for ${word}.`,
      auto_execute: true,
      ...more,
    })
  ).spec_id;
const specIs = (id: string, ...states: string[]) =>
  api().until<Spec>(`/specs/${id}`, (spec) => states.includes(spec.status), 90_000);
const runs = (spec_id: string, status: string) => api().all<Run>(`/runs?spec_id=${spec_id}&status=${status}`);

/** Only runs echo, turn after turn, in every session of the kind until `working` is set; then does its work. */
function looksAround(kind: 'phase' | 'task') {
  const state = { working: false };
  const skipped = new Map<string, number>();
  const reply = (request: Played, word: string): Reply => {
    if (request.context.kind !== kind) return playTracker(request, word);
    if (!state.working) {
      skipped.set(request.user_id, request.step + 1);
      return { tools: [call('bash', { command: `echo ${request.step}` })], delay_ms: 50 };
    }
    return playTracker({ ...request, step: Math.max(0, request.step - (skipped.get(request.user_id) ?? 0)) }, word);
  };
  return { state, reply };
}

describe('the pause of a spec', () => {
  test('stops the agent of its phase before its next model call, and the phase continues in the same session when it is resumed', async () => {
    const { state, reply } = looksAround('phase');
    const played = await playOnShared(reply);
    const { id: project_id } = await newProject(api(), trackerProject);
    const id = await launch(project_id, played.word, { gate_policy: { mode: 'ask', phases: ['explore'] } });
    await eventually('its agent is at work', () => played.model.requests.length > 2);
    expect((await api().post(`/specs/${id}/pause`, { reason: 'Lunch' })).status).toBe('pausing');
    await specIs(id, 'paused');
    await eventually('its agent is paused', async () => (await runs(id, 'paused')).length === 1);
    const [run] = await runs(id, 'paused');
    expect(run?.waiting_reason).toMatch(/^The spec is paused. Lunch \(/);
    const asked = played.model.requests.length;
    expect(run?.turn).toBe(asked);

    state.working = true;
    await api().post(`/specs/${id}/resume`);
    await specIs(id, 'executing', 'waiting');
    expect(await specIs(id, 'waiting')).toMatchObject({ waiting_for: 'gate' });
    expect(new Set(played.model.requests.map((request) => request.user_id))).toEqual(new Set([`run:${run?.id}`]));
    expect(played.model.requests.length).toBeGreaterThan(asked);
    await api().post(`/specs/${id}/cancel`);
    await played.stop();
  });

  test('asked for at once, holds the phase before its agent has gone beyond its first turn', async () => {
    const played = await playOnShared(playTracker);
    const { id: project_id } = await newProject(api(), trackerProject);
    const id = await launch(project_id, played.word, { gate_policy: { mode: 'ask', phases: ['explore'] } });
    await api().post(`/specs/${id}/pause`);
    await specIs(id, 'paused');
    const before = played.model.requests.length;
    await api().post(`/specs/${id}/resume`);
    await specIs(id, 'waiting');
    expect(before).toBeLessThanOrEqual(1);
    await api().post(`/specs/${id}/cancel`);
    await played.stop();
  });

  test('reaches the agents of its tickets, and leaves one paused that a person had paused before', async () => {
    const { state, reply } = looksAround('task');
    const played = await playOnShared(reply);
    const { id: project_id } = await newProject(api(), trackerProject);
    const id = await launch(project_id, played.word);
    await eventually(
      'an agent of a task works',
      async () => (await runs(id, 'running')).some((run) => run.kind === 'task' && run.turn > 1),
      90_000,
    );
    const mine = (await runs(id, 'running')).find((run) => run.kind === 'task') as Run;
    await api().post(`/runs/${mine.id}/pause`, { reason: 'Mine.' });
    await api().until<Run>(`/runs/${mine.id}`, (run) => run.status === 'paused');
    await api().post(`/specs/${id}/pause`);
    await specIs(id, 'paused');
    await eventually(
      'none works',
      async () => (await runs(id, 'running')).length === 0 && (await runs(id, 'paused')).length > 0,
    );
    state.working = true;
    await api().post(`/specs/${id}/resume`);
    await specIs(id, 'executing');
    await eventually(
      'the others go on',
      async () => (await runs(id, 'paused')).map((run) => run.id).join() === mine.id,
    );
    await api().post(`/runs/${mine.id}/resume`);
    expect(await specIs(id, 'pr_created', 'failed')).toMatchObject({ status: 'pr_created' });
    await played.stop();
  });

  test('holds an agent too that gets its slot during the pause, before its first model call', async () => {
    let works = false;
    const played = await playOnShared((request, word) =>
      request.context.kind === 'task' && !works ? { hang: true } : playTracker(request, word),
    );
    const { api: own, organization_id } = await newPerson();
    await own.ok('PATCH', `/organizations/${organization_id}`, { max_concurrent_agents: 1 });
    const { id: project_id } = await newProject(own, trackerProject);
    const { spec_id: id } = await own.post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: `Export ${played.word}`,
      description: `Tasks as a CSV file, for ${played.word}.`,
      auto_execute: true,
    });
    const tasks = await own.until<{ items: { id: string; local_id: string; status: string }[] }>(
      `/tasks?spec_id=${id}`,
      ({ items }) => items.some((task) => task.status === 'running'),
      90_000,
    );
    // Either of the two tasks may have the only slot.
    const first = tasks.items.find((task) => task.status === 'running');
    const second = tasks.items.find((task) => task !== first && task.local_id !== 'TSK-003');
    await own.post(`/specs/${id}/pause`);
    await own.until<Spec>(`/specs/${id}`, (spec) => spec.status === 'paused');
    await own.post(`/tasks/${first?.id}/cancel`);
    const held = await own.until<{ items: Run[] }>(
      `/runs?task_id=${second?.id}&status=paused`,
      ({ items }) => items.length === 1,
    );
    expect(held.items[0]).toMatchObject({ kind: 'task', turn: 0, waiting_reason: 'The spec is paused.' });
    expect(
      played.model.requests.filter(
        (request) => request.context.kind === 'task' && request.context.task_ref === second?.local_id,
      ),
    ).toEqual([]);
    works = true;
    await own.post(`/specs/${id}/resume`);
    await own.until<Run>(`/runs/${held.items[0]?.id}`, (run) => run.status === 'completed');
    await own.post(`/specs/${id}/cancel`);
    await played.stop();
  }, 240_000);
});

/** Changes README.md beside the work, and brings it back when the work is refused for that. */
function changesReadme(request: Played, word: string, seen: (results: Played['results']) => void): Reply {
  const { kind, task_ref: ref } = request.context;
  if (kind !== 'task' || ref !== 'TSK-001') return playTracker(request, word);
  if (request.step > 0) {
    seen(request.results);
    return playTracker(request, word);
  }
  const [, base] = /launch forbids: README\.md\..*git checkout (\w{40}) -- PATH/.exec(request.text) ?? [];
  if (base) return { tools: [call('bash', { command: `git checkout ${base} -- README.md` })] };
  const good = playTracker(request, word) as { tools: ReturnType<typeof call>[] };
  const edit = call('edit_file', { path: 'README.md', old_text: '# Tracker', new_text: '# Mine' });
  return { tools: [edit, ...good.tools, call('bash', { command: 'echo Mine >> README.md' })] };
}

test('[EXEC-17] a launch for the night pauses at its end, and its agents change no forbidden file', async () => {
  const { state, reply } = looksAround('phase');
  let refused = '';
  const played = await playOnShared((request, word) =>
    request.context.kind === 'phase'
      ? reply(request, word)
      : changesReadme(request, word, ([edit]) => (refused ||= edit?.is_error ? edit.text : '')),
  );
  const { id: project_id, repository } = await newProject(api(), trackerProject, { validation: 'none' });
  const night = {
    stop_at: new Date(Date.now() + 3000).toISOString(),
    forbidden_paths: ['*.md', 'docs/**'],
    raise_usd: 1,
  };
  const bad = async (more: object) => {
    const body = { project_id, title: 'Bad', description: 'Bad.', night: more };
    return (await api().request<{ details: { field: string }[] }>('POST', '/specs/launch', body)).body.details[0]
      ?.field;
  };
  expect(await bad({ stop_at: '2020-01-01T00:00:00Z' })).toBe('night.stop_at');
  expect(await bad({ forbidden_paths: ['/etc'] })).toBe('night.forbidden_paths.0');
  expect(await bad({ wake_me: ['noise'] })).toBe('night.wake_me.0');
  const id = await launch(project_id, played.word, { night });
  expect(await specIs(id, 'paused')).toMatchObject({
    night,
    waiting_for: 'person',
    waiting_reason: expect.stringMatching(/^The launch says that no turn begins after /),
  });
  await eventually('its agent is paused', async () => (await runs(id, 'paused')).length === 1);
  const [run] = await runs(id, 'paused');
  expect(run?.waiting_reason).toMatch(
    /^The spec is paused\. The launch says that no turn begins after .* UTC\. Resume the/,
  );
  expect(played.model.requests.length).toBe(run?.turn);
  state.working = true;
  await api().post(`/specs/${id}/resume`);
  const spec = await specIs(id, 'pr_created', 'failed');
  expect(spec).toMatchObject({ status: 'pr_created', night: { forbidden_paths: ['*.md', 'docs/**'], raise_usd: 1 } });
  expect(refused).toContain('README.md must not be changed: the person who launched this work forbids *.md.');
  expect(repository.show(spec.branch ?? '', 'README.md')).toBe(trackerProject['README.md']?.trim());
  expect(played.model.requests.some(({ text }) => text.includes('forbids changes of: *.md, docs/**.'))).toBe(true);
  await played.stop();
}, 180_000);

test('[EXEC-17] a spec that a person starts after the end of its night goes on without it', async () => {
  const played = await playOnShared(() => ({ hang: true }));
  const { id: project_id } = await newProject();
  const night = { stop_at: new Date(Date.now() + 1000).toISOString(), raise_usd: 1 };
  const id = await launch(project_id, played.word, { night, auto_execute: false });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await api().post(`/specs/${id}/execute`);
  await eventually('its agent is at work', async () => (await runs(id, 'running')).length === 1);
  expect(await specIs(id, 'executing')).toMatchObject({ night: { raise_usd: 1 }, waiting_reason: null });
  await api().post(`/specs/${id}/cancel`);
  await played.stop();
}, 240_000);
