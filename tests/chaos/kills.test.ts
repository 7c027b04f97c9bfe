import { rmSync } from 'node:fs';
import { workflowId } from '#workflows/contracts/ids.ts';
import { workerDiedType } from '#workflows/domain/passing-errors.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { playTracker, trackerProject } from '#tests/support/tracker.ts';
import { call } from '#tests/support/scripts.ts';
import { TestStack } from '#tests/support/stack.ts';
import { Hold } from '#tests/support/hold.ts';
import { share } from '#tests/support/share.ts';
import { broken } from './invariants.ts';
import { claimDone, count, countFile, playWork, read, review, write, type Work } from './played-work.ts';
import { World, type Place, type Ticket } from './world.ts';

/** Seconds of the slow command: it is under way when the kill comes. */
const slow = 4;
/** The delay that a dead worker may cause: its silence is noticed after 5 s, then the step is retried. */
const resumedWithin = 7;
/** Machines of a build are slow; the strict number is the benchmark's. */
const patience = 3;

const work: Work = {
  turns: [
    [read('sum', 'src/sum.js'), read('readme', 'README.md')],
    [count('first')],
    [write('double', 'src/double.js', 'export const double = (n) => 2 * n;\n')],
    [count('second', slow)],
  ],
  done: claimDone,
};
const explored = 'src/sum.js:1 adds two numbers.';
const labels = ['first', 'second'];
const finishedTurns = work.turns.length + 2;

const play = (request: Played): Reply => playWork(request, request.context.kind === 'validation' ? review : work);

