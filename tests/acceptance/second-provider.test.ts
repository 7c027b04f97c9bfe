import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Rotation } from '#activities/services/rotate-secrets.ts';
import { Github } from '#tests/support/github.ts';
import { startIdentityProviders } from '#tests/support/identity-providers.ts';
import { findTexts, plantSecrets } from '#tests/support/planted-secrets.ts';
import { ProcessSampler } from '#tests/support/process-sampler.ts';
import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { watch, type Play } from '#tests/evaluation/support/session.ts';
import type { Answer } from '#server/contracts/client.ts';
import { eventually } from '#tests/support/api.ts';
import type { Progress } from '#workflows/contracts/progress.ts';
import type { report } from '#server/contracts/report.ts';
import type { getRun } from '#server/contracts/runs.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { newProject } from '#tests/support/shared.ts';
import { playTracker, trackerProject } from '#tests/support/tracker.ts';

type Run = Answer<typeof getRun>;

let own: OwnStack;
let identity: Awaited<ReturnType<typeof startIdentityProviders>>;
let planted: Awaited<ReturnType<typeof plantSecrets>>;
let processes: ProcessSampler;
const [firstKey, nextKey] = ['a'.repeat(40), 'b'.repeat(40)];
beforeAll(async () => {
  const github = new Github();
  identity = await startIdentityProviders(undefined, github.serve.bind(github));
  github.url = identity.env.GITHUB_URL ?? '';
  own = await OwnStack.start({
    MODEL_PROVIDER: 'openai',
    OMOIOS_MODEL_CONCURRENT_CALLS: '1',
    OMOIOS_MEMORY_REFLECT_WITH: 'model',
    OMOIOS_OUTBOUND_ALLOW: '127.0.0.1',
    OMOIOS_SERVER_LOG_LEVEL: 'debug',
    CODE_HOST: 'github',
    SECRETS_KEY: firstKey,
    SECRETS_OTHER_KEYS: nextKey,
    // The same hour twice: it is always night.
    OMOIOS_NIGHT_RAISE_USD: '0.4',
    OMOIOS_NIGHT_FROM: '00:00',
    OMOIOS_NIGHT_UNTIL: '00:00',
    ...identity.env,
  });
  // From the beginning: git of the connected repositories is looked at too.
  processes = new ProcessSampler(path.basename(own.stack.address.dataDir));
  planted = await plantSecrets(own.stack, firstKey, { provider: 'openai', base_url: `${own.model.url}/v1` }, github);
});
afterAll(async () => {
  processes.stop();
  await own.stop();
  identity.stop();
});

test('[MEM-02] a spec becomes a pull request with the second provider, and no finished turn is asked again after a crash', async () => {
  const { api, model } = own;
  let held = true;
  const played = await own.play((request) => {
    if (held && request.context.task_ref === 'TSK-001' && request.step === 1) {
      held = false;
      own.stack.kill('application');
      return { hang: true };
    }
    return playTracker(request, played.word);
  });
  const { id: project_id, repository } = await newProject(api, trackerProject);
  const { spec_id } = await api.post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: `Export tasks ${played.word}`,
    description: 'All tasks as a CSV file.',
    auto_execute: true,
  });
  const spec = await api.until<{ status: string; branch: string; last_error: string | null }>(
    `/specs/${spec_id}`,
    ({ status }) => ['pr_created', 'failed'].includes(status),
    180_000,
  );
  expect(spec).toMatchObject({ status: 'pr_created', last_error: null });
  expect(held).toBe(false);
  expect(repository.show(spec.branch, 'src/routes/export.js')).toContain('text/csv');

  // The small model says what the attempts taught, once for each, and the rule in it stands once.
  const memories = await api.all<{ type_reason: string; memory_type: string }>(`/memory?project_id=${project_id}`);
  expect(memories).toContainEqual(
    expect.objectContaining({ type_reason: 'It says where things are.', memory_type: 'codebase_knowledge' }),
  );
  const rules = await api.all<{ content: string }>(`/playbook?project_id=${project_id}`);
  expect(rules.map(({ content }) => content)).toEqual(['Exports are modules of their own.']);
  expect(new Set(model.openAiModels)).toEqual(new Set(['gpt-6.2-sol', 'gpt-6-luna']));
  expect(model.openAiModels).toHaveLength(model.requests.length);
  const runs = await api.all<{ id: string; turn: number; provider: string }>(`/runs?project_id=${project_id}`);
  expect(runs.length).toBeGreaterThan(5);
  expect(new Set(runs.map(({ provider }) => provider))).toEqual(new Set(['openai']));
  // The crash took the requests that were under way, and nothing else.
  const again = runs.map(({ id, turn }) => model.of(`run:${id}`).length - turn);
  expect(Math.min(...again)).toBe(0);
  expect(Math.max(...again)).toBe(1);

  // The stack has used a secret of each kind: none is in its tables, histories, logs and other files.
  expect([...model.keys]).toEqual([planted.secrets['own model key']]);
  const found = await findTexts(own.stack, { ...planted.secrets, spec: spec_id });
  expect(found.filter((place) => !place.startsWith('spec: '))).toEqual([]);
  // Nor do processes show one: on the machine by their command lines, in sandboxes by their environments too.
  expect(processes.inSandboxes).toBeGreaterThan(0);
  expect(processes.find(planted.secrets)).toEqual([]);
  // The data folder of the stack proves that command lines were looked through, and the PATH that environments were.
  const shown = processes.find({ folder: own.stack.address.dataDir, path: 'PATH=' });
  expect(shown).toEqual(expect.arrayContaining(['folder: command line', 'path: environment of a sandbox']));
  // The id of the feature proves that they were looked through.
  const places = ['table specs', `history spec:${spec_id}`, 'file logs/application.log'];
  expect(found).toEqual(expect.arrayContaining(places.map((place) => `spec: ${place}`)));
}, 240_000);

