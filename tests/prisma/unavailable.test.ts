import { isUnavailable } from '#prisma/client.ts';

/** The errors as the driver and its adapter for Prisma throw them. */
test.each<[string, object]>([
  ['a refused connection', { code: 'ECONNREFUSED' }],
  ['a connection that the server ended', { message: 'Connection terminated unexpectedly' }],
  ["the adapter's name for it", { name: 'DriverAdapterError', message: 'ConnectionClosed' }],
  [
    'the same inside an error of Prisma',
    { code: 'P2039', meta: { driverAdapterError: { message: 'ConnectionClosed' } } },
  ],
  ['a deadlock', { message: 'deadlock detected' }],
])('%s can pass by itself', (_name, error) => {
  expect(isUnavailable(error)).toBe(true);
});

test('a value that the database refuses cannot', () => {
  expect(isUnavailable({ code: '22P02', message: 'invalid input syntax for type uuid' })).toBe(false);
});
