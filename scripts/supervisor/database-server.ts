import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

export interface OpenDatabase {
  url: string;
  close(): Promise<void>;
}

/**
 * Opens PGlite (in memory without `dataDir`) and serves it on a Unix socket in `socketDir`.
 * The caller must hold the folder's lock: PGlite itself keeps nobody out, and two openers lose rows.
 */
export async function openDatabase(options: { dataDir?: string; socketDir: string }): Promise<OpenDatabase> {
  await mkdir(options.socketDir, { recursive: true, mode: 0o700 });
  const db = await PGlite.create({ dataDir: options.dataDir, extensions: { vector } });
  await db.exec('CREATE EXTENSION IF NOT EXISTS vector');
  const server = new PGLiteSocketServer({ db, path: path.join(options.socketDir, '.s.PGSQL.5432'), maxConnections: 200 });
  await server.start();
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(options.socketDir)}`,
    close: async () => {
      await server.stop();
      await db.close();
    },
  };
}
