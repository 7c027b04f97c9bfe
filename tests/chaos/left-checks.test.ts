import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '#tests/support/api.ts';
import { share } from '#tests/support/share.ts';
import { processesAt } from './leftovers.ts';
import { claimDone, count, playWork, review, type Work } from './played-work.ts';
import { World } from './world.ts';

const work: Work = { turns: [[count('first')]], done: claimDone };

describe('a check whose worker is killed', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start({ OMOIOS_MONITORING_HEALTH_INTERVAL: '1' });
  });
  afterAll(() => world.stop());

  const folder = () => path.join(world.stack.address.dataDir, 'sandboxes');
  const checks = () =>
    existsSync(folder()) ? readdirSync(folder()).filter((name) => name.startsWith('omoios-check-')) : [];

  /** A ticket whose work is claimed done and whose check never ends. */
  async function inItsCheck() {
    const place = await world.place(
      (request) => playWork(request, request.context.kind === 'validation' ? review : work),
      { checks: ['sleep 4321'] },
    );
    const ticket = await world.ticket(place);
    await eventually('the check runs', () => checks().length === 1 && processesAt('sleep 4321').length > 0, 120_000);
    return ticket;
  }

  const ways = [
    ['cancelled', 'cancel'],
    ['terminated', 'terminate'],
  ] as const;
  test.each(share(ways))(
    'and whose task and run are %s before it is tried again is cleared away',
    async (_, how) => {
      const ticket = await inItsCheck();
      const run = await world.runOf(ticket);
      const { client, close } = await world.stack.temporal();
      world.stack.kill('application');
      for (const id of [`task:${ticket.task_id}`, `run:${run}`]) await client.workflow.getHandle(id)[how]();
      await close();
      await world.stack.ready();
      await eventually(
        'no check is left',
        () => checks().length === 0 && processesAt('sleep 4321').length === 0,
        90_000,
      );
      expect(world.asked.filter((request) => request.run_id === run)).toHaveLength(3);
    },
    240_000,
  );
});
