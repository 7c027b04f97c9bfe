import type { Answer } from '#server/contracts/client.ts';
import type { lintRequirements } from '#server/contracts/requirements.ts';
import type { getSpec } from '#server/contracts/specs.ts';
import { newPerson } from '#tests/support/people.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { planPhase, trackerProject } from '#tests/support/tracker.ts';

type Spec = Answer<typeof getSpec>;
interface Edited {
  requirement_id: string;
  requirement: { title: string; text: string; acceptance_criteria: { id: string; text: string }[] } | null;
  version: number;
  score: number;
  message: string;
  details: unknown;
}
interface Output {
  requirements: { id: string; text: string; title: string }[];
}

const edit = (method: string, spec: string, path: string, body: object, as = api()) =>
  as.request<Edited>(method, `/specs/${spec}/requirements${path}`, body);
const waits = (id: string, phase: string) =>
  api().until<Spec>(`/specs/${id}`, (spec) => spec.waiting_for === 'gate' && spec.current_phase === phase, 90_000);
const stored = async (id: string) =>
  (await api().get<{ phases: { output: Output; score: number }[] }>(`/specs/${id}/phase-data?phases=requirements`))
    .phases[0];

test('[PLAN-11] requirements are parsed and checked by REST, in the words of a project too', async () => {
  const project = await newProject(api(), trackerProject);
  const lint = (body: object) =>
    api().request<{ items: Answer<typeof lintRequirements>['items'] }>('POST', '/requirements/lint', body);
  const texts = ['WHEN asked, THE SYSTEM SHALL answer fast', 'Wenn gefragt, muss das System antworten'];
  const { body } = await lint({ texts });
  expect(body.items).toMatchObject([
    { ears: { form: 'event', condition: 'asked' }, findings: [{ code: 'not_measurable', start: 36, end: 40 }] },
    { ears: null, findings: [{ code: 'no_keyword', severity: 'error' }] },
  ]);
  await api().request('PATCH', `/projects/${project.id}`, {
    settings: { requirement_words: { WHEN: ['wenn'], MUST: ['muss'], SYSTEM: ['das System'] } },
  });
  const inGerman = await lint({ texts, project_id: project.id });
  expect(inGerman.body.items[1]).toMatchObject({
    ears: { form: 'event', condition: 'gefragt', keyword: 'MUST', action: 'antworten' },
    findings: [],
  });
  const { api: stranger } = await newPerson();
  expect((await stranger.request('POST', '/requirements/lint', { texts, project_id: project.id })).status).toBe(404);
  expect(await lint({ texts: [' '] })).toMatchObject({ status: 422 });
  expect(
    await api().request('PATCH', `/projects/${project.id}`, { settings: { requirement_words: { OB: ['ob'] } } }),
  ).toMatchObject({ status: 422 });
});

