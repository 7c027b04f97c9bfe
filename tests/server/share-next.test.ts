import { setTimeout } from 'node:timers/promises';
import { shareNext } from '#server/usecases/share-next.ts';

test('calls that come while one is under way share the next one, and none is answered by a call that began before it came', async () => {
  const share = shareNext();
  let state = 0;
  const seen: number[] = [];
  const look = async () => {
    const read = state;
    await setTimeout(5);
    seen.push(read);
  };
  const answered = Array.from({ length: 100 }, async (_, n) => {
    state = n + 1;
    const mine = state;
    await share('one', look);
    expect(seen.at(-1)).toBeGreaterThanOrEqual(mine);
  });
  await Promise.all(answered);
  expect(seen).toEqual([1, 100]);
  state = 200;
  await share('one', look);
  expect(seen).toEqual([1, 100, 200]);
});

test('a call that fails fails for those that share it alone, and the next one is made', async () => {
  const share = shareNext();
  let calls = 0;
  const fail = async () => {
    calls += 1;
    await setTimeout(1);
    throw new Error(`call ${calls}`);
  };
  const results = await Promise.allSettled([share('a', fail), share('a', fail), share('a', fail), share('b', fail)]);
  expect(results.map((one) => (one.status === 'rejected' ? (one.reason as Error).message : one.status))).toHaveLength(
    4,
  );
  expect(calls).toBe(3);
  await expect(share('a', fail)).rejects.toThrow('call 4');
});
