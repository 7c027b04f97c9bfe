import { kept } from '#activities/support/kept.ts';
import { databaseAway } from '#prisma/client.ts';
import { fenced } from '#workflows/domain/errors.ts';

/** A write that is refused with these errors, then stored. */
const refused = (...errors: Error[]) => {
  const write = () => {
    const error = errors[write.tries++];
    return error ? Promise.reject(error) : Promise.resolve('stored');
  };
  write.tries = 0;
  return write;
};

test('a write is tried again while the database is away', async () => {
  const write = refused(databaseAway(), databaseAway());
  expect([await kept(write), write.tries]).toEqual(['stored', 3]);
});

test.each([fenced(), new TypeError('a fault of ours')])('another error is not tried again: %s', async (error) => {
  const write = refused(error);
  await expect(kept(write)).rejects.toBe(error);
  expect(write.tries).toBe(1);
});

test('a stretch that is left writes once, and does not try again', async () => {
  const left = AbortSignal.abort();
  expect(await kept(refused(), left)).toBe('stored');
  const write = refused(databaseAway());
  await expect(kept(write, left)).rejects.toMatchObject({ code: 'unavailable' });
  expect(write.tries).toBe(1);
});
