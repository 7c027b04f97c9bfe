import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { flipping } from './local/flip.ts';
import { isLocal, isRoot, openBench, times, workingKinds, type Bench } from './local/fixture.ts';

const kinds = await workingKinds();
const me = userInfo().username;

describe.each(kinds)('files of a sandbox (%s)', (kind) => {
  let bench: Bench;
  let id: string;
  const text = async (file: string) => (await bench.sandbox.readFile(id, file)).toString();
  const write = (file: string, content: string) => bench.sandbox.writeFile(id, file, Buffer.from(content));
  beforeAll(async () => {
    bench = await openBench(kind, { 'README.md': 'hello\n', 'api/app.js': '1\n' });
    id = await bench.make();
  });
  afterAll(() => bench.close());

  test('are read and written by relative and absolute paths, and by commands alike', async () => {
    await write('a/new/folder/file.txt', 'one');
    await write(`${bench.sandbox.workspacePath(id)}/a/other.txt`, 'two');
    expect(await text('./a//new/folder/../folder/file.txt')).toBe('one');
    expect(
      (
        await bench.sh(
          id,
          'cat a/other.txt; echo more >> a/new/folder/file.txt; touch a/new/made; stat -c %U a/new a/other.txt',
        )
      ).output,
    ).toBe(kind === 'none' ? `two${me}\n${me}\n` : 'twoagent\nagent\n');
    expect(await text('a/new/folder/file.txt')).toBe('onemore\n');
  });

  test('keep their mode when replaced, and are never seen half written', async () => {
    await bench.sh(id, 'printf "#!/bin/sh\\necho hi\\n" > run.sh; chmod 750 run.sh');
    await write('run.sh', '#!/bin/sh\necho ho\n');
    expect((await bench.sh(id, './run.sh; stat -c %a run.sh README.md')).output).toBe('ho\n750\n644\n');
    const [a, b] = ['a'.repeat(300_000), 'b'.repeat(300_000)];
    await write('flip', a);
    await bench.sandbox.startCommand(id, {
      job_id: 'reader',
      command:
        'until [ -e stop ]; do tr -d "\\n" < flip | fold -w1 | sort -u | tr -d "\\n" | grep -qx "[ab]" || echo torn; done',
      network: 'none',
    });
    for (let i = 0; i < times(kind, 60, 10); i++) await write('flip', i % 2 ? a : b);
    await write('stop', '');
    expect(await bench.sandbox.waitCommand(id, 'reader', { timeoutMs: 30_000 })).toMatchObject({
      state: 'exited',
      exit_code: 0,
    });
    expect((await bench.sandbox.readOutput(id, 'reader', { headBytes: 100, tailBytes: 0 })).head.toString()).toBe('');
    expect((await bench.sh(id, 'ls -A | sort | tr "\\n" " "')).output).not.toMatch(/tmp|\.new|[0-9a-f]{16}/);
  });

  test('say what is wrong with a path', async () => {
    await expect(text('nothing')).rejects.toMatchObject({ code: 'not_found' });
    await expect(text('no/such/folder')).rejects.toMatchObject({ code: 'not_found' });
    await expect(text('api')).rejects.toMatchObject({ code: 'is_directory' });
    await expect(write('api', 'x')).rejects.toMatchObject({ code: 'is_directory' });
    await expect(write('', 'x')).rejects.toMatchObject({ code: 'is_directory' });
    await expect(text('README.md/x')).rejects.toMatchObject({ code: 'not_directory' });
    await expect(bench.sandbox.readDirectory(id, 'README.md')).rejects.toMatchObject({ code: 'not_directory' });
    await expect(text('x'.repeat(300))).rejects.toMatchObject({ code: 'not_found' });
    await expect(text('a\0b')).rejects.toMatchObject({ code: 'not_found' });
    await expect(bench.sandbox.readFile('omoios-none', 'x')).rejects.toMatchObject({ code: 'lost' });
  });

  test('have kinds and sizes, and folders have sorted names', async () => {
    await bench.sh(id, 'mkdir -p list/b list/a; echo 12345 > list/f; ln -s nowhere list/dangling; ln -s f list/link');
    expect(await bench.sandbox.stat(id, 'list/f')).toEqual({ kind: 'file', size: 6 });
    expect(await bench.sandbox.stat(id, 'list/link')).toEqual({ kind: 'file', size: 6 });
    expect(await bench.sandbox.stat(id, '.')).toMatchObject({ kind: 'directory' });
    expect(await bench.sandbox.stat(id, 'list/dangling')).toBeUndefined();
    expect(await bench.sandbox.stat(id, 'list/f/x')).toBeUndefined();
    expect(await bench.sandbox.readDirectory(id, 'list')).toEqual(['a/', 'b/', 'dangling', 'f', 'link']);
    expect(await bench.sandbox.readDirectory(id, '')).toContain('README.md');
  });

  test('too large for memory are refused', async () => {
    await bench.sh(id, 'truncate -s 65M sparse');
    await expect(text('sparse')).rejects.toMatchObject({ code: 'too_large' });
  });

  describe('through links', () => {
    let outside: string;
    beforeAll(async () => {
      outside = path.join(path.dirname(bench.dataDir), 'outside');
      mkdirSync(outside, { recursive: true });
      writeFileSync(path.join(outside, 'secret'), 'the secret');
      await bench.sh(
        id,
        `ln -sfn ${outside} out; ln -sf ${outside}/secret direct; ln -sfn api inside; ln -sf ../README.md api/up; ln -sf "$PWD/README.md" absolute; ln -sf loop loop; ln -sfn ../../../../../../../../etc climb`,
      );
    });

    test('that stay inside are followed', async () => {
      expect(await text('inside/app.js')).toBe('1\n');
      expect(await text('api/up')).toBe('hello\n');
      expect(await text('absolute')).toBe('hello\n');
      await write('inside/by-link.js', 'x');
      await write('absolute', 'hello\n');
      expect((await bench.sh(id, 'cat api/by-link.js; readlink absolute')).output).toBe(
        `x${bench.sandbox.workspacePath(id)}/README.md\n`,
      );
      expect((await bench.sandbox.readDirectory(id, 'inside')).includes('app.js')).toBe(true);
    });

    test.each(['out/secret', 'direct', 'climb/passwd', '../../../../etc/passwd', '/etc/passwd', 'api/../../x'])(
      'that lead out are refused: %s',
      async (file) => {
        await expect(text(file)).rejects.toMatchObject({ code: 'outside' });
        await expect(write(file, 'overwritten')).rejects.toMatchObject({ code: 'outside' });
        await expect(bench.sandbox.stat(id, file)).rejects.toMatchObject({ code: 'outside' });
        await expect(bench.sandbox.readDirectory(id, file)).rejects.toMatchObject({ code: 'outside' });
        expect(statSync(path.join(outside, 'secret')).size).toBe('the secret'.length);
      },
    );

    test('that loop are no files', async () => {
      await expect(text('loop')).rejects.toMatchObject({ code: 'not_found' });
      await expect(write('loop', 'x')).rejects.toMatchObject({ code: 'not_found' });
    });
  });

  test('that are pipes, sockets or devices are neither opened nor replaced', async () => {
    await bench.sh(id, `mkfifo pipe; node -e "require('net').createServer().listen('sock', () => process.exit())"`);
    if (kind === 'none' && isRoot)
      execFileSync('mknod', [path.join(bench.dataDir, 'sandboxes', id, 'workspace/device'), 'c', '1', '5']);
    const special = kind === 'none' && isRoot ? ['pipe', 'device'] : ['pipe'];
    for (const name of special) {
      await expect(text(name)).rejects.toMatchObject({ code: 'not_a_file' });
      await expect(write(name, 'x')).rejects.toMatchObject({ code: 'not_a_file' });
      expect(await bench.sandbox.stat(id, name)).toMatchObject({ kind: 'other' });
    }
    expect(await bench.sandbox.treeHash(id)).toMatch(/^[0-9a-f]{40}$/);
  });

  test('swapped for links at the wrong moment still lead nowhere else', async () => {
    const secret = path.join(path.dirname(bench.dataDir), 'race');
    mkdirSync(secret, { recursive: true });
    writeFileSync(path.join(secret, 'file'), 'the secret');
    writeFileSync(path.join(secret, 'listed-outside'), '');
    await bench.sandbox.startCommand(id, { job_id: 'flip', command: flipping(secret), network: 'none' });
    let reads = 0;
    const end = Date.now() + times(kind, 2500, 1000);
    while (Date.now() < end) {
      for (const file of ['dir/file', 'target']) {
        const content = await text(file).catch((error: { code?: string }) => error.code ?? 'unknown');
        reads++;
        expect(content).not.toBe('the secret');
        expect(['mine\n', '', 'outside', 'not_found', 'not_directory', 'is_directory', 'not_a_file']).toContain(
          content,
        );
        expect(await bench.sandbox.readDirectory(id, 'dir').catch(() => [])).not.toContain('listed-outside');
        if (reads % 50 === 0) await write(file, 'mine\n').catch(() => undefined);
      }
    }
    await bench.sandbox.killCommand(id, 'flip');
    expect(reads).toBeGreaterThan(times(kind, 20, 1));
    expect(readdirSync(secret)).toEqual(['file', 'listed-outside']);
    expect(statSync(path.join(secret, 'file')).size).toBe('the secret'.length);
  });

  if (isRoot && isLocal(kind)) {
    test('a full disk is said, and costs no command its exit code', async () => {
      const small = path.join(path.dirname(bench.dataDir), 'small');
      mkdirSync(small);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', small]);
      const full = await openBench(kind, undefined, small);
      try {
        const box = await full.make();
        const ran = await full.sh(box, 'head -c 20m /dev/zero > filler; echo never-stored; exit 9');
        expect(ran).toMatchObject({ state: 'exited', exit_code: 9 });
        await expect(full.sandbox.writeFile(box, 'big', Buffer.alloc(100_000))).rejects.toMatchObject({
          code: 'disk_full',
        });
        await expect(full.sandbox.treeHash(box)).rejects.toMatchObject({ code: 'disk_full' });
        await expect(
          full.sandbox.startCommand(box, {
            job_id: 'later',
            command: `echo ran; # ${'x'.repeat(50_000)}`,
            network: 'none',
          }),
        ).rejects.toMatchObject({ code: 'disk_full' });
        await full.sandbox.exec(box, ['rm', 'filler']);
        await full.sandbox.startCommand(box, { job_id: 'later', command: 'echo ran', network: 'none' });
        expect(await full.sandbox.waitCommand(box, 'later', { timeoutMs: 5000 })).toMatchObject({ exit_code: 0 });
        expect(await full.sandbox.treeHash(box)).toMatch(/^[0-9a-f]{40}$/);
      } finally {
        await full.close();
        execFileSync('umount', [small]);
      }
    });
  }
});
