/** Makes the database that each new data folder begins with: creating and migrating one takes seconds, copying it none. */
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { applyMigrations } from '#prisma/migrator.ts';
import { emptyDatabaseDir, openDatabase } from './database-server.ts';

const part = `${emptyDatabaseDir}.part`;
const socketDir = await mkdtemp(path.join(tmpdir(), 'omoios-empty-'));
await rm(part, { recursive: true, force: true });
const database = await openDatabase({ dataDir: part, socketDir, begin: 'nothing' });
await applyMigrations(database.url);
await database.close();
await rm(emptyDatabaseDir, { recursive: true, force: true });
await rename(part, emptyDatabaseDir);
await rm(socketDir, { recursive: true, force: true });
