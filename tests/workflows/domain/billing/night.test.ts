import fc from 'fast-check';
import { nextRaise, nightOf, nightRaise } from '#workflows/domain/billing/night.ts';

const berlin = { from: '22:00', until: '07:00', time_zone: 'Europe/Berlin' };
const policy = { ...berlin, raise_usd: 2 };

test.each([
  // Berlin is one hour ahead of UTC in winter, two in summer.
  ['2026-01-10T20:59:00Z', null],
  ['2026-01-10T21:00:00Z', '2026-01-10'],
  ['2026-01-10T23:30:00Z', '2026-01-10'],
  ['2026-01-11T05:59:00Z', '2026-01-10'],
  ['2026-01-11T06:00:00Z', null],
  ['2026-07-10T20:00:00Z', '2026-07-10'],
  ['2026-03-01T01:00:00Z', '2026-02-28'],
])('at %s the night of Berlin is %s', (at, night) => {
  expect(nightOf(new Date(at), berlin)).toBe(night);
});

test('a night after midnight is of its own day, and equal hours are a night without end', () => {
  const early = { from: '01:00', until: '05:00', time_zone: 'UTC' };
  expect(nightOf(new Date('2026-01-10T00:59:00Z'), early)).toBeNull();
  expect(nightOf(new Date('2026-01-10T01:00:00Z'), early)).toBe('2026-01-10');
  expect(nightOf(new Date('2026-01-10T05:00:00Z'), early)).toBeNull();
  expect(nightOf(new Date('2026-01-10T12:00:00Z'), { from: '00:00', until: '00:00', time_zone: 'UTC' })).toBe(
    '2026-01-10',
  );
});

test('a limit is raised once a night, not by day, and never without an amount', () => {
  const night = new Date('2026-01-10T23:00:00Z');
  expect(nightRaise(night, policy, null)).toEqual({ night: '2026-01-10', micros: 2_000_000 });
  expect(nightRaise(night, policy, '2026-01-10')).toBeNull();
  expect(nightRaise(night, policy, '2026-01-09')).toMatchObject({ night: '2026-01-10' });
  expect(nightRaise(new Date('2026-01-10T12:00:00Z'), policy, null)).toBeNull();
  expect(nightRaise(night, { ...policy, raise_usd: 0 }, null)).toBeNull();
});

test('any number of calls of one night raise at most once, whatever the hours', () => {
  const hour = fc.integer({ min: 0, max: 23 }).map((n) => `${String(n).padStart(2, '0')}:00`);
  fc.assert(
    fc.property(hour, hour, fc.integer({ min: 0, max: 86_399 }), (from, until, second) => {
      const rules = { from, until, time_zone: 'UTC', raise_usd: 1 };
      const seen = new Set<string>();
      let raised: string | null = null;
      // Every quarter of an hour for a day: it touches at most two nights.
      for (let n = 0; n < 96; n += 1) {
        const now = nightRaise(new Date(Date.UTC(2026, 4, 1) + second * 1000 + n * 900_000), rules, raised);
        if (!now) continue;
        expect(seen.has(now.night)).toBe(false);
        seen.add(now.night);
        raised = now.night;
      }
      expect(seen.size).toBeLessThanOrEqual(2);
    }),
  );
});

const time = (text: string | null) => (text === null ? null : new Date(text));

test.each([
  ['2026-01-10T12:00:00Z', null, '2026-01-10T21:00:00Z'],
  // It was raised in this night: the next one.
  ['2026-01-10T23:00:30Z', '2026-01-10', '2026-01-11T21:00:00Z'],
  // The clocks of Berlin go forward on 2026-03-29 and back on 2026-10-25.
  ['2026-03-28T22:30:00Z', '2026-03-28', '2026-03-29T20:00:00Z'],
  ['2026-10-24T22:30:00Z', '2026-10-24', '2026-10-25T21:00:00Z'],
])('at %s, after a raise in the night %s, the next one is at %s', (at, raisedIn, next) => {
  expect(nextRaise(new Date(at), policy, raisedIn)).toEqual(time(next));
  expect(nextRaise(new Date(at), { ...policy, raise_usd: 0 }, raisedIn)).toBeNull();
});

test('the next raise of a run that waits is the first minute of its next night, in any time zone', () => {
  const clock = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((n) => String(n).padStart(2, '0')).join(':'));
  const zone = fc.constantFrom('UTC', 'Asia/Kolkata', 'America/Los_Angeles', 'Pacific/Auckland');
  const day = fc.integer({ min: 0, max: 86_399 });
  fc.assert(
    fc.property(clock, clock, zone, day, (from, until, time_zone, second) => {
      const rules = { from, until, time_zone, raise_usd: 1 };
      const at = new Date(Date.UTC(2026, 5, 1) + second * 1000);
      const tonight = nightRaise(at, rules, null)?.night ?? null;
      const next = nextRaise(at, rules, tonight);
      expect(next && nightRaise(next, rules, tonight)).toBeTruthy();
      expect(nightRaise(new Date((next?.getTime() ?? 0) - 60_000), rules, tonight)).toBeNull();
      expect(Number(next) - at.getTime()).toBeLessThanOrEqual(86_400_000);
    }),
    { numRuns: 300 },
  );
});
