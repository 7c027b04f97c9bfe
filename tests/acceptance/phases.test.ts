import type { Answer } from '#server/contracts/client.ts';
import type { transitionPhase } from '#server/contracts/gates.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, taskIs, works, type TicketRow } from '#tests/support/work.ts';

test('[MEM-10] what a phase decided is in the prompt of the next one, which its workflow begins', async () => {
  const prompts: string[] = [];
  const played = await playOnShared((request, word) => {
    if (request.context.kind === 'task' && request.context.title?.includes(`A cart ${word}`))
      prompts.push(request.text);
    return works({ [`Write it ${word}`]: { 'docs/scope.md': '# Scope\n' } })(request);
  });
  const { id: project_id } = await newProject();
  const { id } = await newTicket(project_id, `A cart ${played.word}`, { phase_id: 'PHASE_IMPLEMENTATION' });
  const first = await addTask(id, `Write it ${played.word}`);
  await addTask(id, `Hangs ${played.word}`, { depends_on: [first.id] });
  await taskIs(first.id, 'completed');
  await api().post(`/tickets/${id}/artifacts`, {
    ...{ artifact_type: 'code_changes', phase_id: 'PHASE_IMPLEMENTATION' },
    artifact_content: { has_tests: true, test_coverage: 79, decisions: ['Prices are integers of cents'] },
  });
  const move = { to_phase: 'PHASE_TESTING' };
  expect(await api().request('POST', `/tickets/${id}/phase-transition`, move)).toMatchObject({ status: 400 });
  // Its workflow runs: the move, with the gate's result, is an update of it.
  const moved = await api().post<Answer<typeof transitionPhase>>(`/tickets/${id}/phase-transition`, {
    ...{ ...move, force: true, reason: 'The rest is not needed' },
  });
  expect(moved.ticket).toMatchObject({ phase_id: 'PHASE_TESTING', status: 'testing' });
  expect(await api().all(`/tickets/${id}/gate-results`)).toMatchObject([{ decision: 'overridden', attempt: 1 }]);
  const next = await addTask(id, `A cart ${played.word}`, { phase_id: 'PHASE_TESTING', task_type: 'run_tests' });
  await taskIs(next.id, 'running');
  await api().until<TicketRow>(`/tickets/${id}`, () => prompts.length > 0, 30_000);
  expect(prompts[0]).toContain('decision (PHASE_IMPLEMENTATION): Prices are integers of cents');
  await played.stop();
});
