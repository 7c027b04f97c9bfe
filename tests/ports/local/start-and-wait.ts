/** Starts a command in a sandbox and stays, as a worker that is about to be killed. Arguments: data folder, kind, sandbox, job, command. */
import path from 'node:path';
import { createSandbox } from './fixture.ts';

const [dataDir = '', kind = 'none', id = '', jobId = '', command = ''] = process.argv.slice(2);
const { port: sandbox } = await createSandbox(kind, {
  dataDir,
  gitDirOf: (project) => path.join(dataDir, 'repos', `${project}.git`),
});
await sandbox.startCommand(id, { job_id: jobId, command, network: 'none' });
process.stdout.write('started\n');
await sandbox.waitCommand(id, jobId, { timeoutMs: 600_000 });
