import { Stillness } from '#activities/watch/stillness.ts';

test('counts from the first look at a sign, anew when it changes or is forgotten', () => {
  let now = 1000;
  const stillness = new Stillness(() => now);
  expect(stillness.of('p:work:1', 'a')).toBe(0);
  now += 500;
  expect(stillness.of('p:work:1', 'a')).toBe(500);
  expect(stillness.of('p:work:1', 'b')).toBe(0);
  expect(stillness.of('q:work:1', 'a')).toBe(0);
  now += 70;
  stillness.forget('p:', new Set(['p:work:1']));
  expect(stillness.of('p:work:1', 'b')).toBe(70);
  stillness.forget('p:');
  expect(stillness.of('p:work:1', 'b')).toBe(0);
  expect(stillness.of('q:work:1', 'a')).toBe(70);
});
