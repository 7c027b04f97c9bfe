import fc from 'fast-check';
import { assumedRange, forecastOf, leastSimilar, rangeFromHistory } from '#workflows/domain/billing/forecast.ts';

const pricing = { cache_ttl: '1h' } as const;
const assume = () => assumedRange(10, 'claude-sonnet-4-5', pricing);
const none = { project: [], organization: [] };

/** Numbers in (0, 1) that are the same in every run of the test. */
function uniform(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4_294_967_296;
  };
}

/** A cost of median $0.30 whose logarithm is normal, with this spread. */
const skewed = (random: () => number, spread: number) =>
  Math.max(
    1,
    Math.round(300_000 * Math.exp(spread * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()))),
  );
/** A cost that is the sum of k exponential waits: less skewed than the model of the forecast takes it to be. */
const gamma = (random: () => number, k: number) =>
  Math.round(Array.from({ length: k }, () => -100_000 * Math.log(random())).reduce((sum, x) => sum + x, 0)) + 1;

test('ten tasks of sonnet 4.5 without a history cost $0.54 by the rule, which says that it is one', () => {
  expect(forecastOf(none, 10, assume)).toEqual({
    low: 450_000,
    mid: 540_000,
    high: 776_250,
    basis: 'assumption',
    similar: 0,
  });
});

test('four similar tasks are too few; the project comes before the organization', () => {
  const four = [1, 2, 3, 4].map((n) => n * 100_000);
  expect(forecastOf({ project: four, organization: four }, 1, assume)).toMatchObject({
    basis: 'assumption',
    similar: 4,
  });
  const five = [...four, 500_000];
  expect(forecastOf({ project: four, organization: five }, 1, assume)).toMatchObject({
    basis: 'organization',
    similar: 5,
  });
  expect(forecastOf({ project: five, organization: four }, 1, assume)).toMatchObject({ basis: 'project', similar: 5 });
  // A task that cost nothing, such as one that was done by hand, says nothing.
  expect(forecastOf({ project: [...four, 0], organization: [] }, 1, assume)).toMatchObject({ basis: 'assumption' });
});

test.each([
  ['one task, skewed costs', 1, (random: () => number) => skewed(random, 0.6)],
  ['one task, very skewed costs', 1, (random: () => number) => skewed(random, 1)],
  ['five tasks', 5, (random: () => number) => skewed(random, 0.6)],
  ['twenty tasks', 20, (random: () => number) => skewed(random, 0.8)],
  ['one task, costs of another shape', 1, (random: () => number) => gamma(random, 3)],
  ['ten tasks, costs of another shape', 10, (random: () => number) => gamma(random, 3)],
] as const)('[BILL-16] the 80 %% range of %s holds in 70 to 90 %% of 200 histories', (_name, count, cost) => {
  for (const seed of [1, 2, 3]) {
    const random = uniform(seed);
    let held = 0;
    for (let n = 0; n < 200; n += 1) {
      const history = Array.from({ length: leastSimilar + Math.floor(random() * 30) }, () => cost(random));
      const { low, high } = forecastOf({ project: history, organization: [] }, count, assume);
      const real = Array.from({ length: count }, () => cost(random)).reduce((sum, x) => sum + x, 0);
      if (low <= real && real <= high) held += 1;
    }
    expect(held).toBeGreaterThanOrEqual(140);
    expect(held).toBeLessThanOrEqual(180);
  }
});

test('a range is in order, whole and finite for any history', () => {
  const cost = fc.integer({ min: 1, max: 1_000_000_000 });
  fc.assert(
    fc.property(
      fc.array(cost, { minLength: 5, maxLength: 100 }),
      fc.integer({ min: 1, max: 1000 }),
      (history, count) => {
        const range = rangeFromHistory(history, count);
        for (const value of Object.values(range)) expect(Number.isSafeInteger(value)).toBe(true);
        expect(range.low).toBeLessThanOrEqual(range.mid);
        expect(range.mid).toBeLessThanOrEqual(range.high);
      },
    ),
  );
});
