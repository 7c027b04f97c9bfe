import { createServer } from 'node:http';
import { createLocalSandbox } from '#activities/adapters/sandbox/local/index.ts';
import { openBench } from '#tests/ports/local/fixture.ts';

/** Runs one command in each kind of network, in the network of network-world.sh, and prints what it reached. */
const [command = ''] = process.argv.slice(2);
const own = createServer((_, response) => response.end('own')).listen(3000, '0.0.0.0');
const bench = await openBench('local');
try {
  const id = await bench.make();
  const outputs: Record<string, string> = {};
  for (const [name, network, networkAllow] of [
    ['none', 'none', []],
    ['full', 'full', []],
    ['registries', 'registries', ['203.0.113.6:80']],
    ['listed', 'full', ['10.1.2.3', '198.51.100.0/24']],
  ] as const) {
    const { dataDir, repositories } = bench;
    const sandbox = await createLocalSandbox({
      dataDir,
      gitDirOf: repositories.gitDir,
      networkAllow: [...networkAllow],
      packageSettings: 'none',
    });
    await sandbox.startCommand(id, { job_id: name, command, network });
    await sandbox.waitCommand(id, name, { timeoutMs: 20_000 });
    const { head } = await sandbox.readOutput(id, name, { headBytes: 10_000, tailBytes: 0 });
    outputs[name] = head.toString();
  }
  process.stdout.write(JSON.stringify(outputs));
} finally {
  own.close();
  await bench.close();
}
