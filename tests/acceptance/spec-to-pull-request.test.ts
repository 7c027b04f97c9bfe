import type { Answer } from '#server/contracts/client.ts';
import type { getSpec } from '#server/contracts/specs.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { playTracker, trackerProject } from '#tests/support/tracker.ts';

type Spec = Answer<typeof getSpec>;

describe('a spec on a repository of its own', () => {
  test('[GIT-12] [MERGE-03] [PLAN-08] becomes one pull request that holds the work of all tasks', async () => {
    const played = await playOnShared(playTracker);
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
    await played.stop();
  }, 240_000);
});
