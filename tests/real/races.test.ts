import { jest } from '@jest/globals';
import { broken } from '#tests/chaos/invariants.ts';
import { claimDone, playWork, review, write, type Work } from '#tests/chaos/played-work.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { deploy, type Deployment } from './deployment.ts';

jest.setTimeout(480_000);

/** Tasks of a project that run at once. */
const slots = 2;
/** Seconds that the check of a merge takes: long enough to be killed in. */
const checkSeconds = 8;

/** Work on a file of the task's own, told by its title. */
function play(request: Played): Reply {
  const name = /\b(part\w+)\b/.exec(request.context.title ?? '')?.[1] ?? 'part';
  const work: Work = { turns: [[write('file', `src/${name}.js`, `export const ${name} = 1;\n`)]], done: claimDone };
  return playWork(request, request.context.kind === 'validation' ? review : work);
}

/** The most that were open at one moment. */
function mostAtOnce(spans: { started_at: Date; ended_at: Date }[]): number {
  const steps = spans.flatMap(
    (span) =>
      [
        [span.started_at.getTime(), 1],
        [span.ended_at.getTime(), -1],
      ] as [number, number][],
  );
  let open = 0;
  return Math.max(...steps.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, step]) => (open += step)));
}

describe('two workers racing', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({ OMOIOS_QUEUE_ACTIVE_PER_PROJECT: String(slots) });
  });
  afterAll(() => deployment?.stop());

  test('for the last slot of a project: never more run at once than may, and every task gets its turn', async () => {
    const { world } = deployment;
    const { api } = world.stack;
    const place = await world.place(play);
    const tickets = await Promise.all(
      Array.from({ length: 7 }, (_, i) =>
        world.ticket(place, { title: `Write part${'abcdefg'[i]} of ${place.word}`, force_create: true }),
      ),
    );
    const seen: number[] = [];
    await eventually(
      'every ticket has its pull request',
      async () => {
        const queue = await api.get<{ active: object[] }>(`/projects/${place.id}/queue`);
        seen.push(queue.active.length);
        return (
          (await api.get<{ items: object[] }>(`/pull-requests?project_id=${place.id}&limit=200`)).items.length ===
          tickets.length
        );
      },
      300_000,
    );
    const evidence = await world.evidence([place.id]);
    expect(broken(evidence)).toEqual([]);
    expect(evidence.rows.pull_requests).toHaveLength(tickets.length);
    expect(Math.max(...seen)).toBe(slots);
    const spans = await world.records.rows<{ started_at: Date; ended_at: Date }>(
      "SELECT started_at, ended_at FROM runs WHERE project_id = $1 AND kind = 'task'",
      [place.id],
    );
    expect(spans).toHaveLength(tickets.length);
    expect(mostAtOnce(spans)).toBe(slots);
  });

  test('a merge whose worker is killed in the middle: the other one ends it, and it is made once', async () => {
    const { world, beside } = deployment;
    const { api } = world.stack;
    const onMerge = `if [ "$(git rev-list --parents -n 1 HEAD | wc -w)" -gt 2 ]; then sleep ${checkSeconds}; fi; make test`;
    const place = await world.place(play, { checks: [onMerge] });
    const ticket = await api.post<{ id: string }>('/tickets', {
      project_id: place.id,
      title: `Two parts of ${place.word}`,
      description: 'Work of two tasks.',
      workflow_mode: 'spec_driven',
      force_create: true,
    });
    for (const part of ['parta', 'partb'])
      await api.post('/tasks', {
        ticket_id: ticket.id,
        title: `Write ${part} of ${place.word}`,
        description: `Write ${part} of ${place.word}.`,
      });

    const { client, close } = await world.stack.temporal();
    let victim = 0;
    await eventually(
      'a merge is being checked',
      async () => {
        const described = await client.workflow
          .getHandle(`merge:${ticket.id}:1`)
          .describe()
          .catch(() => undefined);
        const check = described?.raw.pendingActivities?.find(
          (activity) => activity.activityType?.name === 'verifyMerge' && activity.lastWorkerIdentity,
        );
        victim = Number(check?.lastWorkerIdentity?.split('@')[0] ?? 0);
        return victim > 0;
      },
      180_000,
    );
    await close();
    const application = world.stack.pidOf('application');
    process.kill(victim, 'SIGKILL');

    await eventually(
      'the pull request is open',
      async () =>
        (await api.get<{ items: object[] }>(`/pull-requests?project_id=${place.id}`).catch(() => ({ items: [] }))).items
          .length > 0,
      240_000,
    );
    if (victim !== application) await beside.start();
    const merges = (
      await api.get<{ items: { status: string; merged_sha: string; sources: object[]; log: { step: string }[] }[] }>(
        `/tickets/${ticket.id}/merges`,
      )
    ).items;
    for (const merge of merges) {
      expect(merge.status).toBe('completed');
      for (const step of ['verified', 'landed'])
        expect([step, merge.log.filter((entry) => entry.step === step)]).toEqual([step, [expect.anything()]]);
    }
    const pull = await world.pullRequest({ ...place, ticket_id: ticket.id, task_id: '' });
    const made = place.repository
      .git('log', '--merges', '--format=%H', `main..${pull.branch}`)
      .split('\n')
      .filter(Boolean);
    expect(made).toHaveLength(merges.flatMap((merge) => merge.sources).length);
    for (const part of ['parta', 'partb']) expect(place.repository.show(pull.branch, `src/${part}.js`)).toContain(part);
    const evidence = await world.evidence([place.id], {}, { settleMs: 30_000 });
    expect(broken(evidence)).toEqual([]);
    expect(evidence.rows.pull_requests).toHaveLength(1);
  });
});
