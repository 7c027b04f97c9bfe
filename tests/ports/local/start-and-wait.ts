/** Starts a command in a sandbox and stays, as a worker that is about to be killed. Arguments: data folder, kind, sandbox, job, command. */
import path from 'node:path';
import { createLocalSandbox } from '#activities/adapters/sandbox/local/index.ts';
import type { Kind } from './fixture.ts';

const [dataDir = '', kind = 'none', id = '', jobId = '', command = ''] = process.argv.slice(2);
const sandbox = await createLocalSandbox({
  dataDir,
  gitDirOf: (project) => path.join(dataDir, 'repos', `${project}.git`),
  isolation: kind as Kind,
});
await sandbox.startCommand(id, { job_id: jobId, command, network: 'none' });
process.stdout.write('started\n');
await sandbox.waitCommand(id, jobId, { timeoutMs: 600_000 });
