import type { Call } from '#server/http/context.ts';
import { reachRun } from '#server/usecases/reach-run.ts';
import { AppError } from '#workflows/domain/errors.ts';

/** A run whose workflow is there after so many tries. */
function run(row: { started_at?: Date; ended_at?: Date }, thereAfter: number) {
  const store = { runs: { get: () => Promise.resolve({ started_at: null, ended_at: null, ...row }) } };
  const gone = new AppError('conflict', 'It is not running: it has ended, or never started.');
  let tries = 0;
  const reach = () => ((tries += 1) > thereAfter ? Promise.resolve('reached') : Promise.reject(gone));
  return { answer: reachRun({ services: { store } } as unknown as Call, 'r', reach), tries: () => tries };
}

test('a command waits for the workflow of a run that is about to start', async () => {
  const one = run({}, 3);
  expect([await one.answer, one.tries()]).toEqual(['reached', 4]);
});

test.each([{ started_at: new Date() }, { ended_at: new Date() }])(
  'a run that is not about to start is asked once: %#',
  async (row) => {
    const one = run(row, 3);
    await expect(one.answer).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('has ended') });
    expect(one.tries()).toBe(1);
  },
);

test('a run that waits for a slot says so', async () => {
  await expect(run({}, Infinity).answer).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('waits for a slot'),
  });
}, 15_000);
