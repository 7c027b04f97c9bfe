import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Retrying } from '#workflows/domain/retrying.ts';
import { finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { planPhase, trackerProject, trackerWork, withWord } from '#tests/support/tracker.ts';
import { double } from './double.ts';
import { broken } from './invariants.ts';
import { World, type Place } from './world.ts';

describe('steps that fail', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'omoios-refused-'));
  const file = path.join(folder, 'refused');
  let world: World;
  beforeAll(async () => {
    world = await World.start({
      ...double('/temporal/worker.ts', '#activities/index.ts', './refusing-activities.ts'),
      TEST_REFUSED_FILE: file,
    });
  }, 120_000);
  afterEach(() => rmSync(file, { force: true }));
  afterAll(async () => {
    await world?.stop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const place = (): Promise<Place> => {
    let word = '';
    return world
      .place(
        (request) => {
          const { kind, task_ref: ref } = request.context;
          if (kind === 'phase') return planPhase(request, (_, __, good) => withWord(good, word));
          if (kind === 'validation') return reviewPasses(request);
          return finishTask(request, (ref && trackerWork[ref]) || { 'docs/notes.md': '# Notes\n' });
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
    writeFileSync(file, 'once\n');
    const ticket = await world.ticket(here);
    const retries = await retryUntilPullRequest(here, async () => [
      ...(await tasksOf(`ticket_id=${ticket.ticket_id}`)),
      `/tickets/${ticket.ticket_id}/retry`,
    ]);
    expect(refusedSteps()).toEqual(
      expect.arrayContaining(['openTicket', 'prepareTask', 'modelTurn', 'runCalls', 'openPullRequest']),
    );
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

  test('each kind of step of a spec fails for good once: a retry continues from there', async () => {
    const { api } = world.stack;
    const here = await place();
    writeFileSync(file, 'once\n');
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
  }, 300_000);
});
