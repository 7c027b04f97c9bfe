import { SandboxError } from '#activities/ports/sandbox.ts';
import { Bench } from './bench.ts';
import { withMethods } from './failing-port.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

describe('a command that ends', () => {
  test('says exit code, duration, call and folder on the first line, then the merged output', async () => {
    await bench.write('api/a.txt', 'x');
    const result = await bench.call('bash', { command: 'cd api; echo out; echo err >&2; exit 3' });
    expect(result.text).toMatch(/^exit 3 · \d+\.\d s · call \S+ · cwd api\/\nout\nerr$/);
    expect(result).toMatchObject({ exit_code: 3, cwd: 'api' });
    expect(result.is_error).toBeUndefined();
  });

  test('says so when there is no output', async () => {
    expect((await bench.call('bash', { command: 'true' })).text).toMatch(
      /^exit 0 · \d\.\d s · call \S+ · cwd \.\nno output$/,
    );
  });

  test('leaves its folder to the next command, but no variables', async () => {
    await bench.call('bash', { command: 'mkdir -p a/b; cd a/b; export KEPT=1' });
    const next = await bench.call('bash', { command: 'basename "$PWD"; echo "[$KEPT]"' });
    expect(next.text).toMatch(/cwd a\/b\/\nb\n\[\]$/);
  });

  test('starts in the root when the last folder is gone, and says so', async () => {
    await bench.call('bash', { command: 'mkdir gone; cd gone' });
    await bench.port.exec(bench.id, ['rmdir', 'gone']);
    const result = await bench.call('bash', { command: 'pwd' });
    expect(result.text).toMatch(/ · cwd \.\ngone\/ is gone, so the command started in the workspace's root\.\n/);
    expect(result.text.endsWith(`\n${bench.port.workspacePath(bench.id)}`)).toBe(true);
  });

  test('starts in the folder that is named, whatever its name, and fails in one that is missing', async () => {
    const name = "it's a $(folder)";
    await bench.write(`${name}/f`, '');
    expect((await bench.call('bash', { command: 'ls', cwd: name })).text).toMatch(/\nf$/);
    const missing = await bench.call('bash', { command: 'touch made', cwd: 'nowhere' });
    expect(missing.text).toContain('nowhere: No such file or directory');
    expect(missing.exit_code).not.toBe(0);
    expect(await bench.port.stat(bench.id, 'made')).toBeUndefined();
  });

  test('has an environment in which nothing waits or draws', async () => {
    const result = await bench.call('bash', {
      command:
        'echo $CI $NO_COLOR $PAGER $GIT_PAGER; cat; git init -q r; cd r; git -c user.name=a -c user.email=a@b commit --allow-empty; echo done',
    });
    expect(result.text).toContain('1 1 cat cat');
    expect(result.text).toMatch(/done$/);
  });

  test('shows what a terminal would be left with', async () => {
    const command = String.raw`printf '\033[31mred\033[0m\n 10%%\r 50%%\r100%%\n'; printf 'crlf\r\n|\b/\b-\bdone\n\033]0;title\007end'`;
    expect((await bench.call('bash', { command })).text.split('\n').slice(1)).toEqual([
      'red',
      '100%',
      'crlf',
      'done',
      'end',
    ]);
  });

  test('explains what the sandbox denied', async () => {
    await bench.write(
      'messages',
      "getaddrinfo ENOTFOUND registry.npmjs.org\nmkdir: cannot create directory ‘/opt/x’: Permission denied\nError: EACCES: permission denied, open '/opt/y'\nconnect ECONNREFUSED 127.0.0.1:5432\n",
    );
    const result = await bench.call('bash', { command: 'cat messages; exit 1' });
    expect(result.text).toContain('The sandbox has no network: registry.npmjs.org cannot be reached.');
    expect(result.text).toContain('Permission denied: /opt/x, /opt/y. Commands may write');
    bench.network = 'full';
    expect((await bench.call('bash', { command: 'cat messages; exit 1' })).text).not.toContain('no network');
  });

  test('names the files seen before that are different now', async () => {
    for (const name of ['same.txt', 'changed.txt', 'gone.txt']) {
      await bench.write(name, 'one\n');
      await bench.call('read_file', { path: name });
    }
    const result = await bench.call('bash', { command: 'echo two >> changed.txt; rm gone.txt' });
    expect(result.text).toContain('Changed since you last saw them: changed.txt, gone.txt (gone). Call read_file');
    expect(
      (await bench.call('bash', { command: 'git checkout -q --orphan x; printf "one\\n" | tee changed.txt gone.txt' }))
        .text,
    ).not.toContain('Changed since');
  });
});

describe('long output', () => {
  test('keeps the first fifth and the last four fifths, and says where all of it is', async () => {
    const { text } = await bench.call('bash', { command: 'seq 1 100000' });
    const [head = '', tail = ''] = text.split(/\n\n\[\.\.\. .* \.\.\.\]\n\n/);
    expect(head).toMatch(/^exit 0 .*\n1\n2\n/);
    expect(tail).toMatch(/\n99999\n100000$/);
    expect(tail.length / (head.length + tail.length)).toBeCloseTo(0.8, 1);
    expect(text.length).toBeGreaterThan(27_000);
    const [, left, log] =
      /\[\.\.\. ([\d,]+) of 100,000 lines left out\. The log (\S+) has all of it; see more with bash: sed -n/.exec(
        text,
      ) ?? [];
    expect(Number(left?.replaceAll(',', ''))).toBe(100_000 - head.split('\n').length + 1 - tail.split('\n').length);
    expect((await bench.call('bash', { command: `wc -l < ${log}` })).text).toMatch(/100000$/);
  });

  test('never shows half of a character', async () => {
    const { text } = await bench.call('bash', { command: `printf '😀%.0s' $(seq 1 200000)` });
    expect(text).not.toMatch(/\uFFFD|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
    expect(text).toContain('a part of a long line left out');
  });

  test('is not printed when it is no text', async () => {
    const { text } = await bench.call('bash', { command: 'head -c 100000 /dev/urandom' });
    expect(text).toMatch(/\[binary output of 100,000 bytes, not shown; the log is /);
  });

  test('over the limit of a log ends the command, which is explained', async () => {
    await bench.close();
    bench = await Bench.open(1);
    const result = await bench.call('bash', { command: 'line=$(printf %01000d 7); while :; do echo $line; done' });
    expect(result.text).toContain('ended because it wrote more output than a log may hold');
    expect(result.exit_code).toBe(137);
  });
});

describe('a command that continues', () => {
  test('is not killed at the timeout but becomes a job', async () => {
    bench.limits.command_timeout_ms = 300;
    const result = await bench.call('bash', { command: 'echo begun; sleep 1; touch finished' });
    // Nothing has failed: the command works on.
    expect(result.is_error).toBeUndefined();
    expect(result.text).toMatch(
      /^still running after 0\.3 s, job run\.1\.0, log \S+; "job log run\.1\.0", "job wait run\.1\.0" or "job kill run\.1\.0" with bash\. Output so far:\nbegun$/,
    );
    const later = await bench.port.waitCommand(bench.id, 'run.1.0', { timeoutMs: 5_000 });
    expect(later).toMatchObject({ state: 'exited', exit_code: 0 });
    expect(await bench.port.stat(bench.id, 'finished')).toBeDefined();
  });

  test('waits as long as asked within the limits, and says where it did not', async () => {
    bench.limits.command_max_timeout_ms = 1_500;
    const asked = await bench.call('bash', { command: 'sleep 30', timeout_ms: 9_000_000 });
    expect(asked.text).toMatch(/^still running after 1\.5 s/);
    expect(asked.text).toContain('timeout_ms was 9000000; the most is 1500, which was used.');
    const seconds = await bench.call('bash', { command: 'sleep 0.4; echo ok', timeout_ms: 120 });
    expect(seconds.text).toContain(
      'timeout_ms was 120; it is in milliseconds, and the least is 1000, which was used.\nok',
    );
  });

  test('in the background returns at once; one that fails at its start is reported as ended', async () => {
    const server = await bench.call('bash', { command: 'echo listening; sleep 30', background: true });
    expect(server.is_error).toBeUndefined();
    expect(server.text).toMatch(/^running in the background, job run\.1\.0, log .*\nlistening$/s);
    const broken = await bench.call('bash', { command: 'echo no such port; exit 2', background: true });
    expect(broken.text).toMatch(/^exit 2 .*no such port$/s);
  });
});

describe('faults', () => {
  test('a repeated try finds the command again instead of running it again', async () => {
    const first = await bench.call('bash', { command: 'echo x >> count; cat count' });
    const again = await bench.retry('bash', { command: 'echo x >> count; cat count' });
    expect(again.text).toBe(first.text);
    expect(await bench.text('count')).toBe('x\n');
  });

  test('a repeated try waits for the command that still runs', async () => {
    bench.limits.command_timeout_ms = 200;
    await bench.call('bash', { command: 'sleep 0.6; echo x >> count' });
    bench.limits.command_timeout_ms = 10_000;
    expect((await bench.retry('bash', { command: 'sleep 0.6; echo x >> count' })).exit_code).toBe(0);
    expect(await bench.text('count')).toBe('x\n');
  });

  test.each([false, true])(
    'a lost command is an error that says its outcome is unknown (log lost too: %s)',
    async (withLog) => {
      const port = withMethods(bench.port, {
        async waitCommand(id, jobId, options) {
          await bench.port.waitCommand(id, jobId, options);
          return { state: 'lost' };
        },
        readOutput: (id, jobId, limits) =>
          withLog
            ? Promise.reject(new SandboxError('not_found', 'There is no log.'))
            : bench.port.readOutput(id, jobId, limits),
      });
      const result = await bench.call(
        'bash',
        { command: 'echo half' },
        { sandbox: { id: bench.id, port, network: 'none' } },
      );
      expect(result).toMatchObject({ is_error: true, error_kind: 'lost' });
      expect(result.exit_code).toBeUndefined();
      expect(result.text).toContain('The outcome is unknown');
      expect(result.text).toContain('before you run it again');
      expect(result.text).toContain(withLog ? 'Its log is gone too.' : '\nhalf');
    },
  );

  test.each(['answers', 'throws'])(
    'an interrupt ends the command and shows its output (the port %s)',
    async (manner) => {
      const controller = new AbortController();
      const port = manner === 'answers' ? bench.port : throwingOnAbort(bench);
      setTimeout(() => controller.abort(), 300);
      const result = await bench.call(
        'bash',
        { command: 'echo half; sleep 1; touch finished' },
        { signal: controller.signal, sandbox: { id: bench.id, port, network: 'none' } },
      );
      expect(result).toMatchObject({ is_error: true, error_kind: 'interrupted' });
      expect(result.text).toMatch(/^Interrupted: the command was ended.*\nhalf/s);
      await new Promise((done) => setTimeout(done, 1_000));
      expect(await bench.port.stat(bench.id, 'finished')).toBeUndefined();
    },
  );

  test('interrupted before the start it does not run; interrupted after a crash, what ran is ended', async () => {
    const early = await bench.call('bash', { command: 'touch made' }, { signal: AbortSignal.abort() });
    expect(early).toMatchObject({ is_error: true, error_kind: 'not_run' });
    expect(await bench.port.stat(bench.id, 'made')).toBeUndefined();

    bench.limits.command_timeout_ms = 200;
    await bench.call('bash', { command: 'echo half; sleep 30' });
    const late = await bench.retry('bash', { command: 'echo half; sleep 30' }, { signal: AbortSignal.abort() });
    expect(late).toMatchObject({ error_kind: 'interrupted' });
    expect((await bench.port.waitCommand(bench.id, 'run.2.0', { timeoutMs: 0 })).exit_code).toBeGreaterThan(128);
  });
});

/** A port that lets the abort out as an exception, as fetch does. */
function throwingOnAbort({ port }: Bench): Bench['port'] {
  return withMethods(port, {
    async waitCommand(...args) {
      const state = await port.waitCommand(...args);
      args[2].signal?.throwIfAborted();
      return state;
    },
  });
}
