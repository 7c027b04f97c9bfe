import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import type { Answer } from '#server/contracts/client.ts';
import type { listProjectChanges } from '#server/contracts/projects.ts';
import type { createSpec, showcase } from '#server/contracts/spec-life.ts';
import type { getSpec, specVersions } from '#server/contracts/specs.ts';
import { newPerson } from '#tests/support/people.ts';
import { api, newProject, ownerKey, shared } from '#tests/support/shared.ts';

type Spec = Answer<typeof getSpec>;
const draft = (body: object) => api().request<Spec>('POST', '/specs', body);
const ids = async (address: string) => (await api().all<{ id: string }>(address)).map(({ id }) => id);

test('[PLAN-02] [PLAN-03] a draft is created, edited and started only with a description', async () => {
  const { id: project_id } = await newProject();
  const { status, body: spec } = await draft({ project_id, title: 'Remember the filters' });
  expect({ status, spec }).toMatchObject({
    status: 201,
    spec: { status: 'draft', description: '', version: 1, archived_at: null, linked_tickets: [], shared: false },
  });
  expect(await api().request('POST', `/specs/${spec.id}/execute`)).toMatchObject({
    status: 400,
    body: { details: [{ field: 'description', message: 'is empty' }] },
  });
  const edit = (body: object) => api().request<Spec>('PATCH', `/specs/${spec.id}`, body);
  const description = 'When I come back,\n  the list looks as I left it.';
  expect(await edit({ description, version: 1 })).toMatchObject({ status: 200, body: { description, version: 2 } });
  expect(await edit({ title: 'Late', version: 1 })).toMatchObject({
    status: 409,
    body: { details: { reason: 'stale', version: 2 } },
  });
  expect(await edit({})).toMatchObject({ status: 422, body: { details: [{ field: 'title' }] } });
  expect(await edit({ status: 'completed' })).toMatchObject({ status: 422 });
  const { items } = await api().get<Answer<typeof specVersions>>(`/specs/${spec.id}/versions`);
  expect(items[0]).toMatchObject({
    number: 2,
    change_type: 'updated',
    details: { description: { old: '', new: description } },
    snapshot: { description },
  });
  await expect((await newPerson()).api.request('PATCH', `/specs/${spec.id}`, { title: 'Mine' })).resolves.toMatchObject(
    {
      status: 404,
    },
  );
  expect(await draft({ project_id, title: 'Blank', description: ' ', owner: 'me' })).toMatchObject({ status: 422 });
});

test('[DEDUP-02] the same draft, or one that is worded alike, is answered with what there is', async () => {
  const { id: project_id } = await newProject();
  const words = { title: 'Export tasks as CSV', description: 'One row for each task, with a header.' };
  const { body: first } = await draft({ project_id, ...words });
  const twin = await api().request<Answer<typeof createSpec>>('POST', '/specs', {
    project_id,
    title: ' export  tasks as csv',
    description: 'One row for each task, with a HEADER.',
  });
  expect(twin).toMatchObject({
    status: 200,
    body: { is_duplicate: true, highest_similarity: 1, candidates: [{ spec_id: first.id, status: 'draft' }] },
  });
  const alike = { project_id, ...words, description: `${words.description} Please.` };
  const found = await api().request<{ highest_similarity: number }>('POST', '/specs', {
    ...alike,
    similarity_threshold: 0.5,
  });
  expect(found).toMatchObject({ status: 200, body: { candidates: [{ spec_id: first.id }] } });
  const { highest_similarity: similarity } = found.body;
  expect(similarity).toBeLessThan(1);
  expect((await draft({ ...alike, similarity_threshold: similarity - 0.001 })).status).toBe(200);
  const created = await draft({ ...alike, similarity_threshold: similarity + 0.001 });
  expect(created.status).toBe(201);
  expect((await draft({ ...alike, force_create: true })).status).toBe(201);
  // Another project is another scope, and what is archived is not open.
  const { id: other } = await newProject();
  expect((await draft({ project_id: other, ...words })).status).toBe(201);
});

