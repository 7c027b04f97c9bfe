import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Services } from '#activities/ports/services.ts';
import type { Store } from '#activities/ports/store.ts';
import { loadConfig } from '#activities/services/config.ts';
import { artifactsOf } from '#activities/task/artifacts.ts';
import { pushWork } from '#activities/task/push-work.ts';
import { settleDraft } from '#activities/ticket/draft.ts';
import { createPullRequests, type OpenedPullRequest } from '#activities/ticket/pull-request.ts';
import { applyMigrations } from '#prisma/migrator.ts';
import type { Project } from '#prisma/store/projects.ts';
import { openDatabase } from '#scripts/supervisor/database-server.ts';
import { openCodeHosts, type HostPlace } from '#tests/ports/local/code-hosts.ts';
import { newPlace, openStore } from '#tests/support/own-store.ts';

let store: Store;
let hosts: Awaited<ReturnType<typeof openCodeHosts>>;
let owned: Awaited<ReturnType<typeof newPlace>>;
let close: () => Promise<void>;

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'omoios-pulls-'));
  const database = await openDatabase({ socketDir: folder });
  await applyMigrations(database.url);
  store = openStore(database.url);
  owned = await newPlace(store, 'pulls');
  hosts = await openCodeHosts();
  close = async () => {
    hosts.close();
    await store.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(() => close());

/** What the steps under test need of the services. */
const servicesOf = ({ host: codeHost }: HostPlace) =>
  ({
    store,
    codeHost,
    repositories: hosts.repositories,
    config: loadConfig({ data_dir: '/nowhere' }, {}),
    log: { warn: () => undefined },
    model: { scripted: false },
  }) as unknown as Services;

async function newProject(settings: object, open: (id: string) => Promise<HostPlace>) {
  const id = randomUUID();
  const place = await open(id);
  const { path: repository_path, url: repository_url } = place.project;
  const at = { organization_id: owned.organization.id, created_by: owned.owner.id };
  const project = await store.projects.create({
    ...at,
    ...{ id, name: `p ${id}`, default_branch: 'main', settings },
    ...(repository_path ? { repository_path } : {}),
    ...(repository_url ? { repository_url } : {}),
  });
  return { place, project, services: servicesOf(place) };
}

/** A spec at work, with a ticket of two tasks: the first one's commit is on the spec's branch. */
async function newSpec(place: HostPlace, project: Project, files: Record<string, string>, from = place.base) {
  const at = { organization_id: owned.organization.id, project_id: project.id };
  const text = { title: 'Greeting', description: 'Greets.' };
  const spec = await store.specs.create({
    ...{ ...at, ...text, id: randomUUID(), user_id: null, status: 'created' },
    ...{
      gate_policy: { mode: 'auto', score: 0.7, phases: [], timeout_seconds: null },
      plan: { version: 1, phases: [] },
      content_hash: randomUUID(),
    },
  });
  await store.specs.update(at.organization_id, spec.id, { status: 'executing' });
  const branch = `spec/${spec.id.slice(0, 8)}`;
  await store.branches.claimForSpec(spec.id, { branch, base_sha: place.base, start: place.base });
  const { head_sha } = place.work(branch, files, from);
  const work = { ...at, priority: 'LOW', phase_id: 'PHASE_IMPLEMENTATION', spec_id: spec.id };
  const { ticket } = await store.tickets.create({
    ...{ ...work, ...text, id: randomUUID(), user_id: null },
    ...{ status: 'building', workflow_mode: 'spec_driven' },
  });
  const [first, second] = await Promise.all(
    ['Say hello', 'Say goodbye'].map((title) =>
      store.tasks.create({ ...work, title, description: 'd', ticket_id: ticket.id, task_type: 'implement_feature' }),
    ),
  );
  for (const status of ['claiming', 'assigned', 'running', 'completed'])
    await store.tasks.move(at.organization_id, first?.id ?? '', status, { patch: { base_sha: place.base, head_sha } });
  return { spec, branch, head_sha, second, ref: { organization_id: at.organization_id, spec_id: spec.id } };
}

const run = <I>(activity: (input: I) => Promise<OpenedPullRequest>, input: I) =>
  new MockActivityEnvironment().run(activity, input);
const pullOf = async (ref: { organization_id: string; spec_id: string }) =>
  (await store.pullRequests.list(ref.organization_id, { spec_id: ref.spec_id }, { limit: 5 })).items;

const hello = { 'hello.js': 'export const hello = 1;\n' };

test('[PLAN-20] a pull request that is opened early says which tasks are missing, and is the one that the end completes', async () => {
  const { place, project, services } = await newProject({}, hosts.local);
  const { spec, second, ref, head_sha } = await newSpec(place, project, hello);
  const steps = createPullRequests(services);

  const early = await run(steps.openEarlyPull, ref);
  expect(early).toMatchObject({ opened: true, number: 1 });
  const [pull] = await pullOf(ref);
  expect(pull).toMatchObject({ head_sha, checks: [], state: 'open' });
  expect(pull?.body).toContain(`## Not complete yet\n\n- ${second?.key}: Say goodbye (pending)`);
  expect(pull?.body).toContain('- [ ] No check of the whole has passed yet.');
  expect((await store.specs.get(ref.organization_id, spec.id)).status).toBe('executing');
  expect(await run(steps.openEarlyPull, ref)).toEqual(early);

  await store.tasks.move(ref.organization_id, second?.id ?? '', 'cancelled', {});
  expect(await run(steps.openPullRequest, { ...ref, ticket_id: null })).toEqual(early);
  const all = await pullOf(ref);
  expect(all).toHaveLength(1);
  expect(all[0]?.body).not.toContain('Not complete yet');
  expect((await store.specs.get(ref.organization_id, spec.id)).status).toBe('pr_created');
  expect(place.numbers()).toEqual([1]);
});

test('[EXEC-18] work without a changed file has no pull request, and a project that wants none has its branch', async () => {
  const { place, project, services } = await newProject({ require_pr_created: false }, hosts.local);
  const steps = createPullRequests(services);
  const { head_sha: changed } = place.work('side', { 'a.txt': 'other\n' });
  const same = await newSpec(place, project, { 'a.txt': 'a\n' }, changed);
  expect(await run(steps.openPullRequest, { ...same.ref, ticket_id: null })).toEqual({
    opened: false,
    reason: `The commits of ${same.branch} change no file when they are taken together, so there is nothing to open a pull request for.`,
  });
  const { ref, branch, head_sha } = await newSpec(place, project, hello);
  expect(await run(steps.openPullRequest, { ...ref, ticket_id: null })).toMatchObject({ opened: false, done: true });
  expect(place.git('rev-parse', branch)).toBe(head_sha);
  expect([place.numbers(), await pullOf(ref)]).toEqual([[], []]);
  // A person who wants one all the same gets it, and the end of the work keeps it up to date.
  expect(await run(steps.openEarlyPull, ref)).toMatchObject({ opened: true });
  expect(await run(steps.openPullRequest, { ...ref, ticket_id: null })).toMatchObject({ opened: true, number: 1 });
});

test('[EXEC-18] the work of a task is read again at its repository, and one that does not have it is not taken', async () => {
  const { place, project, services } = await newProject({}, hosts.local);
  const { head_sha } = place.work('task/one', hello);
  await pushWork(services, project, 'task/one', head_sha);
  expect(place.git('rev-parse', 'task/one')).toBe(head_sha);

  // The code host says that it has a branch, and has it not.
  const codeHost = { ...place.host, pushBranch: () => Promise.resolve() };
  const two = place.work('task/two', hello);
  const push = (settings: object) =>
    pushWork({ ...services, codeHost }, { ...project, settings }, 'task/two', two.head_sha);
  await expect(push({})).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/has it not at all.*set require_code_pushed of the project to false/),
  });
  await push({ require_code_pushed: false });
});

