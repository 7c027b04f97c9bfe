import { IdleTracker } from '#activities/watch/idle-tracker.ts';

test('counts from the first look at a sign, and again from zero when it changes or is forgotten', () => {
  let now = 1000;
  const idle = new IdleTracker(() => now);
  expect(idle.idleMs('p:work:1', 'a')).toBe(0);
  now += 500;
  expect(idle.idleMs('p:work:1', 'a')).toBe(500);
  expect(idle.idleMs('p:work:1', 'b')).toBe(0);
  expect(idle.idleMs('q:work:1', 'a')).toBe(0);
  now += 70;
  idle.forget('p:', new Set(['p:work:1']));
  expect(idle.idleMs('p:work:1', 'b')).toBe(70);
  idle.forget('p:');
  expect(idle.idleMs('p:work:1', 'b')).toBe(0);
  expect(idle.idleMs('q:work:1', 'a')).toBe(70);
});