test('[PLAN-03] an archived spec is in no list and on no board, starts nothing, and comes back as it was', async () => {
  const { id: project_id } = await newProject();
  const { body: spec } = await draft({ project_id, title: 'Old idea', description: 'From long ago.' });
  const lists = async (): Promise<boolean[]> =>
    Promise.all(
      [`/specs?project_id=${project_id}`, `/specs/project/${project_id}`].map(async (address) =>
        (await ids(address)).includes(spec.id),
      ),
    );
  expect(await lists()).toEqual([true, true]);
  const archived = await api().request<Spec>('DELETE', `/specs/${spec.id}`);
  expect(archived).toMatchObject({ status: 200, body: { archived_at: expect.any(String) as string } });
  expect(await lists()).toEqual([false, false]);
  expect(await ids(`/specs?project_id=${project_id}&include_archived=true`)).toEqual([spec.id]);
  expect(await ids(`/specs/project/${project_id}?include_archived=true&status=draft`)).toEqual([spec.id]);
  expect((await api().get<Spec>(`/specs/${spec.id}`)).archived_at).not.toBeNull();
  expect(await api().request('POST', `/specs/${spec.id}/execute`)).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining(`POST /specs/${spec.id}/restore`) as string },
  });
  // Asked again, nothing changes.
  expect((await api().request<Spec>('DELETE', `/specs/${spec.id}`)).body.version).toBe(archived.body.version);
  expect(await api().request('POST', `/specs/${spec.id}/restore`)).toMatchObject({
    status: 200,
    body: { archived_at: null, status: 'draft' },
  });
  expect(await lists()).toEqual([true, true]);
  expect(await api().request('GET', `/specs/project/${project_id}?status=banana`)).toMatchObject({ status: 422 });
});

test('[PLAN-22] tickets of the project are linked and unlinked; those of others are not found', async () => {
  const { id: project_id } = await newProject();
  const { body: spec } = await draft({ project_id, title: 'With tickets', description: 'Links.' });
  const ticketIn = async (project: string, title: string) =>
    (
      await api().post<{ id: string }>('/tickets', {
        project_id: project,
        title,
        description: title,
        workflow_mode: 'spec_driven',
        force_create: true,
      })
    ).id;
  const mine = [await ticketIn(project_id, 'First'), await ticketIn(project_id, 'Second')];
  const { id: other } = await newProject();
  const foreign = await ticketIn(other, 'Elsewhere');
  const link = (ticket_ids: string[], how = 'link') =>
    api().request('POST', `/specs/${spec.id}/${how}-tickets`, { ticket_ids });
  expect(await link(mine)).toMatchObject({ status: 200, body: { changed: 2 } });
  expect(await link(mine)).toMatchObject({ status: 200, body: { changed: 0 } });
  expect(await link([mine[0]!, foreign])).toMatchObject({ status: 404 });
  expect(await ids(`/specs/${spec.id}/linked-tickets`)).toEqual(mine);
  expect(await link([mine[0]!], 'unlink')).toMatchObject({ status: 200, body: { changed: 1 } });
  expect((await api().get<Spec>(`/specs/${spec.id}`)).linked_tickets).toEqual([mine[1]]);
  expect(await link([])).toMatchObject({ status: 422 });
});

test('[PLAN-22] a shared spec is public until it is unshared; its link never comes back', async () => {
  const { id: project_id } = await newProject();
  const { body: spec } = await draft({ project_id, title: 'To be seen', description: 'By everybody.' });
  const share = () =>
    api().request<{ share_url: string; share_token: string }>('POST', `/public/specs/${spec.id}/share`);
  const read = async (token: string) => {
    const answer = await fetch(`${shared.url}/api/v1/public/showcase/${token}`);
    return { status: answer.status, body: (await answer.json()) as Answer<typeof showcase> };
  };
  const { body: link } = await share();
  expect((await share()).body).toEqual(link);
  expect(link.share_url).toMatch(new RegExp(`^http://[^/]+/showcase/${link.share_token}$`));
  const first = await read(link.share_token);
  expect(first.status).toBe(200);
  expect(first.body).toEqual({
    title: 'To be seen',
    description: 'By everybody.',
    status: 'draft',
    project_name: expect.any(String) as string,
    stats: { requirement_count: 0, task_count: 0, tasks_completed: 0, test_coverage: null },
    pull_request: null,
    share_view_count: 1,
  });
  expect((await read(link.share_token)).body.share_view_count).toBe(2);
  const stranger = await newPerson();
  expect((await stranger.api.request('POST', `/public/specs/${spec.id}/share`)).status).toBe(404);
  expect((await api().request('DELETE', `/public/specs/${spec.id}/share`)).status).toBe(204);
  expect((await read(link.share_token)).status).toBe(404);
  expect((await read('nothing')).status).toBe(404);
  expect((await share()).body.share_token).not.toBe(link.share_token);
});

