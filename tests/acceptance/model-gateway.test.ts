import { platformAccess } from '#activities/agent/sandbox-key.ts';
import { settleLostCalls } from '#server/usecases/model-gateway.ts';
import { eventually, type Api } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { sampleId } from '#tests/support/sample-input.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared, shared } from '#tests/support/shared.ts';

interface Spending {
  cost_micros: number;
}

/** A run whose agent waits, with the key of its sandbox. `answer` answers what comes through the gateway. */
async function waitingRun(answer: (request: Played) => Reply, settings: object = {}) {
  const played = await playOnShared((request): Reply => {
    if (request.raw.includes('by the gateway')) return answer(request);
    const value = answerValue(request);
    if (value) return value;
    return request.step === 0 ? { tools: [call('bash', { command: 'true' })] } : { hang: true };
  });
  const { id: project_id } = await newProject(api(), undefined, { network: 'registries', ...settings });
  const { task_id } = await api().post<{ task_id: string }>('/tickets', {
    project_id,
    title: `Wait ${played.word}`,
    description: 'Wait for a while.',
    workflow_mode: 'quick',
  });
  const { run_id } = await api().until<{ run_id: string }>(`/tasks/${task_id}`, (row) => row.run_id !== null);
  await eventually('the command has run', () => played.model.requests.some(({ step }) => step > 0), 60_000);
  const services = await stackServices({ sandbox: { api_url: shared.url } });
  const { organization_id } = await api().get<{ organization_id: string }>(`/projects/${project_id}`);
  const run = await services.store.runs.get(organization_id, run_id);
  const { env } = (await platformAccess(services, run)) as { env: Record<string, string> };
  const message = { role: 'user', content: [{ type: 'text', text: `by the gateway ${played.word}` }] };
  const ask = (body: object = {}, headers: Record<string, string> = {}, key = env.OMOIOS_SANDBOX_KEY ?? '') =>
    fetch(`${shared.url}/api/v1/sandboxes/${run_id}/model/v1/messages?beta=true`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify({ model: 'claude-haiku-5-5', max_tokens: 3000, messages: [message], ...body }),
    });
  const spent = async () => (await api().get<Spending>(`/runs/${run_id}`)).cost_micros;
  const close = async () => {
    await api().post(`/tasks/${task_id}/cancel`, {});
    await services.close();
    await played.stop();
  };
  const sandboxKey = env.OMOIOS_SANDBOX_KEY ?? '';
  return { played, run, sandboxKey, services, ask, spent, message, close };
}

const gatewayCosts = async (on: Api, runId: string) =>
  (await on.get<{ items: { id: string; cost_micros: number }[] }>(`/costs/records?run_id=${runId}`)).items.filter(
    ({ id }) => id.startsWith('gateway:'),
  );

test("[EXEC-16] a program in a sandbox asks the run's model with the sandbox's key, and the ledger has each answer", async () => {
  const usage = { input_tokens: 100, output_tokens: 50, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
  const { played, run, ask, spent, close } = await waitingRun(() => ({ text: 'Here.', usage }));
  const before = await spent();
  const answer = await ask({ stream: true });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const events = (await answer.text()).split('\n\n').flatMap((event) => /^event: (\S+)/.exec(event)?.[1] ?? []);
  expect(events.filter((type) => type !== 'ping')).toEqual([
    ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta'],
    'message_stop',
  ]);
  const whole = await ask();
  expect(await whole.json()).toMatchObject({ role: 'assistant', content: [{ type: 'text', text: 'Here.' }] });
  const passed = played.model.requests.filter(({ raw }) => raw.includes('by the gateway'));
  // The run decides the model, and the provider sees no key of a sandbox.
  expect(passed.map(({ body }) => [body.model, body.metadata])).toEqual(
    [1, 2].map(() => [run.model, { user_id: `run:${run.id}` }]),
  );
  expect([...played.model.keys].join()).not.toContain('sk_agent_');
  const costs = await gatewayCosts(api(), run.id);
  expect(costs).toHaveLength(2);
  expect(costs[0]?.cost_micros).toBeGreaterThan(0);
  expect(await spent()).toBe(before + 2 * (costs[0]?.cost_micros ?? 0));
  await close();
});

test('[EXEC-16] the gateway refuses what would leave the limits of the run, in a way that ends the client, and nothing is spent', async () => {
  let asked = 0;
  const { run, sandboxKey, ask, close, message } = await waitingRun(() => {
    asked += 1;
    return { text: 'Here.' };
  });
  const refusal = async (answer: Response) => {
    const { error } = (await answer.json()) as { error: { type: string; message: string } };
    return [answer.status, error.type, error.message] as const;
  };
  const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
  expect(await refusal(await ask({ tools }))).toEqual([
    400,
    'invalid_request_error',
    expect.stringContaining('tools.0.type: tools that the provider runs are not passed on'),
  ]);
  expect(await refusal(await ask({ mcp_servers: [] }))).toEqual([400, 'invalid_request_error', expect.anything()]);
  expect(await refusal(await ask({ max_tokens: 0 }))).toEqual([400, 'invalid_request_error', expect.anything()]);
  expect((await ask({}, {}, 'sk_agent_other')).status).toBe(401);
  expect((await api().request('POST', `/runs/${run.id}/model/v1/messages`, { messages: [message] })).status).toBe(400);
  const elsewhere = await fetch(`${shared.url}/api/v1/sandboxes/${sampleId}/model/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${sandboxKey}` },
    body: JSON.stringify({ max_tokens: 1, messages: [message] }),
  });
  expect(elsewhere.status).toBe(404);
  await api().post('/costs/budgets', { scope_type: 'run', scope_id: run.id, limit_amount: 0.01 });
  expect(await refusal(await ask({ stream: true }))).toEqual([
    403,
    'permission_error',
    expect.stringMatching(/budget of this run is .* Raise it, and the run continues\./),
  ]);
  expect(asked).toBe(0);
  expect(await gatewayCosts(api(), run.id)).toEqual([]);
  await close();
});

test('[EXEC-16] a call that is lost with its process is charged once with the money that was reserved for it', async () => {
  const { run, services, spent, close } = await waitingRun(() => ({ text: 'Here.' }));
  const { store } = services;
  const key = store.gatewayCalls.keyOf(run.id, 'lost');
  const scopes = [{ type: 'run', id: run.id }] as const;
  await store.budgets.reserve({
    key,
    organization_id: run.organization_id,
    run_id: run.id,
    scopes: [...scopes],
    wanted: 70_000,
    least: 70_000,
  });
  const before = await spent();
  await settleLostCalls(services);
  expect(await gatewayCosts(api(), run.id)).toEqual([]);
  await store.gatewayCalls.renew(key, -1);
  await Promise.all([settleLostCalls(services), settleLostCalls(services)]);
  await settleLostCalls(services);
  expect(await gatewayCosts(api(), run.id)).toMatchObject([{ id: key, cost_micros: 70_000 }]);
  expect(await spent()).toBe(before + 70_000);
  await close();
});
