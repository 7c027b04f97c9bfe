import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, Socket, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProxyServer } from 'httpxy';
import { AppError } from '#workflows/domain/errors.ts';
import type { Calls } from './calls.ts';
import type { RemoteTransport } from './transport.ts';

/** An address is asked for again after this time: a sandbox that was made again has another one. */
const knownMs = 30_000;

type Ports = NonNullable<RemoteTransport['ports']>;
type ByProgram = Extract<Ports, { connect: unknown }>['connect'];
type ByAddress = Extract<Ports, { addressOf: unknown }>['addressOf'];

interface Way {
  socketPath: string;
  close(): void;
}

/** Ways to ports of sandboxes on other machines: each a socket of this process, which ends with the sandbox and the process. */
export function createPorts({ provider, ports }: Pick<RemoteTransport, 'provider' | 'ports'>, calls: Calls) {
  const ways = new Map<string, Promise<Way>>();
  const keyOf = (id: string, port: number | '') => `${id} ${port}`;

  /** Each connection is a program in the sandbox. */
  const byProgram = (id: string, port: number, connect: ByProgram): Server =>
    createServer((client) => {
      client.on('error', () => client.destroy());
      connect(id, ['bash', calls.port, String(port)]).then(
        ({ from, to }) => {
          // What the program has sent goes out before the connection ends.
          from.on('error', () => client.end()).pipe(client);
          client.pipe(to.on('error', () => undefined));
          client.on('close', () => [from, to].forEach((stream) => stream.destroy()));
        },
        () => client.destroy(),
      );
    });

  /** Requests are passed on to where the place shows the port. */
  function byAddress(id: string, port: number, addressOf: ByAddress): Server {
    const proxy = createProxyServer({ changeOrigin: true, ws: true });
    proxy.on('error', (_error, _request, to) => {
      if (!to || to instanceof Socket || to.headersSent) return void to?.destroy();
      to.writeHead(502).end();
    });
    let known = { until: 0, address: undefined as ReturnType<ByAddress> | undefined };
    const address = () => {
      if (known.address && Date.now() < known.until) return known.address;
      const asked = show(id, port).then(() => addressOf(id, port));
      known = { until: Date.now() + knownMs, address: asked };
      asked.catch(() => (known.until = 0));
      return asked;
    };
    const server = createHttpServer((request, response) => {
      address().then(
        ({ url, headers }) => proxy.web(request, response, { target: url, headers }),
        (error: unknown) => {
          // A viewer sees why: most often the image lacks a program.
          const reason = error instanceof AppError ? error.message : `The sandbox shows no port ${port}. Try again.`;
          response.writeHead(502, { 'content-type': 'text/plain; charset=utf-8' }).end(`${reason}\n`);
        },
      );
    });
    server.on('upgrade', (request, socket: Socket, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      address().then(
        ({ url, headers }) => proxy.ws(request, socket, { target: url, headers }, head),
        () => socket.destroy(),
      );
    });
    return server;
  }

  /** @throws AppError('invalid_rule') for an image that cannot show a port. */
  async function show(id: string, port: number): Promise<void> {
    const { exitCode, stderr } = await calls.call(id, ['port', String(port)]);
    if (exitCode !== 0) throw new AppError('invalid_rule', stderr.trim() || `Port ${port} cannot be shown.`);
  }

  async function start(id: string, port: number): Promise<Way> {
    if (!ports) throw new AppError('invalid_rule', `Sandboxes of ${provider} show no ports.`);
    // The scripts of this version are there afterwards.
    await calls.call(id, ['made']);
    const folder = mkdtempSync(path.join(tmpdir(), 'omoios-'));
    const remove = () => rmSync(folder, { recursive: true, force: true });
    process.on('exit', remove);
    const server = 'connect' in ports ? byProgram(id, port, ports.connect) : byAddress(id, port, ports.addressOf);
    const open = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      open.add(socket.unref());
      socket.on('close', () => open.delete(socket));
    });
    const socketPath = path.join(folder, 'port');
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve));
    server.unref();
    return {
      socketPath,
      close: () => {
        process.off('exit', remove);
        server.close();
        for (const socket of open) socket.destroy();
        remove();
      },
    };
  }

  return {
    /** @returns the path of a socket that leads to the port. */
    async open(id: string, port: number): Promise<string> {
      const key = keyOf(id, port);
      const way = ways.get(key) ?? start(id, port);
      ways.set(key, way);
      way.catch(() => ways.delete(key));
      return (await way).socketPath;
    },
    /** Ends the ways to a sandbox that is gone. */
    close(id: string): void {
      for (const [key, way] of ways)
        if (key.startsWith(keyOf(id, ''))) {
          ways.delete(key);
          way.then(
            ({ close }) => close(),
            () => undefined,
          );
        }
    },
  };
}
