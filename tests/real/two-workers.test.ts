import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { eventually } from '#tests/support/api.ts';
import { LiveFeed } from '#tests/support/live-feed.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { Hold } from '#tests/support/hold.ts';
import { broken } from '#tests/chaos/invariants.ts';
import { claimDone, count, countFile, playWork, read, review, write, type Work } from '#tests/chaos/played-work.ts';
import type { Ticket } from '#tests/chaos/world.ts';
import { deploy, type Deployment } from './deployment.ts';
import { query, serverUrl } from './services.ts';

/** Seconds after which the work of a dead worker goes on; a slow machine may take three times that. */
const resumedWithin = 7;
const patience = 3;
jest.setTimeout(600_000);

const work: Work = {
  turns: [
    [read('sum', 'src/sum.js')],
    [count('first')],
    [write('double', 'src/double.js', 'export const double = (n) => 2 * n;\n')],
    [count('second', 3)],
    [count('third')],
  ],
  done: claimDone,
};
const labels = ['first', 'second', 'third'];
const play = (request: Played): Reply => playWork(request, request.context.kind === 'validation' ? review : work);

describe('two workers on PostgreSQL, Redis and a Temporal server of their own', () => {
  let deployment: Deployment;
  let { world, beside, temporal, toDatabase, toRedis } = {} as Deployment;
  beforeAll(async () => {
    deployment = await deploy();
    ({ world, beside, temporal, toDatabase, toRedis } = deployment);
  });
  afterAll(() => deployment?.stop());

  const tickets = (n: number): Promise<Ticket[]> =>
    Promise.all(Array.from({ length: n }, async () => world.ticket(await world.place(play))));

  async function allWell(done: Ticket[]): Promise<void> {
    const pulls = await Promise.all(done.map((ticket) => world.pullRequest(ticket)));
    const effects = done.flatMap((ticket, i) => {
      const lines = ticket.repository.show(pulls[i]?.branch as string, countFile).split('\n');
      return labels.map((label) => ({
        what: `${label} of ${ticket.word}`,
        expected: 1,
        found: lines.filter((line) => line === label).length,
      }));
    });
    const evidence = await world.evidence(
      done.map((ticket) => ticket.id),
      { effects },
    );
    expect(broken(evidence)).toEqual([]);
    expect(evidence.rows.pull_requests).toHaveLength(done.length);
  }

  const underWay = (ticket: Ticket, label: string) =>
    eventually(
      `${label} runs`,
      async () =>
        (
          await world.records.rows(
            "SELECT 1 FROM tool_calls t JOIN runs r ON r.id = t.run_id WHERE r.project_id = $1 AND t.tool_use_id LIKE $2 AND t.status = 'running'",
            [ticket.id, `toolu_${label}_%`],
          )
        ).length > 0,
      60_000,
    );

  test('one of them killed: the other continues its runs', async () => {
    const holds = Array.from({ length: 6 }, () => new Hold());
    const held = await Promise.all(
      holds.map(async (hold) =>
        world.ticket(
          await world.place(async (request) => {
            if (request.context.kind === 'task' && request.step === 1) await hold.here();
            return play(request);
          }),
        ),
      ),
    );
    const runs = await Promise.all(held.map((ticket) => world.runOf(ticket)));
    await Promise.all(holds.map((hold) => hold.reached));
    const asked = world.asked.length;
    const at = Date.now();
    await beside.kill();
    const again = new Set<string>();
    await sleep(1000);
    for (const hold of holds) hold.release();
    const since = new Map<string, number>();
    await eventually(
      'every run goes on',
      () => {
        for (const { run_id: run, conversation } of world.asked.slice(asked)) {
          if (runs.includes(run) && !since.has(run)) since.set(run, (Date.now() - at) / 1000);
          if (
            world.asked
              .slice(0, asked)
              .some((request) => request.run_id === run && request.conversation === conversation)
          )
            again.add(run);
        }
        return since.size === runs.length;
      },
      90_000,
    );
    console.log(
      `${again.size} of ${runs.length} calls were the dead worker's; the last run went on ${Math.max(...since.values()).toFixed(1)} s after the kill`,
    );
    expect(Math.max(...since.values())).toBeLessThan(patience * resumedWithin);
    await allWell(held);
    await beside.start();
  });

  test('PostgreSQL out of reach for a while, then crashed: runs wait and continue', async () => {
    const done = await tickets(3);
    await Promise.all(done.map((ticket) => underWay(ticket, 'second')));
    toDatabase.cut();
    expect((await world.stack.api.request('GET', '/projects')).status).toBe(503);
    await sleep(4000);
    toDatabase.mend();
    await world.stack.ready();
    const [row] = await query<{ pid: number }>(
      serverUrl(),
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'",
    );
    process.kill(row?.pid as number, 'SIGKILL');
    await allWell(done);
  });

  test('Redis gone and back: work continues, and the live feed misses nothing', async () => {
    const feed = await LiveFeed.open(world.stack.address.url, world.stack.api.key, 'after=0');
    await eventually('what was before is told', () => feed.events.length > 20);
    toRedis.cut();
    const done = await tickets(1);
    const pull = await world.pullRequest(done[0] as Ticket);
    expect(feed.events.some((event) => event.entity.id === pull.id)).toBe(false);
    toRedis.mend();
    await eventually('the feed has caught up', () => feed.events.some((event) => event.entity.id === pull.id), 20_000);
    const numbers = feed.events.map((event) => event.seq);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    feed.close();
    await allWell(done);
  });

  test('the Temporal server killed and started again: runs continue', async () => {
    const done = await tickets(3);
    await Promise.all(done.map((ticket) => underWay(ticket, 'second')));
    await temporal.server.kill();
    await sleep(2000);
    await temporal.server.start();
    await allWell(done);
  });
});
