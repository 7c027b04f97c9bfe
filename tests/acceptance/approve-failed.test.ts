import type { Answer } from '#server/contracts/client.ts';
import type { getSpec, phaseData } from '#server/contracts/specs.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { planPhase, trackerProject } from '#tests/support/tracker.ts';

test('[WEB-09] a person approves a phase that failed its attempts, and the plan goes on with it as it is', async () => {
  const played = await playOnShared(
    (request) =>
      answerValue(request) ??
      planPhase(request, (phase, _attempt, good) =>
        phase === 'prd'
          ? { ...good, user_stories: [], goals: { primary: [], secondary: [], success_metrics: [] } }
          : good,
      ),
  );
  const { id: project_id } = await newProject(api(), trackerProject);
  const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: `Export ${played.word}`,
    description: `Tasks as a CSV file, for ${played.word}.`,
    gate_policy: { mode: 'ask', phases: ['requirements'] },
  });
  const specIs = (pleases: (spec: Answer<typeof getSpec>) => boolean) =>
    api().until<Answer<typeof getSpec>>(`/specs/${spec_id}`, pleases, 90_000);
  await specIs((spec) => spec.status === 'failed');
  const address = `/specs/${spec_id}/phases/prd/approve`;
  expect(await api().request('POST', address, {})).toMatchObject({
    status: 400,
    body: { details: [{ field: 'reason' }] },
  });
  const reason = 'The goals are known to all.';
  expect((await api().request('POST', address, { reason })).status).toBe(202);
  await specIs((spec) => spec.waiting_for === 'gate' && spec.current_phase === 'requirements');
  const { phases } = await api().get<Answer<typeof phaseData>>(`/specs/${spec_id}/phase-data`);
  const prd = phases.find(({ phase }) => phase === 'prd');
  expect(prd?.status).toBe('passed');
  // The attempts are those that failed: nothing of it was made, or paid for, again.
  expect(prd?.attempts.map(({ status }) => status)).toEqual(['failed', 'failed', 'passed']);
  expect(prd?.attempts.at(-1)?.decision).toMatchObject({ action: 'approved', feedback: reason });
  await api().post(`/specs/${spec_id}/cancel`);
  await played.stop();
});
