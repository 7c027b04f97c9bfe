import type { getTask } from '#server/contracts/tasks.ts';
import type { Answer } from '#server/contracts/client.ts';
import { loadConfig } from '#activities/services/config.ts';
import { newPerson } from '#tests/support/people.ts';
import { answerValue, call, finishTask } from '#tests/support/scripts.ts';
import { newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { workflowId } from '#workflows/contracts/ids.ts';

type Task = Answer<typeof getTask>;

test('[CONF-03] an organization without guardian, discoveries, validation and memory gets no analysis, no further work, no review and no memory', async () => {
  const { api, organization_id } = await newPerson();
  const set = (settings: object) => api.request('PATCH', `/organizations/${organization_id}`, { settings });
  const parts = { enable_guardian: false, enable_discoveries: false, enable_validation: false, enable_memory: false };
  expect(await set(parts)).toMatchObject({ status: 200 });
  const kinds = new Set<string>();
  let refused = '';
  const reported = { type: 'bug', description: 'half(3) is not a whole number' };
  let looked = () => undefined as void;
  const looks = new Promise<void>((resolve) => (looked = resolve));
  const played = await playOnShared(async (request) => {
    kinds.add(request.context.kind);
    const value = answerValue(request);
    if (value) return value;
    if (request.step === 0) return { tools: [call('report_discovery', reported)] };
    if (request.step === 1) refused = request.last;
    await looks;
    return finishTask(
      { ...request, step: request.step - 1 },
      { 'src/double.js': 'export const double = (n) => 2 * n;\n' },
    );
  });
  const { id: project_id } = await newProject(api);
  const { id, task_id } = await api.post<{ id: string; task_id: string }>('/tickets', {
    project_id,
    title: `Double ${played.word}`,
    description: 'double(n) in src/double.js',
    workflow_mode: 'quick',
  });
  const { items } = await api.until<{ items: { id: string; turn: number }[] }>(
    `/runs?task_id=${task_id}`,
    ({ items: [run] }) => (run?.turn ?? 0) > 0,
  );
  const off = { status: 409, body: { message: expect.stringContaining('The organization has turned') } };
  expect(await api.request('POST', `/monitor/intelligent/analyze/${items[0]?.id}?force=true`)).toMatchObject(off);
  expect(await api.request('POST', `/tasks/${task_id}/discoveries`, reported)).toMatchObject(off);
  looked();
  await api.until<Task>(`/tasks/${task_id}`, ({ status }) => status === 'completed');
  expect(refused).toContain('Discoveries are turned off here');
  expect([...kinds]).not.toContain('validation');
  expect([...kinds]).not.toContain('guardian');
  // The pull request comes after the task's last step, which would have begun to learn from it.
  await api.until<{ items: unknown[] }>(`/pull-requests?ticket_id=${id}`, ({ items: opened }) => opened.length > 0);
  const { client, close } = await temporalClient();
  await expect(client.workflow.getHandle(workflowId.memory(task_id, 1)).describe()).rejects.toThrow(/not found/i);
  await close();
  await played.stop();

  for (const [flag, message] of [
    ['enable_billing', 'OMOIOS_BILLING_ENFORCE'],
    ['enable_budget_tracking', 'cannot be turned off'],
    ['enable_guardians', 'Flags are enable_discoveries'],
  ] as const)
    expect(await set({ [flag]: true })).toMatchObject({
      status: 422,
      body: { details: [{ field: `settings.${flag}`, message: expect.stringContaining(message) }] },
    });
});

test('[CONF-03] the operator turns parts off for all, and a flag of what cannot be turned off stops the start', () => {
  const flags = (env: Record<string, string>) => loadConfig({}, env).features;
  expect(flags({ OMOIOS_FEATURES_ENABLE_GUARDIAN: 'false' })).toMatchObject({
    enable_guardian: false,
    enable_validation: true,
  });
  expect(() => flags({ OMOIOS_FEATURES_ENABLE_BUDGET_TRACKING: 'false' })).toThrow(
    /OMOIOS_FEATURES_ENABLE_BUDGET_TRACKING.*cannot be turned off/,
  );
});
