import { execFileSync } from 'node:child_process';
import type { Answer } from '#server/contracts/client.ts';
import type { phaseData } from '#server/contracts/specs.ts';
import type { watchStatus } from '#server/contracts/watching.ts';
import type { Api } from '#tests/support/api.ts';
import { eventually } from '#tests/support/api.ts';
import { processesAt } from '#tests/chaos/leftovers.ts';
import { LiveFeed, type LiveEvent } from '#tests/support/live-feed.ts';
import { PlayedModel, type Played, type Reply } from '#tests/support/played-model.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { TestStack } from '#tests/support/stack.ts';
import { planPhase, playTracker, trackerProject } from '#tests/support/tracker.ts';

type PhaseData = Answer<typeof phaseData>;
type Status = Answer<typeof watchStatus>;

let script: (request: Played) => Reply | Promise<Reply> = () => ({ hang: true });
let model: PlayedModel;
let stack: TestStack;

beforeAll(async () => {
  model = await new PlayedModel((request) => script(request)).start();
  stack = await TestStack.start({
    MODEL_PROVIDER: 'anthropic',
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'test-key-of-nobody',
    OMOIOS_SERVER_LOG_LEVEL: 'debug',
    OMOIOS_PHASE_RETRY_BACKOFF: '0.1',
    OMOIOS_MONITORING_GUARDIAN_INTERVAL: '1',
    OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '2',
    OMOIOS_MONITORING_HEALTH_INTERVAL: '1',
    OMOIOS_MONITORING_MINIMUM_AGE: '0.001',
  });
}, 240_000);
afterAll(async () => {
  await stack.stop();
  await model.stop();
});