test('requirements are edited while they wait at their gate, each edit a version, and what follows is planned from them', async () => {
  const played = await playOnShared((request) => answerValue(request) ?? planPhase(request));
  const { id: project_id } = await newProject(api(), trackerProject);
  const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: `Export ${played.word}`,
    description: `Tasks as CSV, for ${played.word}.`,
    gate_policy: { mode: 'ask', phases: ['prd', 'requirements', 'design', 'tasks'] },
  });
  const { version: early } = await waits(spec_id, 'prd');
  const first = '/REQ-EXPORT-FUNC-001';
  expect(await edit('PATCH', spec_id, first, { title: 'Too early', version: early })).toMatchObject({
    status: 409,
    body: { details: { reason: 'not_at_gate' } },
  });
  await api().post(`/specs/${spec_id}/phases/prd/approve`);
  const { version } = await waits(spec_id, 'requirements');

  const outsider = await newPerson();
  expect((await edit('PATCH', spec_id, first, { title: 'Mine', version }, outsider.api)).status).toBe(404);
  const reader = await api().post<{ key: string }>('/auth/api-keys', {
    name: `reads ${played.word}`,
    scopes: ['document:read'],
  });
  expect((await edit('PATCH', spec_id, first, { title: 'Mine', version }, api().as(reader.key))).status).toBe(403);
  expect(await edit('PATCH', spec_id, first, { title: '', version })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'title' }] },
  });
  expect((await edit('PATCH', spec_id, first, { version })).status).toBe(422);
  expect(await edit('PATCH', spec_id, first, { title: 'No version' })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'version' }] },
  });
  expect((await edit('PATCH', spec_id, '/REQ-EXPORT-FUNC-777', { title: 'Nobody', version })).status).toBe(404);
  expect(await edit('PATCH', spec_id, first, { text: 'The file is nice.', version })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('REQ-EXPORT-FUNC-001 has none of the keywords') },
  });
  // Another requirement depends on this one.
  expect(await edit('DELETE', spec_id, first, { version })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('REQ-EXPORT-SEC-001 depends on') },
  });
  expect((await api().get<Spec>(`/specs/${spec_id}`)).version).toBe(version);

  const text = `WHEN a client requests /tasks.csv, THE SYSTEM SHALL stream one CSV row for each open task of ${played.word}.`;
  const changed = await edit('PATCH', spec_id, first, { text, version });
  expect(changed).toMatchObject({
    status: 200,
    body: {
      requirement_id: 'REQ-EXPORT-FUNC-001',
      version: version + 1,
      score: 1,
      requirement: { text, title: 'Export tasks as CSV' },
    },
  });
  expect(await edit('PATCH', spec_id, first, { title: 'Late', version })).toMatchObject({
    status: 409,
    body: { details: { reason: 'stale', version: version + 1 } },
  });

  const added = await edit('POST', spec_id, '', {
    title: 'Name the file',
    text: 'THE SYSTEM SHALL name the file tasks.csv.',
    acceptance_criteria: [{ text: 'The header names it' }],
    version: version + 1,
  });
  expect(added).toMatchObject({
    status: 201,
    body: {
      requirement_id: 'REQ-EXPORT-FUNC-002',
      requirement: { acceptance_criteria: [{ id: 'REQ-EXPORT-FUNC-002.1' }] },
    },
  });
  // A single criterion and a missing trigger cost points, as they do for an agent.
  expect(added.body.score).toBeLessThan(1);
  expect((await stored(spec_id))?.score).toBe(added.body.score);
  const removed = await edit('DELETE', spec_id, '/REQ-EXPORT-FUNC-002', { version: version + 2 });
  expect(removed).toMatchObject({ status: 200, body: { requirement: null, version: version + 3, score: 1 } });
  expect((await stored(spec_id))?.output.requirements.map(({ id }) => id)).toEqual([
    'REQ-EXPORT-FUNC-001',
    'REQ-EXPORT-SEC-001',
  ]);

  const versions = await api().get<{
    items: { number: number; change_type: string; details: object; actor: string }[];
  }>(`/specs/${spec_id}/versions`);
  expect(versions.items.slice(0, 3).map(({ change_type, details }) => ({ change_type, details }))).toEqual(
    ['removed', 'added', 'changed'].map((action) => ({
      change_type: 'updated',
      details: expect.objectContaining({ action, phase: 'requirements' }),
    })),
  );

  // Of many concurrent edits of the same version one is accepted.
  const now = version + 3;
  const race = await Promise.all(
    ['A', 'B', 'C', 'D'].map((title) => edit('PATCH', spec_id, first, { title: `Export ${title}`, version: now })),
  );
  expect(race.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);

  await api().post(`/specs/${spec_id}/phases/requirements/approve`);
  await waits(spec_id, 'design');
  expect(played.model.requests.find((request) => request.context.phase === 'design')?.text).toContain(text);
  expect(await edit('PATCH', spec_id, first, { title: 'Too late', version: now + 2 })).toMatchObject({
    status: 409,
    body: { details: { reason: 'not_at_gate' } },
  });
  // The design, by its parts.
  const { version: atDesign } = await waits(spec_id, 'design');
  const put = (body: object) => api().request<Edited>('PUT', `/specs/${spec_id}/design`, body);
  expect(await put({ api_spec: [], version: atDesign })).toMatchObject({ status: 422 });
  expect(await put({ components: [{ name: 7 }], version: atDesign })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'components.0.name' }] },
  });
  const security_considerations = ['Cells that begin with = are quoted', `Only members of ${played.word} read it`];
  expect(await put({ security_considerations, version: atDesign })).toMatchObject({
    status: 200,
    body: { phase: 'design', version: atDesign + 1, output: { security_considerations } },
  });
  expect(
    await api().request('POST', `/specs/${spec_id}/versions/${atDesign}/restore`, { version: atDesign + 1 }),
  ).toMatchObject({
    status: 200,
    body: { version: atDesign + 2, output: { feature_name: expect.anything() as string } },
  });
  const restored = await api().get<{ phases: { output: { security_considerations: string[] } }[] }>(
    `/specs/${spec_id}/phase-data?phases=design`,
  );
  expect(restored.phases[0]?.output.security_considerations).not.toEqual(security_considerations);
  expect((await api().request('POST', `/specs/${spec_id}/approve-design`)).status).toBe(202);

  // The tasks: what is added is held against the plan's own rules.
  const { version: atTasks } = await waits(spec_id, 'tasks');
  const tasks = (method: string, path: string, body: object) =>
    api().request<Edited & { task_id: string; output: { tasks: { id: string; parent_ticket: string }[] } }>(
      method,
      `/specs/${spec_id}/tasks${path}`,
      body,
    );
  const planned = await api().get<{ items: { id: string; status: string; task_id: null }[] }>(
    `/specs/${spec_id}/tasks`,
  );
  expect(planned.items[0]).toMatchObject({ id: 'TSK-001', status: 'pending', task_id: null });
  const fields = {
    title: 'Describe the export',
    description: 'Say in the README how tasks are exported, and test nothing.',
    type: 'documentation',
    estimated_hours: 1,
    files_to_modify: ['README.md'],
    depends_on: ['TSK-001'],
    acceptance_criteria: [{ text: 'The README names /tasks.csv' }],
  };
  const withTask = await tasks('POST', '', { ...fields, version: atTasks });
  expect(withTask).toMatchObject({ status: 201, body: { version: atTasks + 1 } });
  const { task_id } = withTask.body;
  expect(withTask.body.output.tasks.at(-1)).toMatchObject({ id: task_id, parent_ticket: 'TKT-001' });
  expect(
    await tasks('PATCH', `/${task_id}`, { files_to_modify: ['docs/none.md'], version: atTasks + 1 }),
  ).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('docs/none.md') as string },
  });
  expect(await tasks('PATCH', `/${task_id}`, { depends_on: [task_id], version: atTasks + 1 })).toMatchObject({
    status: 400,
  });
  expect(await tasks('PATCH', `/${task_id}`, { parent_ticket: 'TKT-777', version: atTasks + 1 })).toMatchObject({
    status: 400,
    body: { details: [{ field: 'parent_ticket' }] },
  });
  expect(await tasks('PATCH', `/${task_id}`, { title: 'Explain it', version: atTasks + 1 })).toMatchObject({
    status: 200,
  });
  expect(await tasks('DELETE', '/TSK-001', { version: atTasks + 2 })).toMatchObject({ status: 400 });
  expect(await tasks('DELETE', '/TSK-777', { version: atTasks + 2 })).toMatchObject({ status: 404 });
  expect(await tasks('DELETE', `/${task_id}`, { version: atTasks + 2 })).toMatchObject({
    status: 200,
    body: { version: atTasks + 3 },
  });
  await api().post(`/specs/${spec_id}/cancel`);
  await played.stop();
}, 240_000);
