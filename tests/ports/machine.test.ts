import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openMachine, type Machine } from '#activities/adapters/machine/index.ts';
import { makeRepository, scratchDir } from './local/fixture.ts';

/** The process of a machine: a child of this one that has the data folder in its arguments. */
function processOf(dataDir: string): number {
  const found = readdirSync('/proc').find((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      return line.includes('machine/process.ts') && line.includes(dataDir);
    } catch {
      return false;
    }
  });
  return Number(found);
}

describe('the process for git and sandboxes', () => {
  const { dir, remove } = scratchDir();
  const dataDir = path.join(dir, 'data');
  const source = path.join(dir, 'source');
  let machine: Machine;
  let base: string;
  beforeAll(async () => {
    base = makeRepository(source, { 'a.txt': 'text\n', 'b.bin': Buffer.from([0, 255, 10]) });
    machine = openMachine({ dataDir, host: 'test' });
    await machine.repositories.sync('project', { path: source }, 'main');
  });
  afterAll(async () => {
    await machine.close();
    remove();
  });

  test('gives bytes, maps and missing values as they are', async () => {
    const { repositories } = machine;
    expect(await repositories.readFile('project', base, 'b.bin')).toEqual(Buffer.from([0, 255, 10]));
    expect(await repositories.readFile('project', base, 'none')).toBeUndefined();
    expect((await repositories.readFiles('project', base, ['a.txt'])).get('a.txt')).toBe('text\n');
  });

  test('gives errors with their class and their code', async () => {
    await expect(machine.repositories.inspect({ path: '/nowhere' })).rejects.toMatchObject({
      name: 'RepositoryError',
      code: 'not_a_repository',
    });
    const sandbox = await machine.sandbox();
    await expect(sandbox.exec('none', ['true'])).rejects.toMatchObject({ name: 'SandboxError', code: 'lost' });
  });

  test('draws the map of 50,000 files without work of the process that asks', async () => {
    const large = path.join(dir, 'large');
    const sha = makeRepository(large);
    const files = Array.from({ length: 50_000 }, (_, n) => `M 100644 inline packages/p${n % 200}/src/part${n}.ts\n`);
    const commit = `commit refs/heads/main\ncommitter A <a@example.test> 1700000000 +0000\ndata 3\nAll\nfrom ${sha}\n`;
    const input = `${commit}${files.map((file) => `${file}data 1\nx\n`).join('')}\n`;
    execFileSync('git', ['-C', large, 'fast-import', '--quiet', '--force'], { input });
    const { sha: head } = await machine.repositories.sync('large', { path: large }, 'main');
    const before = process.cpuUsage();
    const { files: shown, text } = await machine.repositories.map('large', head, 'Change part49999\n\nIt is wrong.');
    const { user } = process.cpuUsage(before);
    expect(shown).toContain('packages/p199/src/part49999.ts');
    expect(text).toContain('50001 files');
    // Microseconds of this process; the ranking alone takes several times as long.
    expect(user).toBeLessThan(200_000);
  });

  test('a wait for a command ends when the caller aborts it', async () => {
    const sandbox = await machine.sandbox();
    const limits = { memory_mb: 2048, processes: 200, file_size_mb: 100, log_mb: 2 };
    const spec = { project_id: 'project', base_sha: base, branch: 'task/wait', labels: {}, limits };
    await sandbox.create({ id: 'omoios-wait', access: 'read_write', ...spec });
    await sandbox.startCommand('omoios-wait', { job_id: 'run.1.0', command: 'sleep 60', network: 'none' });
    const controller = new AbortController();
    const waiting = sandbox.waitCommand('omoios-wait', 'run.1.0', { timeoutMs: 60_000, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('The reason.')), 300);
    await expect(waiting).rejects.toThrow('The reason.');
    await sandbox.destroy('omoios-wait');
  });

  test('open calls of one that is killed may be repeated, and the next call starts it again', async () => {
    const { repositories } = machine;
    const before = processOf(dataDir);
    // It is held, so that it cannot answer before it is killed.
    process.kill(before, 'SIGSTOP');
    const open = repositories.resolve('project', 'main').catch((error: unknown) => error);
    process.kill(before, 'SIGKILL');
    expect(await open).toMatchObject({ code: 'ECONNRESET' });
    expect(await repositories.resolve('project', 'main')).toBe(base);
    expect(processOf(dataDir)).not.toBe(before);
  });
});
