import { clientOptions } from '#temporal/connection.ts';

test.each([
  ['127.0.0.1:7233', true],
  ['localhost:7233', true],
  ['[::1]:7233', true],
  ['temporal:7233', false],
  ['127.0.0.1.example.org:7233', false],
])('a connection to %s leaves the proxy of https_proxy out: %s', (address, direct) => {
  expect(clientOptions({ temporal: {} }, address)).toEqual({
    address,
    channelArgs: direct ? { 'grpc.enable_http_proxy': 0 } : {},
  });
});
