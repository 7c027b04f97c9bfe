import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Received {
  path: string;
  body: Buffer;
}

/** A server of others, which takes everything and keeps it. */
export class Receiver {
  readonly received: Received[] = [];
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer((req, res) => {
      const parts: Buffer[] = [];
      req.on('data', (part: Buffer) => parts.push(part));
      req.on('end', () => {
        const bytes = Buffer.concat(parts);
        const body = req.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
        receiver.received.push({ path: req.url ?? '', body });
        res.setHeader('content-type', 'application/json').end('{}');
      });
    });
    const receiver = new Receiver(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** All bodies as one text. */
  get text(): string {
    return this.received.map(({ body }) => body.toString('utf8')).join('\n');
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
