import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workflowId } from '#workflows/contracts/ids.ts';
import type { Retrying } from '#workflows/domain/retrying.ts';
import { eventually } from '#tests/support/api.ts';
import { share } from '#tests/support/share.ts';
import { finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { planPhase, trackerProject, trackerWork, withWord } from '#tests/support/tracker.ts';
import { double } from './double.ts';
import { broken } from './invariants.ts';
import { World, type Place } from './world.ts';

interface Pull {
  id: string;
  branch: string;
  head_sha: string;
}
interface Run {
  status: string;
  ended_at: string | null;
}

describe('steps that fail', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'omoios-refused-'));
  const file = path.join(folder, 'refused');
  let world: World;
  /** Runs when an agent begins with requested changes. */
  let onChanges = () => undefined as void;
  beforeAll(async () => {
    world = await World.start({
      ...double('/temporal/worker.ts', '#activities/index.ts', './refusing-activities.ts'),
      TEST_REFUSED_FILE: file,
      // The queue of a project does a step that failed again at its next look.
      OMOIOS_QUEUE_HOLDER_CHECK: '3',
    });
  });
  afterEach(() => rmSync(file, { force: true }));
  afterAll(async () => {
    await world?.stop();
    rmSync(folder, { recursive: true });
  });

  const place = (): Promise<Place> => {
    let word = '';
    return world
      .place(
        (request) => {
          const { kind, task_ref: ref, title } = request.context;
          if (kind === 'phase') return planPhase(request, (_, __, good) => withWord(good, word));
          if (kind === 'validation') return reviewPasses(request);
          const changes = title?.includes('Review changes');
          if (changes && request.step === 0) onChanges();
          const file = changes ? (/docs\/\w+\.md/.exec(request.text)?.[0] ?? 'docs/changes.md') : 'docs/notes.md';
          return finishTask(request, (ref && trackerWork[ref]) || { [file]: '# Notes\n' });
        },
        {},
        trackerProject,
      )
      .then((made) => {
        word = made.word;
        return made;
      });
  };

  /** What a person does who sees that something failed: retries all of it, until the pull request is open. */
  async function retryUntilPullRequest({ id }: Place, paths: () => Promise<string[]>): Promise<number> {
    const { api } = world.stack;
    let retries = 0;
    for (const until = Date.now() + 240_000; ; await sleep(500)) {
      const { items } = await api.get<{ items: unknown[] }>(`/pull-requests?project_id=${id}`);
      if (items.length > 0) return retries;
      if (Date.now() > until) throw new Error('No pull request, whatever was retried.');
      for (const address of await paths()) {
        const { status } = await api.request('POST', address, {});
        if (status < 300) retries += 1;
      }
    }
  }
  const tasksOf = async (query: string) => {
    const { items } = await world.stack.api.get<{ items: { id: string; status: string }[] }>(
      `/tasks?${query}&limit=100`,
    );
    return items.filter((task) => task.status === 'failed').map((task) => `/tasks/${task.id}/retry`);
  };
  const refusedSteps = () => readFileSync(file, 'utf8').trimEnd().split('\n').slice(1);

  test('each kind of step of a ticket fails for good once: a retry continues from there', async () => {
    const { api } = world.stack;
    const here = await place();
    writeFileSync(file, 'once all\n');
    const ticket = await world.ticket(here);
    const retries = await retryUntilPullRequest(here, async () => [
      ...(await tasksOf(`ticket_id=${ticket.ticket_id}`)),
      `/tickets/${ticket.ticket_id}/retry`,
    ]);
    expect(refusedSteps()).toEqual(expect.arrayContaining(['openTicket', 'prepareTask', 'stretch', 'openPullRequest']));
    expect(retries).toBeGreaterThan(3);
    const evidence = await world.evidence([here.id]);
    expect(broken(evidence)).toEqual([]);
    // People see each refusal.
    const { items } = await api.get<{ items: { data: unknown }[] }>(`/events?project_id=${here.id}&limit=1000`);
    expect(JSON.stringify(items)).toContain('openTicket was refused once.');
  }, 300_000);

  test('a step that can pass is retried in sight, goes on by itself, and can be cancelled', async () => {
    const { api } = world.stack;
    const here = await place();
    writeFileSync(file, 'away openTicket\n');
    const [waiting, cancelled] = [await world.ticket(here), await world.ticket(here, { force_create: true })];
    for (const ticket of [waiting, cancelled]) {
      const { retrying } = await api.until<{ retrying: Retrying | null }>(
        `/tickets/${ticket.ticket_id}`,
        (row) => row.retrying !== null,
        60_000,
      );
      expect(retrying).toMatchObject({ step: 'openTicket', error: 'Nothing answers openTicket.' });
      expect(retrying?.attempt).toBeGreaterThan(1);
      expect(Date.parse(retrying?.next_try_at ?? '')).toBeGreaterThan(Date.parse(retrying?.since ?? ''));
    }
    await api.post(`/tickets/${cancelled.ticket_id}/cancel`, {});
    await api.until<{ items: unknown[] }>(
      `/tickets/${cancelled.ticket_id}`,
      (row) => (row as unknown as { retrying: unknown }).retrying === null,
      30_000,
    );
    rmSync(file);
    await world.pullRequest(waiting);
    expect(await api.get(`/tickets/${waiting.ticket_id}`)).toMatchObject({ retrying: null });
  }, 200_000);

  const refusals: [string, string][] = [
    ['away', 'Nothing answers shareSlots.'],
    ['always', 'shareSlots was refused.'],
  ];
  test.each(share(refusals))(
    'a task and a fork that wait for a slot show why the queue can grant none, and go on by themselves (%s)',
    async (mode, error) => {
      const { api } = world.stack;
      const here = await place();
      const first = await world.ticket(here);
      await world.pullRequest(first);
      writeFileSync(file, `${mode} shareSlots\n`);
      const ticket = await world.ticket(here, { force_create: true });
      const source = await world.runOf(first);
      const fork = await api.post<{ run_id: string }>(`/runs/${source}/fork`, { turn: 1, instruction: 'Again.' });
      for (const address of [`/tasks/${ticket.task_id}`, `/runs/${fork.run_id}`]) {
        const { retrying } = await api.until<{ retrying: Retrying | null }>(
          address,
          (row) => row.retrying !== null,
          60_000,
        );
        expect(retrying).toMatchObject({ step: 'shareSlots', error });
        expect(Date.parse(retrying?.next_try_at ?? '')).toBeGreaterThan(Date.parse(retrying?.since ?? ''));
      }
      rmSync(file);
      await api.until<Run>(`/runs/${fork.run_id}`, ({ ended_at }) => ended_at !== null, 60_000);
      expect(
        await api.until(`/tasks/${ticket.task_id}`, (row: { status: string }) => row.status === 'completed', 60_000),
      ).toMatchObject({ retrying: null });
    },
    200_000,
  );

  test('each kind of step of a spec fails for good once: a retry continues from there', async () => {
    const { api } = world.stack;
    const here = await place();
    writeFileSync(file, 'once all\n');
    const { spec_id: spec } = await api.post<{ spec_id: string }>('/specs/launch', {
      project_id: here.id,
      title: `Export tasks ${here.word}`,
      description: 'All tasks as a CSV file.',
      auto_execute: true,
    });
    await retryUntilPullRequest(here, async () => {
      const { items } = await api.get<{ items: { id: string }[] }>(`/tickets?spec_id=${spec}&limit=50`);
      return [
        `/specs/${spec}/retry`,
        ...items.map((ticket) => `/tickets/${ticket.id}/retry`),
        ...(await tasksOf(`spec_id=${spec}`)),
      ];
    });
    expect(refusedSteps()).toEqual(expect.arrayContaining(['openSpec', 'preparePhase', 'closePhase', 'syncPlan']));
    expect(broken(await world.evidence([here.id]))).toEqual([]);
    await changedUntilMerged(here, spec);
  }, 300_000);

  /** Requests changes of a spec whose branch moves meanwhile, so that they need a merge; then merges all of it. */
  async function changedUntilMerged({ id }: Place, spec: string): Promise<void> {
    const { api } = world.stack;
    const steps = ['openChanges', 'joinTicket', 'nextMerge', 'scoreMerge', 'mergeNext', 'verifyMerge', 'landMerge'];
    writeFileSync(file, `once changes ${[...steps, 'refreshPull'].join(' ')}\n`);
    const { items } = await api.get<{ items: Pull[] }>(`/pull-requests?spec_id=${spec}`);
    const [pull] = items as [Pull];
    const mirror = path.join(world.stack.address.dataDir, 'repos', `${id}.git`);
    const git = (...args: string[]) => execFileSync('git', ['--git-dir', mirror, ...args], { encoding: 'utf8' }).trim();
    onChanges = () => {
      const ref = `refs/heads/${pull.branch}`;
      const as = ['-c', 'user.name=A', '-c', 'user.email=a@example.test'];
      if (git('rev-parse', ref) === pull.head_sha)
        git('update-ref', ref, git(...as, 'commit-tree', `${ref}^{tree}`, '-p', ref, '-m', 'Move on'));
    };
    const accepted = async (address: string, body: object) => {
      for (let tries = 1; ; tries += 1) {
        const answer = await api.request('POST', address, body);
        if (answer.status < 300) return answer.body as { ticket_id: string };
        expect(tries).toBeLessThan(3);
      }
    };
    const { ticket_id } = await accepted(`/pull-requests/${pull.id}/request-changes`, { comments: 'Write it down.' });
    let retries = 0;
    for (const until = Date.now() + 60_000; ; await sleep(300)) {
      const now = await api.get<Pull>(`/pull-requests/${pull.id}`);
      if (refusedSteps().includes('refreshPull') && now.head_sha !== pull.head_sha) break;
      if (Date.now() > until) throw new Error('The changes were not made, whatever was retried.');
      if ((await api.request('POST', `/tickets/${ticket_id}/retry`, {})).status < 300) retries += 1;
    }
    expect(retries).toBeGreaterThan(4);
    await passedByNewer(pull);
    writeFileSync(file, 'once changes mergePull\n');
    await accepted(`/pull-requests/${pull.id}/merge`, {});
    expect(refusedSteps()).toEqual(['mergePull']);
    expect(git('show', 'main:docs/changes.md')).toContain('Notes');
    expect(await api.get(`/tickets/${ticket_id}`)).toMatchObject({ status: 'done', needs_review: false });
    expect(broken(await world.evidence([id]))).toEqual([]);
  }

  /** Two requests at once, of which the first fails: the second one is made meanwhile, then the first one again. */
  async function passedByNewer({ id }: Pull): Promise<void> {
    const { api } = world.stack;
    writeFileSync(file, 'once passed joinTicket\n');
    const tickets: string[] = [];
    for (const name of ['first', 'second']) {
      const changes = { comments: `Write it down in docs/${name}.md.` };
      tickets.push((await api.post<{ ticket_id: string }>(`/pull-requests/${id}/request-changes`, changes)).ticket_id);
    }
    const [first, second] = await Promise.all(
      tickets.map((ticket) => api.get<{ key: string; blocked_reason: string | null }>(`/tickets/${ticket}`)),
    );
    expect(second?.blocked_reason).toContain(`Waits for ${first?.key}`);
    await api.until<{ files: { path: string }[] }>(
      `/pull-requests/${id}/diff`,
      ({ files }) => ['docs/first.md', 'docs/second.md'].every((name) => files.some(({ path: made }) => made === name)),
      60_000,
    );
    expect(refusedSteps()).toEqual(['joinTicket']);
    for (const ticket of tickets)
      await api.until<{ status: string; needs_review: boolean; is_blocked: boolean }>(
        `/tickets/${ticket}`,
        (row) => row.status === 'building-done' && !row.needs_review && !row.is_blocked,
      );
  }

  test('each kind of step of a fork fails for good once: its run says so, and a further fork succeeds', async () => {
    const { api } = world.stack;
    const here = await place();
    const ticket = await world.ticket(here);
    await world.pullRequest(ticket);
    const source = await world.runOf(ticket);
    writeFileSync(file, 'once forks\n');
    for (let tries = 1; ; tries += 1) {
      const { run_id } = await api.post<{ run_id: string }>(`/runs/${source}/fork`, { turn: 1, instruction: 'Again.' });
      const run = await api.until<Run>(`/runs/${run_id}`, ({ ended_at }) => ended_at !== null, 30_000);
      if (run.status === 'completed') break;
      expect(run).toMatchObject({ status: 'failed', error_message: expect.stringContaining('was refused once.') });
      expect(tries).toBeLessThan(20);
    }
    expect(refusedSteps()).toEqual(expect.arrayContaining(['openRun', 'stretch', 'endRun']));
    expect(broken(await world.evidence([here.id]))).toEqual([]);
  }, 120_000);

  test('the retention fails for good once: its workflow has failed, and the next one trims', async () => {
    writeFileSync(file, 'once retention trimTables\n');
    const { client, close } = await world.stack.temporal();
    const newest = async () => {
      const found = [];
      for await (const one of client.workflow.list({ query: "WorkflowType = 'retentionWorkflow'" })) found.push(one);
      return found.sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
    };
    const before = (await newest()).length;
    for (const [n, status] of ['FAILED', 'COMPLETED'].entries()) {
      await client.schedule.getHandle(workflowId.retention()).trigger();
      await eventually('it ends', async () => {
        const runs = await newest();
        return runs.length > before + n && runs[0]?.closeTime !== undefined;
      });
      expect((await newest())[0]?.status.name).toBe(status);
    }
    expect(refusedSteps()).toEqual(['trimTables']);
    await close();
  }, 60_000);
});
