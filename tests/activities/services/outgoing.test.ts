import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createOutgoing } from '#activities/services/outgoing.ts';
import { isPublic } from '#activities/services/public-address.ts';

const limits = { max_bytes: 1000, timeout: 2 };

describe('an address that a person sets', () => {
  const servers: Server[] = [];
  afterEach(() => servers.splice(0).forEach((server) => (server.closeAllConnections(), server.close())));

  async function serve(answer: RequestListener): Promise<number> {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  }
  const call = (url: string, options: Partial<Parameters<typeof createOutgoing>[0]> = {}, init?: RequestInit) =>
    createOutgoing({ allow: [], ...options }).within(limits)(url, init);
  /** Each look at a name gives the next of these. */
  const names = (...answers: string[][]) => {
    let looks = 0;
    return async () => answers[Math.min(looks++, answers.length - 1)] ?? [];
  };

  test.each([
    'https://127.0.0.1/',
    'https://localhost/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://0/',
    'https://10.0.0.1/',
    'https://172.31.255.255/',
    'https://192.168.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001::7f00:1]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[fd00:ec2::254]/',
    'https://[ff02::1]/',
  ])('is refused where it leads into a private network: %s', async (url) => {
    await expect(call(url)).rejects.toThrow(/lies in a private network.*OMOIOS_OUTBOUND_ALLOW/);
  });

  test.each(['http://example.com/', 'ftp://example.com/', 'file:///etc/passwd'])(
    'is refused without https: %s',
    (url) => expect(call(url, { lookup: names(['93.184.216.34']) })).rejects.toThrow('must begin with https://'),
  );

  test('is refused with a user name or a password in it', () =>
    expect(call('https://user:secret@example.com/')).rejects.toThrow('no user name and no password'));

  test('is refused when one of the addresses of its name is private, at whichever look', async () => {
    const mixed = names(['93.184.216.34', '10.0.0.1']);
    await expect(call('https://rebind.test/', { lookup: mixed })).rejects.toThrow('private network');
    // http of a listed name is looked at twice: before the call, and for the connection.
    const port = await serve((_request, response) => response.end('secret'));
    const rebound = names(['93.184.216.34'], ['127.0.0.1']);
    const options = { allow: ['93.184.216.34'], lookup: rebound };
    await expect(call(`http://rebind.test:${port}/`, options)).rejects.toThrow('private network');
  });

  test('is connected to at the very address that was looked at', async () => {
    const port = await serve((request, response) => response.end(request.headers.host));
    const lookup = names(['127.0.0.1']);
    const response = await call(`http://only-here.test:${port}/`, { allow: ['only-here.test'], lookup });
    expect(await response.text()).toBe(`only-here.test:${port}`);
  });

  test('is called where the operator lists it, and its redirects are looked at again', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/inside') response.writeHead(307, { location: 'https://169.254.169.254/latest' }).end();
      else if (request.url === '/round') response.writeHead(302, { location: '/round' }).end();
      else if (request.url === '/plain') response.writeHead(302, { location: 'http://other.test/' }).end();
      else if (request.url === '/moved') response.writeHead(307, { location: '/end' }).end();
      else response.end(`${request.method} ${request.headers['x-api-key']}`);
    });
    const at = (path: string, init?: RequestInit) =>
      call(`http://127.0.0.1:${port}${path}`, { allow: ['127.0.0.0/8'] }, init);
    await expect(at('/inside')).rejects.toThrow('private network');
    await expect(at('/round')).rejects.toThrow('more than 3 times');
    await expect(at('/plain')).rejects.toThrow('must begin with https://');
    const sent = { method: 'POST', body: '{}', headers: { 'x-api-key': 'key' } };
    await expect(at('/inside', sent)).rejects.toThrow('Enter the address where it ends');
    expect(await (await at('/moved', sent)).text()).toBe('POST key');
  });

  test('gets no key of the address that redirects to it', async () => {
    const end = await serve((request, response) => response.end(String(request.headers['x-api-key'])));
    const port = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${end}/` }).end(),
    );
    const options = { allow: ['127.0.0.1'] };
    const response = await call(`http://127.0.0.1:${port}/`, options, { headers: { 'x-api-key': 'key' } });
    expect(await response.text()).toBe('undefined');
  });

  test('is given up when its answer has no end, is a bomb, or takes too long', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/endless') {
        const more = () => response.write('x'.repeat(500), () => setImmediate(more));
        more();
      } else if (request.url === '/bomb') {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1e6)));
      } else response.write('slow');
    });
    const at = (path: string) => call(`http://127.0.0.1:${port}${path}`, { allow: ['127.0.0.1'] });
    await expect(at('/endless').then((response) => response.text())).rejects.toThrow('more than 1000 bytes');
    await expect(at('/bomb').then((response) => response.text())).rejects.toThrow('more than 1000 bytes');
    await expect(at('/slow').then((response) => response.text())).rejects.toThrow(/timeout|aborted/);
  });

  test('is called when it is public', () => {
    for (const address of ['93.184.216.34', '8.8.8.8', '2606:50c0:8000::153']) expect(isPublic(address)).toBe(true);
  });
});
