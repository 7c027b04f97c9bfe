/** Runs the embedded database in its own process, so that it blocks no other process's event loop. */
import { mkdir } from 'node:fs/promises';
import { loadConfig } from '#activities/services/config.ts';
import { databaseDir, socketDirOf } from '#activities/services/embedded.ts';
import { openDatabase } from './database-server.ts';
import { acquireLock } from './lock.ts';

const { data_dir: dataDir } = loadConfig();
await mkdir(dataDir, { recursive: true });
const lock = await acquireLock('database', dataDir);
if (!lock) {
  console.error(`Another process already serves the database in ${dataDir}.`);
  process.exit(3);
}
const database = await openDatabase({ dataDir: databaseDir(dataDir), socketDir: socketDirOf(dataDir) });
console.log(`serving ${databaseDir(dataDir)}`);

let closing = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (closing) return;
    closing = true;
    void database.close().finally(() => process.exit(0));
  });
}
