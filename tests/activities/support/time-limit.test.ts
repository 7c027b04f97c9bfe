import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { timeLimit } from '#activities/support/time-limit.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const reasonOf = async (signal: AbortSignal) => {
  for (let n = 0; n < 10 && !signal.aborted; n += 1) {
    collectGarbage();
    await sleep(50);
  }
  return (signal.reason as Error | undefined)?.name;
};

test('a time limit holds though nothing else remembers it, and ends with another signal or its work', async () => {
  const idle = new AbortController();
  expect(await reasonOf(timeLimit(100, idle.signal, undefined).signal)).toBe('TimeoutError');
  const stopped = new AbortController();
  const { signal } = timeLimit(60_000, stopped.signal);
  stopped.abort(new Error('stopped'));
  expect(signal.reason).toEqual(new Error('stopped'));
  expect(timeLimit(60_000, stopped.signal).signal.aborted).toBe(true);
  const done = timeLimit(50, idle.signal);
  done.end();
  idle.abort();
  expect(await reasonOf(done.signal)).toBeUndefined();
});