describe('kill -9', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  /** A ticket whose model waits before it answers a turn of the task. */
  async function heldTicket(turn: number): Promise<Ticket & { hold: Hold }> {
    const hold = new Hold();
    const place = await world.place(async (request) => {
      if (request.context.kind === 'task' && request.step + 1 === turn) await hold.here();
      return play(request);
    });
    return { ...(await world.ticket(place)), hold };
  }

  /** A ticket whose agent waits for another one, which has looked and is about to answer. */
  async function exploringTicket(): Promise<Ticket & { hold: Hold }> {
    const hold = new Hold();
    const place = await world.place(async (request) => {
      const { kind, title } = request.context;
      if (kind === 'explore' && request.step === 0) return { tools: [call('search_files', { pattern: 'sum' })] };
      if (kind === 'explore') return hold.here().then(() => ({ text: explored }));
      if (kind !== 'task') return play(request);
      const ask = { label: 'asked', name: 'explore', input: { question: `Where is sum, for ${title}?` } };
      return playWork(request, { ...work, turns: [[ask], ...work.turns] });
    });
    return { ...(await world.ticket(place)), hold };
  }

  /** A spec that waits at the gate of its second phase. */
  async function gatedSpec(): Promise<Place & { spec_id: string }> {
    const place = await world.place(playTracker, {}, trackerProject);
    const { spec_id } = await world.stack.api.post<{ spec_id: string }>('/specs/launch', {
      project_id: place.id,
      title: `Export tasks ${place.word}`,
      description: 'All tasks as a CSV file.',
      auto_execute: true,
      gate_policy: { mode: 'ask', phases: ['prd', 'requirements'] },
    });
    await world.stack.api.until<{ waiting_for: string | null }>(
      `/specs/${spec_id}`,
      (spec) => spec.waiting_for === 'gate',
      60_000,
    );
    return { ...place, spec_id };
  }

  const turnIsStored = (run: string, turn: number) =>
    eventually(
      `turn ${turn} is stored`,
      async () =>
        (await world.records.rows('SELECT 1 FROM turns WHERE run_id = $1 AND turn = $2', [run, turn])).length > 0,
      60_000,
    );
  const commandRuns = (run: string, id: string) =>
    eventually(
      `${id} runs`,
      async () =>
        (
          await world.records.rows(
            "SELECT 1 FROM tool_calls WHERE run_id = $1 AND tool_use_id LIKE $2 AND status = 'running'",
            [run, id],
          )
        ).length > 0,
      60_000,
    );
  const askedSince = (run: string, at: number) =>
    world.asked.some((request) => request.run_id === run && request.at.getTime() > at);

  /** How many steps of the runs were handed back because the process that ran them had died. */
  async function handedBack(runs: string[]): Promise<number> {
    const { client, close } = await world.stack.temporal();
    const histories = await Promise.all(
      runs.map((run) => client.workflow.getHandle(workflowId.run(run)).fetchHistory()),
    );
    await close();
    return histories
      .flatMap(({ events }) => events ?? [])
      .filter((event) => {
        const { lastFailure } = event.activityTaskStartedEventAttributes ?? {};
        return lastFailure?.applicationFailureInfo?.type === workerDiedType;
      }).length;
  }

  /** Runs at five points and a spec at its gate, all at once; the kill; then how long each took to continue. */
  async function struck(deed: () => Promise<void>): Promise<{ tickets: Ticket[]; gated: Place; runs: string[] }> {
    const gated = await gatedSpec();
    const [thinking, between, paused, exploring] = await Promise.all([
      heldTicket(2),
      heldTicket(3),
      heldTicket(2),
      exploringTicket(),
    ]);
    const commanding = await world.ticket(await world.place(play));
    const all = [thinking, commanding, between, paused, exploring];
    const runs = await Promise.all(all.map((ticket) => world.runOf(ticket)));
    const [thinks, commands, isBetween, isPaused, asks] = runs as [string, string, string, string, string];
    await world.stack.api.post(`/runs/${isPaused}/pause`);
    paused.hold.release();
    await Promise.all([
      thinking.hold.reached,
      between.hold.reached,
      exploring.hold.reached,
      commandRuns(commands, 'toolu_second_%'),
      world.stack.api.until<{ status: string }>(`/runs/${isPaused}`, (run) => run.status === 'paused', 60_000),
    ]);
    between.hold.release();
    await turnIsStored(isBetween, 3);

    const at = Date.now();
    await deed();
    thinking.hold.release();
    exploring.hold.release();
    await world.stack.ready();
    const ready = (Date.now() - at) / 1000;
    await Promise.all([
      world.stack.api.post(`/runs/${isPaused}/resume`),
      world.stack.api.post(`/specs/${gated.spec_id}/phases/prd/approve`),
    ]);
    const since = new Map<string, number>();
    await eventually(
      'every run continues',
      () => {
        for (const run of runs) if (!since.has(run) && askedSince(run, at)) since.set(run, (Date.now() - at) / 1000);
        return since.size === runs.length;
      },
      120_000,
    );
    const shown = [
      ['in a model call', thinks],
      ['in a command', commands],
      ['between turns', isBetween],
      ['paused', isPaused],
      ['waiting for another agent', asks],
    ].map(([where, run]) => `${where} ${since.get(run as string)?.toFixed(1)} s`);
    console.log(
      `${expect.getState().currentTestName}: ready after ${ready.toFixed(1)} s; the next turn was asked for: ${shown.join(', ')} after the kill`,
    );
    for (const run of runs) expect(since.get(run)).toBeLessThan(patience * (ready + resumedWithin));
    await world.stack.api.until<{ current_phase: string; waiting_for: string | null }>(
      `/specs/${gated.spec_id}`,
      (spec) => spec.current_phase === 'requirements' && spec.waiting_for === 'gate',
      60_000,
    );
    await world.stack.api.post(`/specs/${gated.spec_id}/cancel`);
    await world.stack.api.until<{ status: string }>(
      `/specs/${gated.spec_id}`,
      (spec) => spec.status === 'cancelled',
      60_000,
    );
    return { tickets: all, gated, runs };
  }

  async function allWell({
    tickets,
    gated,
  }: Pick<Awaited<ReturnType<typeof struck>>, 'tickets' | 'gated'>): Promise<void> {
    const pulls = await Promise.all(tickets.map((ticket) => world.pullRequest(ticket)));
    const effects = tickets.flatMap((ticket, i) => {
      const lines = ticket.repository.show(pulls[i]?.branch as string, countFile).split('\n');
      return labels.map((label) => ({
        what: `${label} of ${ticket.word}`,
        expected: 1,
        found: lines.filter((line) => line === label).length,
      }));
    });
    const evidence = await world.evidence(
      [gated, ...tickets].map((place) => place.id),
      { effects },
    );
    expect(broken(evidence)).toEqual([]);
    expect(evidence.rows.pull_requests).toHaveLength(tickets.length);
    const main = evidence.rows.runs.filter(
      (run) => evidence.rows.turns.filter((turn) => turn.run_id === run.id).length >= finishedTurns,
    );
    expect(main).toHaveLength(tickets.length);
    // The question was given to one agent, and the one that asked it has one answer.
    const explorers = evidence.rows.runs.filter((run) => run.caller_run_id);
    expect(explorers).toEqual([expect.objectContaining({ status: 'completed' })]);
    const told = world.model.of(`run:${explorers[0]?.caller_run_id}`).at(-1)?.text.split(explored);
    expect(told).toHaveLength(2);
    // Of all turns at most the one in flight was asked for twice.
    expect(evidence.asked.length - evidence.rows.turns.length).toBeLessThanOrEqual(tickets.length + 1);
  }

  test.each(share(['application', 'temporal', 'database', 'supervisor', 'everything'] as const))(
    'of the %s: it starts again and every run goes on',
    async (victim) => {
      const kept = [world.stack.pidOf('temporal'), world.stack.pidOf('database')];
      const outcome = await struck(async () => {
        world.stack.kill(victim);
        if (victim === 'supervisor' || victim === 'everything') await world.stack.launch();
      });
      // The same command takes over what runs.
      if (victim === 'supervisor') expect([world.stack.pidOf('temporal'), world.stack.pidOf('database')]).toEqual(kept);
      await allWell(outcome);
      // The model call and the command that died with the application did not wait for their missed heartbeats.
      if (victim === 'application') expect(await handedBack(outcome.runs)).toBeGreaterThanOrEqual(2);
    },
  );
});

describe('two starts at the same moment on one data folder', () => {
  test('one becomes ready; the other says so and touches nothing', async () => {
    let stack = await TestStack.start();
    try {
      for (const folder of ['after a crash', 'new']) {
        stack.kill('everything');
        if (folder === 'new') rmSync(stack.address.dataDir, { recursive: true });
        const pair = [new TestStack(), new TestStack()];
        for (const one of pair) one.address = stack.address;
        const outcomes = await Promise.allSettled(pair.map((one) => one.launch()));
        const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
        expect(refused).toEqual([expect.stringMatching(/ended with 3:\n[^]*(is already running|is starting)/)]);
        stack = pair[outcomes.findIndex((outcome) => outcome.status === 'fulfilled')] as TestStack;
        expect((await stack.api.request('GET', '/projects')).status).toBe(200);
      }
    } finally {
      await stack.stop();
    }
  });
});
