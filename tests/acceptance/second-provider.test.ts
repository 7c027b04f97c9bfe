import { OwnStack } from '#tests/evaluation/support/own-stack.ts';
import { newProject } from '#tests/support/shared.ts';
import { playTracker, trackerProject } from '#tests/support/tracker.ts';

let own: OwnStack;
beforeAll(async () => {
  own = await OwnStack.start({ MODEL_PROVIDER: 'openai' });
});
afterAll(() => own.stop());

test('a spec becomes a pull request with the second provider, and no finished turn is asked again after a crash', async () => {
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

  expect(new Set(model.openAiModels)).toEqual(new Set(['gpt-6.2-sol']));
  expect(model.openAiModels).toHaveLength(model.requests.length);
  const runs = await api.all<{ id: string; turn: number; provider: string }>(`/runs?project_id=${project_id}`);
  expect(runs.length).toBeGreaterThan(5);
  expect(new Set(runs.map(({ provider }) => provider))).toEqual(new Set(['openai']));
  // The crash took the requests that were under way, and nothing else.
  const again = runs.map(({ id, turn }) => model.of(`run:${id}`).length - turn);
  expect(Math.min(...again)).toBe(0);
  expect(Math.max(...again)).toBe(1);
}, 240_000);
