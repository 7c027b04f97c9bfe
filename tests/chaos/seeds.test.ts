import { broken } from './invariants.ts';
import { sandboxesIn } from './leftovers.ts';
import { playSeed, type Outcome } from './seeded-play.ts';
import { KillQueue } from './inject-faults.ts';
import { World } from './world.ts';

/** CHAOS_SEEDS=200 CHAOS_FROM=51 plays 200 others; CHAOS_SEEDS=1 CHAOS_FROM=7 plays the seventh again. */
const seeds = Array.from(
  { length: Number(process.env.CHAOS_SEEDS ?? 50) },
  (_, i) => Number(process.env.CHAOS_FROM ?? 1) + i,
);
const atOnce = 5;

describe('seeded faults', () => {
  let world: World;
  const playing = new Map<number, Promise<Outcome>>();

  beforeAll(async () => {
    // Short enough that the time of many is up between two calls.
    world = await World.start({ OMOIOS_RUN_STRETCH_SECONDS: '0.5' });
    const kills = new KillQueue(world);
    const lanes = Array.from({ length: atOnce }, (): Promise<unknown> => Promise.resolve());
    seeds.forEach((seed, i) => {
      const lane = i % atOnce;
      const outcome = (lanes[lane] as Promise<unknown>).then(() => playSeed(world, kills, seed));
      playing.set(seed, outcome);
      lanes[lane] = outcome.catch(() => undefined);
    });
  });
  afterAll(() => world.stop());

  test.each(seeds)('seed %i', async (seed) => {
    const { plan, place, end, effects, accepted } = await (playing.get(seed) as Promise<Outcome>);
    const cancelled = plan.faults.some((fault) => fault.kind === 'cancel');
    const evidence = await world.evidence([place.id], { effects, accepted }, { others: true });
    const wrong = [...(end === 'pull request' || (cancelled && end === 'cancelled') ? [] : [end]), ...broken(evidence)];
    // The message of a failure holds the plan: nothing else is needed to play it again.
    expect({ seed, plan, wrong }).toEqual({ seed, plan, wrong: [] });
  });

  test('no sandbox is left that belongs to none of them', async () => {
    await Promise.allSettled(playing.values());
    expect(sandboxesIn(world.stack.address.dataDir)).toEqual([]);
  });
});
