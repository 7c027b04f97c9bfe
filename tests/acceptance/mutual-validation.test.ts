import type { listDiagnostics } from '#server/contracts/diagnostic.ts';
import type { Item } from '#server/contracts/client.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, taskIs } from '#tests/support/work.ts';

const refusal = 'It lacks the tax.';

/** Each attempt is refused until the third; a diagnosis recommends nothing. */
function played(request: Played): Reply {
  const { kind, attempt } = request.context;
  if (kind === 'diagnostic')
    return {
      tools: [
        call('explain_standstill', {
          cause: 'code',
          root_cause: 'The author does not see that the tax is missing.',
          hypotheses: [
            { statement: 'It is overlooked.', likelihood: 0.9, supporting_evidence: [refusal], counterpoints: [] },
          ],
          recommendations: [],
          confidence: 0.9,
        }),
      ],
    };
  const value = answerValue(request);
  if (value) return value;
  if (kind !== 'validation') return finishTask(request, { 'src/price.js': `export const price = ${attempt ?? 1};\n` });
  return request.step === 0 || (attempt ?? 1) > 2
    ? reviewPasses(request)
    : { tools: [call('submit_review', { passed: false, feedback: refusal, evidence: ['It is not there.'] })] };
}

test('[WATCH-16] two refusals in a row are diagnosed, and a review that passes ends the task', async () => {
  const play = await playOnShared(played);
  const { id: project_id } = await newProject(api(), undefined, { diagnostics: true });
  const ticket = await newTicket(project_id, `Price ${play.word}`);
  const { id } = await addTask(ticket.id, `Price ${play.word}`);
  await taskIs(id, 'completed');
  const { items: reviews } = await api().get<{ items: { iteration: number; passed: boolean }[] }>(
    `/tasks/${id}/reviews`,
  );
  expect(reviews.map(({ iteration, passed }) => [iteration, passed])).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ]);
  const { items } = await api().until<{ items: Item<typeof listDiagnostics>[] }>(
    `/diagnostic/runs?ticket_id=${ticket.id}`,
    (page) => page.items.length > 0 && page.items.every(({ status }) => status !== 'running'),
    60_000,
  );
  expect(items).toMatchObject([{ trigger: 'validation_failures', task_id: id }]);
  await play.stop();
});