test('[DEDUP-04] a check for similar tickets creates nothing; a twin is created only by force', async () => {
  const { id: project_id } = await newProject();
  const words = { project_id, title: 'Dark mode', description: 'Pages follow the setting of the system.' };
  const ask = (path: string, body: object) =>
    api().request<{ is_duplicate: boolean; candidates: { ticket_id: string }[]; id: string }>('POST', path, body);
  const check = () => ask('/tickets/check-duplicates', words);
  expect(await check()).toMatchObject({
    status: 200,
    body: { is_duplicate: false, candidates: [], highest_similarity: 0 },
  });
  const { body: first } = await ask('/tickets', { ...words, workflow_mode: 'spec_driven' });
  expect(await check()).toMatchObject({
    status: 200,
    body: { is_duplicate: true, candidates: [{ ticket_id: first.id }], highest_similarity: 1 },
  });
  expect(await ids(`/tickets?project_id=${project_id}`)).toEqual([first.id]);
  expect(await ask('/tickets', { ...words, workflow_mode: 'spec_driven' })).toMatchObject({ status: 200 });
  expect(await ask('/tickets', { ...words, workflow_mode: 'spec_driven', force_create: true })).toMatchObject({
    status: 201,
  });
  const { api: stranger } = await newPerson();
  expect((await stranger.request('POST', '/tickets/check-duplicates', words)).status).toBe(404);
});

test('[PLAN-17] settings of a project decide how features are planned, and their changes are on record', async () => {
  const { id: project_id } = await newProject();
  const set = (settings: object) => api().request('PATCH', `/projects/${project_id}`, { settings });
  const policyOf = async (body: object = {}) =>
    (await draft({ project_id, title: 'Plan', force_create: true, ...body })).body.gate_policy;
  expect(await policyOf()).toMatchObject({ mode: 'auto' });
  expect((await set({ require_approval_gates: true })).status).toBe(200);
  expect(await policyOf()).toMatchObject({ mode: 'ask', phases: ['requirements', 'design', 'tasks'] });
  await set({ auto_advance_phases: false });
  expect(await policyOf()).toMatchObject({
    mode: 'ask',
    phases: expect.arrayContaining(['explore', 'sync']) as string[],
  });
  // What a launch says goes before the settings.
  expect(await policyOf({ gate_policy: { mode: 'auto' } })).toMatchObject({ mode: 'auto' });
  await set({ spec_driven_mode_enabled: true });
  const ticket = await api().post<{ workflow_mode: string; status: string }>('/tickets', {
    project_id,
    title: 'To be planned',
    description: 'Later.',
  });
  expect(ticket).toMatchObject({ workflow_mode: 'spec_driven', status: 'backlog' });
  expect(await set({ auto_advance: true })).toMatchObject({ status: 422 });
  const log = await api().get<Answer<typeof listProjectChanges>>(`/projects/${project_id}/changes?limit=2`);
  expect(log.items.map(({ changes }) => changes)).toEqual([
    { 'settings.spec_driven_mode_enabled': { old: null, new: true } },
    { 'settings.auto_advance_phases': { old: null, new: false } },
  ]);
  expect(log.items[0]?.by).toContain('@');
  const rest = await api().get<Answer<typeof listProjectChanges>>(
    `/projects/${project_id}/changes?cursor=${log.next_cursor}`,
  );
  expect(rest.items.map(({ changes }) => Object.keys(changes))).toEqual([['settings.require_approval_gates']]);
});

test('[PLAN-31] a spec is inspected, written as files and started from the command line', async () => {
  const { id: project_id } = await newProject();
  const { body: spec } = await draft({ project_id, title: 'By hand' });
  const folder = mkdtempSync(path.join(tmpdir(), 'spec-'));
  const omoios = (...args: string[]) => {
    const ran = spawnSync(
      process.execPath,
      [path.join(rootDir, 'scripts/cli/omoios.js'), 'spec', ...args, '--api', shared.url],
      {
        encoding: 'utf8',
        cwd: folder,
        env: { ...process.env, OMOIOS_API_KEY: ownerKey() },
      },
    );
    return { code: ran.status, said: ran.stdout + ran.stderr };
  };
  expect(omoios('sync-markdown', spec.id, '--dry-run')).toEqual({ code: 0, said: '.omoios/SPEC_SUMMARY.md\n' });
  expect(existsSync(path.join(folder, '.omoios'))).toBe(false);
  expect(omoios('sync-markdown', spec.id, '--out', 'plan').code).toBe(0);
  expect(readFileSync(path.join(folder, 'plan/SPEC_SUMMARY.md'), 'utf8')).toContain('title: By hand');
  expect(omoios('inspect', spec.id, '--phases', 'prd', '--json')).toMatchObject({
    code: 0,
    said: expect.stringContaining('"pending"') as string,
  });
  expect(omoios('create-tickets', spec.id, '--dry-run').said).toContain('has no plan yet');
  const failures = [
    omoios('run', spec.id),
    omoios('run-phase', spec.id, 'cooking'),
    omoios('run-phase', spec.id, 'prd'),
    omoios('create-tickets', spec.id),
  ];
  expect(failures.map(({ code }) => code !== 0)).toEqual([true, true, true, true]);
  expect(failures[0]?.said).toContain('Describe the feature first');
  expect(failures[1]?.said).toContain('explore');
});