test('[EXEC-18] the artifacts of a task count what its work changed, and a coverage that nothing measured is unverified', async () => {
  const { place, project, services } = await newProject({}, hosts.local);
  const { head_sha } = place.work('task/three', { ...hello, 'test/hello.test.js': 'a\nb\n', 'a.txt': 'changed\n' });
  const change = { base_sha: place.base, head_sha };
  const check = { command: 'npm test', exit_code: 0, output: 'Lines        : 85.71% ( 6/7 )\n' };
  expect(await artifactsOf(services, project.id, change, check)).toEqual({
    code_changes: { files_changed: 3, insertions: 4, deletions: 1, test_files: 1 },
    test_coverage: { state: 'measured', percent: 85.71, command: 'npm test' },
  });
  expect(await artifactsOf(services, project.id, undefined, { ...check, output: 'all 12 passed' })).toMatchObject({
    code_changes: { files_changed: 0 },
    test_coverage: { state: 'unverified', percent: null },
  });
});

test('a draft that the code host refuses holds no work up, and its pull request says why', async () => {
  let play: Awaited<ReturnType<typeof hosts.github>> | undefined;
  const { place, project, services } = await newProject({}, async (id) => (play = await hosts.github(id)));
  const { spec, second, branch, head_sha } = await newSpec(place, project, hello);
  const opened = await place.open('other', hello);
  const row = await store.pullRequests.open(
    {
      ...{ organization_id: project.organization_id, project_id: project.id, spec_id: spec.id },
      ...{ business_key: `spec:${spec.id}`, title: 't', body: 'b', branch, base: 'main', base_sha: place.base },
      ...{ head_sha, provider: 'github', checks: [] },
    },
    { provider_id: opened.provider_id, number: opened.number, url: () => opened.url },
  );
  const settle = async () => {
    await settleDraft(services, row.organization_id, row.id);
    return (await store.pullRequests.get(row.organization_id, row.id)).host_state.draft;
  };
  const { token } = play ?? {};
  if (play) play.token = undefined;
  expect(await settle()).toMatchObject({
    state: 'refused',
    note: expect.stringMatching(/^Work on it goes on: "Say goodbye".*has no draft of it: /),
  });
  await store.tasks.move(row.organization_id, second?.id ?? '', 'cancelled', {});
  expect(await settle()).toBeUndefined();

  // One that it made, and does not make ready: the next look tries again.
  await store.pullRequests.noteHostState(row.organization_id, row.id, { draft: { state: 'held', note: 'n' } });
  expect(await settle()).toMatchObject({ state: 'held', note: expect.stringContaining('does not make it ready') });
  if (play) play.token = token;
  expect(await settle()).toBeUndefined();
});

test('[GIT-06] a pull request whose maker died before it was labelled is labelled all the same, once', async () => {
  let play: Awaited<ReturnType<typeof hosts.github>> | undefined;
  const { place, project, services } = await newProject({}, async (id) => (play = await hosts.github(id)));
  const { ref } = await newSpec(place, project, hello);
  // The credential of the place is not one of the store.
  const pushBranch: HostPlace['host']['pushBranch'] = (_project, branch, sha) =>
    place.host.pushBranch(place.project, branch, sha);
  const steps = createPullRequests({ ...services, codeHost: { ...place.host, pushBranch } });
  const open = () => run(steps.openPullRequest, { ...ref, ticket_id: null });
  play?.github.fail(/POST .*\/labels$/, { when: 'before' });
  await expect(open()).rejects.toMatchObject({ code: 'unavailable' });
  expect(await open()).toMatchObject({ opened: true, number: 1 });
  const theirs = play?.github.pulls.at(-1);
  expect([place.numbers(), theirs?.labels]).toEqual([[1], ['omoios']]);
  // A label that people took off stays off.
  theirs?.labels.splice(0, 1);
  expect(await open()).toMatchObject({ opened: true, number: 1 });
  expect(theirs?.labels).toEqual([]);
});
