import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '@temporalio/activity';
import { Reins } from '#activities/agent/stretch/reins.ts';
import type { RunLimits } from '#workflows/domain/agent/run.ts';

/** The context of an activity that is told to end, by a cancellation or because its worker ends. */
function told() {
  const controller = new AbortController();
  const context = { cancellationSignal: controller.signal, cancellationDetails: undefined as object | undefined };
  return {
    context: context as unknown as Context,
    cancel: () => {
      context.cancellationDetails = { cancelRequested: true };
      controller.abort();
    },
    endWorker: () => {
      context.cancellationDetails = { workerShutdown: true };
      controller.abort();
    },
  };
}

const limits = (seconds: number) => ({ max_seconds: seconds }) as RunLimits;
const spent = { active_ms: 0, iteration_active_ms: 0, grace_used: false };
const until = (signal: AbortSignal) =>
  new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('cut'), { once: true }));

test('a cancellation cuts the step for good; an ending worker only leaves it to the next try', async () => {
  const one = told();
  const cut = new Reins(one.context);
  one.cancel();
  expect([cut.cutBy, cut.interrupt.aborted, cut.signal.aborted, cut.isLeft]).toEqual(['message', true, true, false]);

  const other = told();
  const left = new Reins(other.context);
  other.endWorker();
  // A command under way goes on; a model call does not.
  expect([left.cutBy, left.interrupt.aborted, left.signal.aborted, left.isLeft]).toEqual([
    undefined,
    false,
    true,
    true,
  ]);
  await expect(left.handedOver).rejects.toMatchObject({ type: 'handed_over' });
});

test('the first cause of a cut stays', () => {
  const reins = new Reins(told().context);
  reins.cut('run');
  reins.cut('message');
  expect(reins.cutBy).toBe('run');
});

test.each<[string, number, string, 'run' | undefined]>([
  ['a limit that is reached', 0.02, 'cut', 'run'],
  ['a limit that a person has raised meanwhile', 10, 'done', undefined],
])('%s', async (_, raised, ends, cutBy) => {
  const reins = new Reins(told().context);
  const step = () => Promise.race([until(reins.interrupt), sleep(150, 'done')]);
  const now = { now: limits(0.02), again: () => Promise.resolve(limits(raised)) };
  expect(await reins.timed(spent, now, step)).toBe(ends);
  expect(reins.cutBy).toBe(cutBy);
});

test('a look at the limits that comes after the end of its step cuts nothing', async () => {
  const reins = new Reins(told().context);
  const again = () => sleep(40, limits(0.01));
  expect(await reins.timed(spent, { now: limits(0.01), again }, () => sleep(25, 'done'))).toBe('done');
  await sleep(60);
  expect(reins.cutBy).toBeUndefined();
});
