import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Paths of the embedded services in the data folder. */
export const databaseDir = (dataDir: string) => path.join(dataDir, 'database');
export const ownerKeyFile = (dataDir: string) => path.join(dataDir, 'owner-key');
export const runDir = (dataDir: string) => path.join(dataDir, 'run');

/** A Unix socket's path is limited to about 100 bytes: with a longer one the socket is in the temporary folder. */
export function socketDirOf(dataDir: string): string {
  const inside = runDir(dataDir);
  if (inside.length < 80) return inside;
  return path.join(tmpdir(), `omoios-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);
}

/** Connection string of the embedded database. */
export function embeddedDatabaseUrl(dataDir: string): string {
  return `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(socketDirOf(dataDir))}`;
}

/** The newest one-time sign-in link of the owner, printed at start. */
export const signInLinkFile = (dataDir: string) => path.join(runDir(dataDir), 'sign-in-link');
