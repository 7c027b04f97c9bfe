/** The embedded database as a process of its own, so that nobody's event loop waits for it. */
import { mkdir } from 'node:fs/promises';
import { loadConfig } from '#activities/services/config.ts';
import { databaseDir, socketDirOf } from '#activities/services/embedded.ts';
import { openDatabase } from './database-server.ts';
import { acquireLock } from './lock.ts';

const { data_dir: dataDir } = loadConfig();
await mkdir(dataDir, { recursive: true });
const lock = await acquireLock('database', dataDir);
if (!lock) {
  console.error(`Another process serves the database in ${dataDir}. This one leaves it alone.`);
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
