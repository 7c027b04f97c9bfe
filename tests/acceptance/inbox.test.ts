import { execFileSync } from 'node:child_process';
import type { Answer } from '#server/contracts/client.ts';
import type { listGates } from '#server/contracts/gate-queue.ts';
import type { listInbox } from '#server/contracts/inbox.ts';
import { eventually } from '#tests/support/api.ts';
import { newPerson } from '#tests/support/people.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { newProject, playOnShared, shared } from '#tests/support/shared.ts';
import { planPhase, trackerProject } from '#tests/support/tracker.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { rootDir } from '#activities/services/config.ts';

type Inbox = Answer<typeof listInbox>;

/** Asks before it works. */
function asking(request: Played): Reply {
  const value = answerValue(request);
  if (value) return value;
  if (request.context.kind === 'phase') return planPhase(request, (_phase, _attempt, good) => good);
  if (request.context.kind === 'validation') return reviewPasses(request);
  if (request.step === 0)
    return { tools: [call('ask_user', { question: 'Which separator?', options: ['comma', 'tab'] })] };
  return finishTask({ ...request, step: request.step - 1 }, { 'src/useful.js': 'export const useful = 1;\n' });
}

test('[WEB-19] [WEB-09] gates, questions and reviews wait in one list, ranked, and are answered and put off there', async () => {
  const model = await playOnShared(asking);
  const one = await newPerson();
  const stranger = await newPerson();
  const { id: project_id } = await newProject(one.api, trackerProject);
  const items = async (query = '') => (await one.api.get<Inbox>(`/inbox${query}`)).items;
  const item = async (kind: string) => {
    let found: Inbox['items'][number] | undefined;
    const look = async () => Boolean((found = (await items()).find((each) => each.kind === kind)));
    await eventually(`a ${kind} waits`, look, 90_000);
    return found as Inbox['items'][number];
  };
  const answer = (id: string, body: object) => one.api.request('POST', `/inbox/${id}/answer`, body);

  const { spec_id } = await one.api.post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: `Export ${model.word}`,
    description: `Export the tasks. ${model.word}`,
    gate_policy: { mode: 'ask', phases: ['prd'], timeout_seconds: 86_400 },
  });
  const gate = await item('gate');
  expect(gate).toMatchObject({
    id: `gate:${spec_id}`,
    phase: 'prd',
    priority: 'high',
    blocks: 1,
    actions: ['approve', 'request_changes'],
    link: `/specs/${spec_id}`,
  });
  const { items: gates } = await one.api.get<Answer<typeof listGates>>(`/gates?project_id=${project_id}`);
  expect(gates).toMatchObject([
    { id: `phase:${spec_id}`, from: 'PRD', to: 'Requirements', verdict: 'passed', blocks: 1, inbox_id: gate.id },
  ]);
  expect(Date.parse(gates[0]?.decides_at ?? '') - Date.parse(gates[0]?.since ?? '')).toBe(86_400_000);
  expect((await stranger.api.request('GET', `/gates?project_id=${project_id}`)).status).toBe(404);
  // What is not clear changes nothing.
  expect(await answer(gate.id, {})).toMatchObject({
    status: 422,
    body: { message: expect.stringMatching(/^action: must be approve or request_changes/) },
  });
  expect(await answer(gate.id, { action: 'request_changes' })).toMatchObject({
    status: 422,
    body: { message: expect.stringMatching(/^text: is needed: what has to change/) },
  });
  expect(await answer(gate.id, { action: 'merge' })).toMatchObject({ status: 422 });
  for (const path of [`/inbox/${gate.id}/answer`, `/inbox/${gate.id}/snooze`])
    expect(await stranger.api.request('POST', path, path.endsWith('answer') ? {} : { until: null })).toMatchObject({
      status: 404,
    });
  expect((await stranger.api.get<Inbox>('/inbox')).items).toEqual([]);

  // For later, and back.
  const until = new Date(Date.now() + 3_600_000).toISOString();
  await one.api.post(`/inbox/${gate.id}/snooze`, { until });
  expect(await items()).toEqual([]);
  expect(await items('?snoozed=true')).toMatchObject([{ id: gate.id, snoozed_until: until }]);
  expect((await one.api.get<Inbox>('/inbox')).snoozed).toBe(1);
  const report = await one.api.get<{ waiting_on_you: { id: string }[] }>('/report');
  expect(report.waiting_on_you).toEqual([]);
  await one.api.post(`/inbox/${gate.id}/snooze`, { until: null });
  expect(await answer((await item('gate')).id, { action: 'approve' })).toMatchObject({ status: 202 });

  // A quick ticket whose agent asks: by the command line, with the words of the option.
  await one.api.post('/tickets', {
    project_id,
    title: `Useful ${model.word}`,
    description: 'Add something.',
    workflow_mode: 'quick',
    force_create: true,
  });
  const question = await item('question');
  expect(question).toMatchObject({ reason: 'Which separator?', options: ['comma', 'tab'], actions: ['answer'] });
  expect(question.blocks).toBeGreaterThan(0);
  const { key } = await one.api.post<{ key: string }>('/auth/api-keys', {
    name: 'cli',
    scopes: ['org:read', 'task:write'],
  });
  const cli = (...args: string[]) =>
    execFileSync(process.execPath, ['scripts/cli/omoios.js', ...args], {
      cwd: rootDir,
      encoding: 'utf8',
      env: { ...process.env, OMOIOS_API: shared.url, OMOIOS_API_KEY: key },
    });
  expect(cli('inbox', 'list')).toContain('Which separator?');
  expect(cli('inbox', 'answer', question.id.slice(0, 20), 'comma')).toContain('Answered.');
  const pull = await item('pull_request');
  expect(pull).toMatchObject({ priority: 'normal', actions: ['approve', 'merge', 'request_changes'] });
  // The verdict is about the commit that the person saw.
  const other = '0'.repeat(40);
  for (const action of ['merge', undefined])
    expect((await answer(pull.id, { action, head_sha: pull.head_sha })).status).toBe(422);
  expect(await answer(pull.id, { action: 'approve', head_sha: other })).toMatchObject({
    status: 409,
    body: { message: expect.stringMatching(/^head_sha: .*newer commits than the one you saw\. Read what is new/) },
  });
  expect(await answer(pull.id, { action: 'approve', text: 'Good.', head_sha: pull.head_sha })).toMatchObject({
    status: 202,
  });
  expect(await answer(pull.id, { action: 'merge' })).toMatchObject({ status: 202 });
  expect((await one.api.get<{ state: string }>(`/pull-requests/${pull.id.split(':')[1]}`)).state).toBe('merged');
  expect(await answer(pull.id, { action: 'merge' })).toMatchObject({ status: 404 });
  await one.api.post(`/specs/${spec_id}/cancel`);
});
