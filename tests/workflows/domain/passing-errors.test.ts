import { outlivesWorker, retryDelay } from '#workflows/domain/passing-errors.ts';

test('a step whose worker dies again and again is repeated a limited number of times', () => {
  expect([1, 2, 3, 4, 5, 6].map(outlivesWorker)).toEqual([true, true, true, true, false, false]);
});

test('the wait before a further try doubles up to five minutes', () => {
  expect([1, 2, 3, 9, 10, 40].map(retryDelay)).toEqual([1000, 2000, 4000, 256_000, 300_000, 300_000]);
});
