import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import pg from 'pg';

function fromEnvironment(name: 'TEST_DATABASE_URL' | 'TEST_REDIS_URL'): string {
  const url = process.env[name];
  if (!url)
    throw new Error(
      `${name} is not set. These tests want real services: . .ci/real-services.sh && real_services_start`,
    );
  return url;
}

export const serverUrl = () => fromEnvironment('TEST_DATABASE_URL');
export const redisUrl = () => fromEnvironment('TEST_REDIS_URL');

/** A statement on the server itself, by a connection of its own. */
export async function query<T extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** A new, empty database on the server. */
export async function newDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `omoios_${randomBytes(6).toString('hex')}`;
  await query(serverUrl(), `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => void (await query(serverUrl(), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** Stands between the product and a service, so that the way to it can be cut and opened again. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private open = true;
  private server!: Server;

  private constructor(private readonly target: URL) {}

  static async to(url: string): Promise<Wire> {
    const wire = new Wire(new URL(url));
    wire.server = createServer((near) => wire.join(near));
    await new Promise<void>((resolve) => wire.server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  private join(near: Socket): void {
    if (!this.open) return void near.destroy();
    const far = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from
        .on('error', () => to.destroy())
        .on('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      from.pipe(to);
    }
  }

  /** Cuts every connection now; new ones are taken again at once. */
  sever(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Cuts every connection and takes none until it is closed again. */
  cut(): void {
    this.open = false;
    this.sever();
  }

  mend(): void {
    this.open = true;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
