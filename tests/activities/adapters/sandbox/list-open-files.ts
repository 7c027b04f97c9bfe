/** Lists the open files of a command and of an exec in a sandbox, from a process that was given some. Arguments: data folder, sandbox. */
import path from 'node:path';
import { createLocalSandbox } from '#activities/adapters/sandbox/local/index.ts';

const [dataDir = '', id = ''] = process.argv.slice(2);
const sandbox = await createLocalSandbox({
  dataDir,
  gitDirOf: (project) => path.join(dataDir, 'repos', `${project}.git`),
});
const list = 'for fd in /proc/self/fd/* /proc/1/fd/*; do readlink $fd; done';
await sandbox.startCommand(id, { job_id: 'open-files', command: list, network: 'none' });
await sandbox.waitCommand(id, 'open-files', { timeoutMs: 10_000 });
process.stdout.write((await sandbox.readOutput(id, 'open-files', { headBytes: 10_000, tailBytes: 0 })).head);
process.stdout.write(`exec:\n${(await sandbox.exec(id, ['bash', '-c', list])).stdout.toString()}`);