test('[CONF-04] stored secrets are encrypted with another key while the servers run, batch by batch', async () => {
  const rotate = (to: string, other: string): Rotation & { exit: number | null } => {
    const env = {
      ...process.env,
      OMOIOS_DATA_DIR: own.stack.address.dataDir,
      SECRETS_KEY: to,
      SECRETS_OTHER_KEYS: other,
    };
    const args = ['scripts/cli/omoios.js', 'secrets', 'rotate', '--json'];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
    return { ...(JSON.parse(stdout) as Rotation), exit: status };
  };
  expect(await planted.signIn()).toBe(200);
  const strange = rotate('c'.repeat(40), nextKey);
  expect(strange).toMatchObject({ exit: 1, changed: 0 });
  const [count = 0] = Object.values(strange.unreadable);
  // A model key, the token of a repository, a second factor, tokens of a provider, the secret of a webhook.
  expect(count).toBeGreaterThanOrEqual(5);
  expect(rotate(nextKey, firstKey)).toMatchObject({ exit: 0, changed: count, unreadable: {} });
  expect(rotate(nextKey, firstKey)).toMatchObject({ exit: 0, changed: 0 });
  expect(await planted.signIn()).toBe(200);
});

test('a call beyond the limit of its provider waits where people see it; a stop, a pause and a message reach it', async () => {
  const { api } = own;
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const seen = new Set<string>();
  let holder: string | undefined;
  const played = await own.play(async (request) => {
    const value = answerValue(request);
    if (value) return value;
    seen.add(request.user_id);
    if (seen.size === 4) {
      holder ??= request.user_id;
      if (request.user_id === holder) await held;
    }
    return { tools: [call('bash', { command: 'sleep 0.1' })] };
  });
  const { id: project_id } = await newProject(api);
  for (const title of ['One', 'Two', 'Three', 'Four'])
    await api.post('/tickets', {
      project_id,
      title: `${title} ${played.word}`,
      description: 'Keep busy.',
      workflow_mode: 'quick',
      force_create: true,
    });
  const runs = () => api.all<Run>(`/runs?project_id=${project_id}&kind=task`);
  const waiting = async () => (await runs()).filter((run) => run.waiting_for === 'model');
  await eventually('three of four wait', async () => (await waiting()).length === 3);
  const [paused, stopped, steered] = (await waiting()) as [Run, Run, Run];
  expect(steered).toMatchObject({
    status: 'waiting',
    waiting_reason: expect.stringMatching(/^All calls that openai may get .* \(model.concurrent_calls: 1\), and \d /),
  });
  const temporal = await own.stack.temporal();
  const progressOf = (run: Run) => temporal.client.workflow.getHandle(`run:${run.id}`).query<Progress>('progress');
  expect(await progressOf(steered)).toMatchObject({ state: 'waiting', waiting_for: 'model' });

  const is = (run: Run, status: string) => api.until<Run>(`/runs/${run.id}`, (row) => row.status === status, 20_000);
  await api.post(`/runs/${stopped.id}/stop`);
  expect(await is(stopped, 'cancelled')).toMatchObject({ turn: stopped.turn, waiting_for: null });
  await api.post(`/runs/${paused.id}/pause`);
  await is(paused, 'paused');
  await api.post(`/runs/${steered.id}/steer`, { kind: 'refocus', message: 'Look at the tests.' });
  expect((await api.get<Run>(`/runs/${steered.id}`)).waiting_for).toBe('model');

  release();
  await is(steered, 'running');
  await eventually(
    'the message came with its next turn',
    () => own.model.of(`run:${steered.id}`).at(-1)?.text.includes('Look at the tests.') ?? false,
  );
  expect(await progressOf(steered)).toMatchObject({ state: 'running', waiting_for: null });
  expect((await api.get<Run>(`/runs/${paused.id}`)).turn).toBe(paused.turn);
  await temporal.close();
  await played.stop();
}, 120_000);

test('[BILL-17] at night a run at its limit is raised once by the set amount, then waits; run and report say so', async () => {
  const dear = { usage: { input_tokens: 20_000, output_tokens: 4000 } };
  const play: Play = (turn) => ({ tools: [call('bash', { command: `echo ${turn}` })], ...dear });
  await watch(play, { on: own, settings: { limits: { max_usd: 0.3 } } }, async (session) => {
    const waiting = await session.run((run) => run.status === 'waiting' && run.waiting_for === 'budget');
    expect(waiting.waiting_reason).toMatch(
      /^The budget of this run is too low: \$0\.\d+ of \$0\.70 is left, and .* up to \$0\.\d+\. Raise it/,
    );
    expect(waiting.cost_micros).toBeGreaterThan(300_000);
    expect(waiting.cost_micros).toBeLessThanOrEqual(700_000);
    const raises = (await session.events(waiting)).filter(({ type }) => type === 'run.limits_raised');
    expect(raises.map(({ data }) => data)).toEqual([
      expect.objectContaining({ by: 'night policy', max_usd: 0.7, raised_micros: 400_000 }),
    ]);
    const { night_raises } = await session.api.get<Answer<typeof report>>('/report');
    expect(night_raises).toEqual([
      expect.objectContaining({ run_id: waiting.id, raised_micros: 400_000, max_usd: 0.7 }),
    ]);
    expect(await session.api.get(`/runs/${waiting.id}`)).toMatchObject({
      limits: { max_usd: 0.7, raised_at_night_usd: 0.4 },
    });
  });
});
