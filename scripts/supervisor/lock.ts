import { createHash } from 'node:crypto';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Lock {
  release(): void;
}

/**
 * Takes a lock that the operating system releases when the process dies: a bound socket.
 * Linux binds an abstract name, which cannot become stale. Elsewhere a socket file without a listener is replaced.
 * @returns undefined when a living process holds it.
 */
export async function acquireLock(purpose: string, dataDir: string): Promise<Lock | undefined> {
  const id = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 24);
  if (process.platform === 'linux') return listen(`\0omoios-${purpose}-${id}`);
  const file = path.join(tmpdir(), `omoios-${purpose}-${id}.lock`);
  const taken = await listen(file);
  if (taken || (await isAnswered(file))) return taken;
  rmSync(file, { force: true });
  return listen(file);
}

function listen(address: string): Promise<Lock | undefined> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(address, () => {
      server.unref();
      resolve({ release: () => server.close() });
    });
  });
}

function isAnswered(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(file);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
