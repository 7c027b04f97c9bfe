import type { Answer } from '#server/contracts/client.ts';
import type { getRun } from '#server/contracts/runs.ts';
import { eventually } from '#tests/support/api.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';

type Run = Answer<typeof getRun>;

test('[EXEC-17] a quick ticket for the night pauses its run at the end, changes no forbidden file, and goes on when a person resumes it', async () => {
  let refused = '';
  let working = false;
  const skipped = { steps: 0 };
  const played = await playOnShared((request) => {
    if (request.context.kind === 'validation') return reviewPasses(request);
    const value = answerValue(request);
    if (value) return value;
    if (!working) {
      skipped.steps = request.step + 1;
      return { tools: [call('bash', { command: `echo ${request.step}` })], delay_ms: 50 };
    }
    const step = request.step - skipped.steps;
    if (step === 0) return { tools: [call('write_file', { path: 'docs/new.md', content: '# New\n' })] };
    if (step === 1) refused ||= request.results.find(({ is_error: failed }) => failed)?.text ?? '';
    return finishTask({ ...request, step: step - 1 }, { 'src/half.js': 'export const half = (n) => n / 2;\n' });
  });
  const { id: project_id } = await newProject();
  const night = {
    stop_at: new Date(Date.now() + 3000).toISOString(),
    forbidden_paths: ['docs/**'],
    wake_me: ['failure' as const],
  };
  const body = {
    ...{ project_id, title: `Halve ${played.word}`, description: 'half(n) in src/half.js', workflow_mode: 'quick' },
    night,
  };
  const past = { ...night, stop_at: '2020-01-01T00:00:00Z' };
  expect(await api().request('POST', '/tickets', { ...body, night: past })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'night.stop_at' }] },
  });
  const { id } = await api().post<{ id: string }>('/tickets', body);
  expect(await api().get(`/tickets/${id}`)).toMatchObject({ night });
  const paused = async () => (await api().all<Run>(`/runs?ticket_id=${id}&status=paused`))[0];
  await eventually('its agent is paused', async () => (await paused()) !== undefined);
  const run = await paused();
  expect(run?.waiting_reason).toMatch(/^The launch says that no turn begins after .* UTC\. Resume the run to go on /);
  expect(run).toMatchObject({ waiting_for: 'person' });
  working = true;
  await api().post(`/runs/${run?.id}/resume`, {});
  await api().until<{ items: object[] }>(`/pull-requests?ticket_id=${id}`, (page) => page.items.length > 0, 90_000);
  const { stop_at: _end, ...others } = night;
  expect((await api().get<{ night: object }>(`/tickets/${id}`)).night).toEqual(others);
  expect(refused).toContain('docs/new.md must not be changed: the person who launched this work forbids docs/**.');
  expect(played.model.requests.some(({ text }) => text.includes('forbids changes of: docs/**.'))).toBe(true);
  await played.stop();
}, 180_000);
