import type { Answer } from '#server/contracts/client.ts';
import { criteriaStatus } from '#server/contracts/spec-life.ts';
import type { getSpec } from '#server/contracts/specs.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { call, reviewPasses } from '#tests/support/scripts.ts';
import { playTracker, trackerProject } from '#tests/support/tracker.ts';

type Spec = Answer<typeof getSpec>;

/** A review with a verdict on each criterion of the requirements that the task serves; the last one does not hold. */
function reviewWithVerdicts(request: Played, refusals: string[]): Reply {
  const ids = [...new Set(request.text.match(/REQ-[A-Z]+-[A-Z]+-\d+\.\d+/g))].sort();
  const review = reviewPasses(request) as { tools: { input: object }[] };
  if (request.step === 0) return review as Reply;
  const judged = (id: string) => {
    const met = ids.some((other) => other > id && other.startsWith(id.split('.')[0] as string));
    return { criterion_id: id, met, confidence: 0.75, evidence: 'npm test', reasoning: `Looked at ${id}.` };
  };
  if (request.step > 1) refusals.push(...request.results.map(({ text }) => text));
  const criteria = request.step === 1 ? [judged('REQ-1.1')] : ids.map(judged);
  return { tools: [call('submit_review', { ...review.tools[0]?.input, criteria })] };
}

describe('a spec on a repository of its own', () => {
  test('[GIT-12] [MERGE-03] [PLAN-08] [PLAN-15] becomes one pull request that holds the work of all tasks', async () => {
    const refusals: string[] = [];
    const played = await playOnShared((request, word) =>
      request.context.kind === 'validation' ? reviewWithVerdicts(request, refusals) : playTracker(request, word),
    );
    const { id: project_id, repository } = await newProject(api(), trackerProject);
    const { spec_id } = await api().post<{ spec_id: string }>('/specs/launch', {
      project_id,
      title: `Export tasks ${played.word}`,
      description: 'All tasks as a CSV file.',
      auto_execute: true,
    });
    const spec = await api().until<Spec>(
      `/specs/${spec_id}`,
      (s) => ['pr_created', 'failed'].includes(s.status),
      180_000,
    );
    expect(spec.last_error).toBeNull();
    expect(spec.status).toBe('pr_created');
    expect(spec.branch).toMatch(new RegExp(`^spec/${spec_id.slice(0, 8)}-export-tasks`));

    const pulls = await api().all<{ id: string; branch: string; body: string; state: string }>(
      `/pull-requests?project_id=${project_id}`,
    );
    expect(pulls).toHaveLength(1);
    expect(pulls[0]).toMatchObject({ branch: spec.branch, state: 'open' });
    for (const file of ['src/domain/csv.js', 'src/domain/escape.js', 'src/routes/export.js'])
      expect(repository.show(spec.branch ?? '', file)).not.toBe('');
    for (const id of ['REQ-EXPORT-FUNC-001', 'REQ-EXPORT-SEC-001', 'TSK-001', 'TSK-002', 'TSK-003'])
      expect(pulls[0]?.body).toContain(id);

    const { phases } = await api().get<{
      phases: { phase: string; status: string; output: Record<string, unknown>; score: number }[];
    }>(`/specs/${spec_id}/phase-data`);
    expect(phases.map(({ phase, status }) => `${phase} ${status}`)).toEqual([
      'explore passed',
      'prd passed',
      'requirements passed',
      'design passed',
      'tasks passed',
      'sync passed',
    ]);
    expect(phases.every(({ output, score }) => Object.keys(output).length > 3 && score >= 0.7)).toBe(true);

    // The route depends on both other tasks, so its first request comes after they are completed.
    const tasks = await api().all<{ local_id: string; started_at: string; ended_at: string; status: string }>(
      `/tasks?spec_id=${spec_id}`,
    );
    const by = Object.fromEntries(tasks.map((task) => [task.local_id, task]));
    expect(tasks.map((task) => task.status)).toEqual(['completed', 'completed', 'completed']);
    expect(
      by['TSK-003']!.started_at > by['TSK-001']!.ended_at && by['TSK-003']!.started_at > by['TSK-002']!.ended_at,
    ).toBe(true);
    expect(
      by['TSK-001']!.started_at < by['TSK-002']!.ended_at && by['TSK-002']!.started_at < by['TSK-001']!.ended_at,
    ).toBe(true);

    const reviews = played.model.requests.filter(({ context }) => context.kind === 'validation');
    expect(reviews.length).toBeGreaterThan(0);
    for (const { body } of reviews)
      expect(JSON.stringify(body.messages[0])).toMatch(/# Requirements it serves.*REQ-EXPORT-(?:FUNC|SEC)-001: /);

    expect(refusals[0]).toMatch(/^criteria: REQ-1\.1 is no acceptance criterion .* Use the ids .*: REQ-EXPORT-/);
    const status = await api().call(criteriaStatus, { params: { id: spec_id } });
    const criteria = status.by_requirement.flatMap((one) => one.criteria);
    expect(criteria.length).toBeGreaterThan(2);
    for (const { id, completed, verdict } of criteria) {
      expect(verdict).toMatchObject({ met: completed, confidence: 0.75, reasoning: `Looked at ${id}.` });
    }
    expect(status.completed_criteria).toBe(criteria.length - status.by_requirement.length);
    await played.stop();
  }, 240_000);
});