async function project(files = trackerProject): Promise<{ api: Api; project_id: string; repository: TestRepository }> {
  const repository = new TestRepository(files);
  const { id } = await stack.api.post<{ id: string }>('/projects', {
    name: 'tracker',
    repository: { path: repository.path },
  });
  return { api: stack.api, project_id: id, repository };
}
const lines = () =>
  stack
    .log('application')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('running it', () => {
  test('[PLAN-10] [EVT-01] killed in DESIGN, planning continues there: earlier phases ran once, and no event is missing', async () => {
    let inDesign = () => {};
    const reached = new Promise<void>((resolve) => (inDesign = resolve));
    let held = true;
    script = (request) => {
      if (request.context.phase === 'design' && held) {
        inDesign();
        return { hang: true };
      }
      return answerValue(request) ?? planPhase(request);
    };
    const { api, project_id } = await project();
    const feed = await LiveFeed.open(api.url, api.key);
    await feed.say('{"type":"subscribe"}');
    const { spec_id } = await api.post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: 'Export',
      description: 'Tasks as a CSV file.',
      auto_execute: true,
      gate_policy: { mode: 'ask', phases: ['design'] },
    });
    await reached;
    const before = feed.events.at(-1)?.seq as number;
    stack.kill('application');
    held = false;
    await eventually('the feed breaks', () => feed.closed !== undefined);
    await stack.ready();
    const again = await LiveFeed.open(api.url, api.key, `after=${before}`);
    await api.until<{ waiting_for: string }>(`/specs/${spec_id}`, (spec) => spec.waiting_for === 'gate', 90_000);
    const { phases } = await api.get<PhaseData>(`/specs/${spec_id}/phase-data`);
    const attempts = Object.fromEntries(
      phases.map((phase) => [phase.phase, phase.attempts.map((attempt) => attempt.status)]),
    );
    expect(attempts).toMatchObject({
      explore: ['passed'],
      prd: ['passed'],
      requirements: ['passed'],
      design: ['passed'],
    });
    const asked = (phase: string) =>
      model.requests
        .filter((request) => request.context.phase === phase && request.context.spec_id === spec_id)
        .map((request) => request.step);
    expect(asked('explore')).toEqual([0, 1]);
    expect(asked('requirements')).toEqual([0]);
    expect(
      new Set(model.requests.filter((request) => request.context.phase === 'design').map((request) => request.user_id))
        .size,
    ).toBe(1);

    await eventually('the gate is told of', () => again.events.some((event) => event.type === 'spec.gate_waiting'));
    const received = [...feed.events, ...again.events].map((event) => event.seq);
    const table = (
      await api.get<{ items: LiveEvent[] }>(`/events?after=${(received[0] ?? 1) - 1}&limit=1000`)
    ).items.map((event) => event.seq);
    expect(received).toEqual(table.filter((seq) => seq <= (received.at(-1) ?? 0)));
    again.close();
    await api.post(`/specs/${spec_id}/cancel`);
  }, 240_000);

  test("[WATCH-01] the watchers' counts move; with the model broken the guardian's cycles fail and health ticks on", async () => {
    let broken = false;
    script = (request) => {
      if (request.context.kind === 'guardian' && broken)
        return { status: 500, error: { type: 'api_error', message: 'broken' } };
      if (request.context.kind !== 'task') return answerValue(request) ?? { text: '' };
      return { delay_ms: 150, tools: [call('bash', { command: `echo ${request.step} >> log.txt` })] };
    };
    const { api, project_id } = await project();
    const ticket = await api.post<{ id: string }>('/tickets', {
      project_id,
      title: 'Busy',
      description: 'Keep busy.',
      workflow_mode: 'quick',
    });
    const status = () => api.get<Status>(`/monitor/intelligent/status?project_id=${project_id}`);
    const loop = (at: Status, name: string) =>
      at.loops.find((entry) => entry.loop === name) ?? { loop: name, cycles: 0, failed: 0 };
    await eventually('all three loops have turned', async () => (await status()).loops.length === 3, 20_000);
    const one = await status();
    expect(one).toMatchObject({ running: true, metrics: { failed_cycles: 0, success_rate: 1 } });
    broken = true;
    await eventually('a cycle fails', async () => (await status()).metrics.failed_cycles > 0, 30_000);
    const two = await status();
    await eventually(
      'health ticks on',
      async () => loop(await status(), 'health').cycles > loop(two, 'health').cycles + 1,
      20_000,
    );
    const three = await status();
    expect(loop(three, 'health').failed).toBe(0);
    expect(three.metrics.total_cycles).toBe(three.metrics.successful_cycles + three.metrics.failed_cycles);
    expect(three.metrics.success_rate).toBeLessThan(1);
    const events = await api.all<{ type: string; data: { loop?: string } }>('/events?types=monitoring.cycle.failed');
    expect(events.map((event) => event.data.loop)).toContain('guardian');
    broken = false;
    await api.post(`/tickets/${ticket.id}/cancel`);
  }, 240_000);

  test('[OBS-02] one id leads from a request into the worker, and no line has a secret', async () => {
    script = (request) => playTracker(request);
    const { api, project_id } = await project();
    const answer = await api.request<{ spec_id: string }>(
      'POST',
      '/specs/launch',
      {
        project_id,
        title: 'Traced',
        description: 'Follow me.',
        auto_execute: true,
        gate_policy: { mode: 'ask', phases: ['prd'] },
      },
      { 'x-request-id': 'trace-me-7' },
    );
    expect(answer.headers.get('x-request-id')).toBe('trace-me-7');
    await api.until<{ waiting_for: string }>(`/specs/${answer.body.spec_id}`, (spec) => spec.waiting_for === 'gate');
    const traced = lines().filter((line) => line.request_id === 'trace-me-7');
    expect(traced.find((line) => line.msg === 'request')).toMatchObject({
      method: 'POST',
      path: '/api/v1/specs/launch',
      status: 201,
      user_id: expect.any(String),
      organization_id: expect.any(String),
      service: 'omoios',
      time: expect.stringMatching(/Z$/),
    });
    const done = traced
      .filter((line) => line.msg === 'activity')
      .map((line) => ({ workflow: String(line.workflow_id).split(':')[0], activity: line.activity }));
    expect(done).toEqual(
      expect.arrayContaining([
        { workflow: 'spec', activity: expect.any(String) },
        { workflow: 'spec', activity: 'preparePhase' },
        { workflow: 'run', activity: 'stretch' },
      ]),
    );
    const everything = stack.log('application');
    for (const secret of [api.key as string, 'test-key-of-nobody']) expect(everything).not.toContain(secret);
    await api.post(`/specs/${answer.body.spec_id}/cancel`);
  }, 240_000);

  test('[OBS-01] with the database away it is healthy and not ready, and says which part', async () => {
    const ask = async (path: string) => {
      const response = await fetch(`${stack.address.url}${path}`);
      return {
        status: response.status,
        body: (await response.json()) as { status: string; version?: string; parts?: Record<string, string> },
      };
    };
    expect(await ask('/health')).toEqual({
      status: 200,
      body: { status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) },
    });
    expect(await ask('/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', parts: { database: 'ok', temporal: 'ok' } },
    });
    const database = stack.pidOf('database');
    // Stopped, not killed: a killed process would restart before the request.
    process.kill(database, 'SIGSTOP');
    try {
      expect(await ask('/health')).toMatchObject({ status: 200 });
      const away = await ask('/ready');
      expect(away).toMatchObject({ status: 503, body: { status: 'not ready', parts: { temporal: 'ok' } } });
      expect(away.body.parts?.database).not.toBe('ok');
    } finally {
      process.kill(database, 'SIGCONT');
    }
    await stack.ready();
    const doctor = execFileSync(process.execPath, ['scripts/cli/omoios.js', 'doctor', '--json'], {
      encoding: 'utf8',
      env: stack.address.env,
    });
    expect(JSON.parse(doctor)).toEqual(expect.anything());
  }, 240_000);

  test('a stop leaves no process, whatever was killed before, also by a start that found what an earlier one left', async () => {
    const { api, project_id } = await project();
    script = (request) =>
      answerValue(request) ?? { tools: [call('bash', { command: 'sleep 4322', timeout_ms: 600_000 })] };
    const ticket = await api.post<{ id: string }>('/tickets', {
      project_id,
      title: 'Sleeps',
      description: 'Its command runs for more than an hour.',
      workflow_mode: 'quick',
    });
    const running = () => processesAt('sleep 4322').length > 0;
    await eventually('the command runs', running, 60_000);
    stack.kill('application');
    await stack.ready();
    stack.kill('supervisor');
    await stack.launch();
    expect(running()).toBe(true);
    await stack.stop({ keep: true });
    expect([...processesAt(stack.address.dataDir), ...processesAt('sleep 4322')]).toEqual([]);

    // The run continues on the files of its sandbox, and learns that its command did not end by itself.
    const asked = new Promise<Played>((resolve) => {
      script = (request) => {
        if (request.context.kind === 'task' && request.step > 0) resolve(request);
        return answerValue(request) ?? { hang: true };
      };
    });
    await stack.launch();
    expect((await asked).raw).toMatch(/137|interrupted|killed/);
    await stack.api.post(`/tickets/${ticket.id}/cancel`);
  }, 240_000);

  test('[PLAN-04] an agent that hangs is given up when its time is over, and the phase tried again', async () => {
    await stack.stop({ keep: true });
    stack.address.env.OMOIOS_PHASE_TIMEOUT = '5';
    await stack.launch();
    const { project_id } = await project();
    script = (request) =>
      request.context.phase === 'explore' && (request.context.attempt ?? 1) === 1
        ? { hang: true }
        : (answerValue(request) ?? planPhase(request));
    const { spec_id } = await stack.api.post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: 'Hangs',
      description: 'The first agent never answers.',
      auto_execute: true,
      gate_policy: { mode: 'ask', phases: ['explore', 'prd'] },
    });
    await stack.api.until<{ waiting_for: string }>(`/specs/${spec_id}`, (spec) => spec.waiting_for === 'gate', 90_000);
    const [explore] = (await stack.api.get<PhaseData>(`/specs/${spec_id}/phase-data`)).phases;
    expect(explore?.attempts.map((attempt) => attempt.status)).toEqual(['failed', 'passed']);
    expect(explore?.attempts[0]?.feedback).toMatch(/time/);
    await stack.api.post(`/specs/${spec_id}/cancel`);
  }, 240_000);

  test('a phase that runs out of time asks a person and does not end the spec; a retry continues with it', async () => {
    const { project_id } = await project();
    let hangs = true;
    script = (request) => (hangs ? { hang: true } : (answerValue(request) ?? planPhase(request)));
    const { spec_id } = await stack.api.post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: 'Hangs',
      description: 'No agent answers for now.',
      auto_execute: true,
      gate_policy: { mode: 'ask', phases: ['explore'] },
    });
    const waiting = await stack.api.until<{ status: string; waiting_for: string; last_error: string }>(
      `/specs/${spec_id}`,
      (spec) => spec.status !== 'executing',
      90_000,
    );
    expect(waiting).toMatchObject({ status: 'waiting', waiting_for: 'person' });
    expect(waiting.last_error).toMatch(/^The phase explore failed: .*time.*retry the spec/);
    hangs = false;
    await stack.api.post(`/specs/${spec_id}/retry`, {});
    await stack.api.until<{ waiting_for: string }>(`/specs/${spec_id}`, (spec) => spec.waiting_for === 'gate', 90_000);
    await stack.api.post(`/specs/${spec_id}/cancel`);
  }, 240_000);
});
