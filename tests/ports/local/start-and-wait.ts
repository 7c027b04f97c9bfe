/** Starts a command in a sandbox and stays, as a worker that is about to be killed. Arguments: data folder, kind, sandbox, job, command. */
import { createSandbox } from './fixture.ts';

const [dataDir = '', kind = 'none', id = '', jobId = '', command = ''] = process.argv.slice(2);
const { port: sandbox } = await createSandbox(kind, dataDir);
await sandbox.startCommand(id, { job_id: jobId, command, network: 'none' });
process.stdout.write('started\n');
await sandbox.waitCommand(id, jobId, { timeoutMs: 600_000 });
