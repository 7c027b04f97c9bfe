import { cpSync, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { rootDir } from '#activities/services/config.ts';

export interface OpenDatabase {
  url: string;
  close(): Promise<void>;
}

/**
 * Keeps each client's Parse, Bind and Execute together. The socket server passes messages of all clients to one session
 * in the order they arrive, and makes clients wait only during a transaction. A Bind could then find another client's
 * unnamed statement. So an unfinished sequence counts as a transaction.
 */
function keepSequencesTogether(db: PGlite): void {
  const sync = 'S'.charCodeAt(0);
  const partOfSequence = new Set([...'PBDEC'].map((type) => type.charCodeAt(0)));
  let open = false;
  const inTransaction = db.isInTransaction.bind(db);
  const exec = db.exec.bind(db);
  const execRaw = db.execProtocolRawStream.bind(db);
  db.isInTransaction = () => open || inTransaction();
  db.exec = (...args) => {
    open = false;
    return exec(...args);
  };
  db.execProtocolRawStream = async (message, options) => {
    const type = message[0] ?? 0;
    if (partOfSequence.has(type)) open = true;
    try {
      await execRaw(message, options);
    } catch (error) {
      // The server would wait forever for the end of this message. A new process loses no data.
      console.error(`the database failed: ${String(error)}`);
      process.exit(70);
    }
    if (type === sync) open = false;
  };
}

/** A database with the schema of this checkout and no rows: see ./empty-database.ts. */
export const emptyDatabaseDir = path.join(rootDir, '.cache/empty-database');

/** Copies the empty database to a data folder that has none. A copy that was interrupted is made again. */
async function copyEmptyDatabase(dataDir: string): Promise<void> {
  if (existsSync(dataDir) || !existsSync(emptyDatabaseDir)) return;
  const part = `${dataDir}.part`;
  await rm(part, { recursive: true, force: true });
  // The process has nothing else to do now, and this takes a third of the time of the copy in steps.
  cpSync(emptyDatabaseDir, part, { recursive: true });
  await rename(part, dataDir);
}

/**
 * Opens PGlite (in memory without `dataDir`) and serves it on a Unix socket in `socketDir`.
 * The caller must hold the folder's lock: PGlite does not lock it, and two processes on one folder lose rows.
 * @param options.begin what a folder without a database begins with; by default a copy of the empty one, if that is made.
 */
export async function openDatabase(options: {
  dataDir?: string;
  socketDir: string;
  begin?: 'copy' | 'nothing';
}): Promise<OpenDatabase> {
  if (options.dataDir && options.begin !== 'nothing') await copyEmptyDatabase(options.dataDir);
  await mkdir(options.socketDir, { recursive: true, mode: 0o700 });
  const db = await PGlite.create({ dataDir: options.dataDir, extensions: { vector } });
  await db.exec('CREATE EXTENSION IF NOT EXISTS vector');
  keepSequencesTogether(db);
  const socket = path.join(options.socketDir, '.s.PGSQL.5432');
  // A killed process may have left the socket file. The lock guarantees that no process listens on it.
  await rm(socket, { force: true });
  const server = new PGLiteSocketServer({ db, path: socket, maxConnections: 200 });
  await server.start();
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(options.socketDir)}`,
    close: async () => {
      await server.stop();
      await db.close();
    },
  };
}
