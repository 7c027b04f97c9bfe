import { placeholderLine } from '#activities/tools/edit/placeholder.ts';
import { Bench } from './bench.ts';
import { failing } from './failing-port.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const write = (path: string, content: string) => bench.call('write_file', { path, content });

test('makes a new file with its folders, exactly as given', async () => {
  const content = '\uFEFFa\r\nb\n😀 “q”';
  const result = await write('./deep/er/a.txt', content);
  expect(result).toMatchObject({ text: 'Wrote deep/er/a.txt, a new file of 3 lines.', wrote: ['deep/er/a.txt'] });
  expect(await bench.text('deep/er/a.txt')).toBe(content);
});

test('an absolute path inside the workspace is the same file', async () => {
  await write(`${bench.port.workspacePath(bench.id)}/a.txt`, 'x\n');
  expect(await bench.text('a.txt')).toBe('x\n');
});

describe('over an existing file', () => {
  beforeEach(() => bench.write('a.txt', 'old\n'));

  test('that was not read: refused', async () => {
    const result = await write('a.txt', 'new\n');
    expect(result).toMatchObject({ is_error: true, error_kind: 'conflict' });
    expect(result.text).toBe(
      'a.txt exists, and you have not read it; nothing was written. Call read_file on it first, then write_file again, or change a part of it with edit_file.',
    );
    expect(await bench.text('a.txt')).toBe('old\n');
  });

  test('that changed since: refused until it is read again', async () => {
    await bench.call('read_file', { path: 'a.txt' });
    await bench.write('a.txt', 'other\n');
    expect((await write('a.txt', 'new\n')).text).toContain('has changed since you saw it in turn 1');
    await bench.call('read_file', { path: 'a.txt' });
    expect((await write('a.txt', 'new\n')).text).toBe('Wrote a.txt: 1 line, before 1.');
    expect(await bench.text('a.txt')).toBe('new\n');
  });

  test('that was read in an earlier epoch: refused', async () => {
    await bench.call('read_file', { path: 'a.txt' });
    bench.forget();
    expect(await write('a.txt', 'new\n')).toMatchObject({ error_kind: 'conflict' });
  });

  test('that it wrote itself: allowed; with the same content: nothing to do', async () => {
    await write('b.txt', 'one\n');
    expect((await write('b.txt', 'two\n')).is_error).toBeUndefined();
    expect((await write('b.txt', 'two\n')).text).toContain('has exactly this content already');
    expect(await bench.text('b.txt')).toBe('two\n');
  });

  test('with CRLF: the change of line endings is said', async () => {
    await bench.write('c.txt', 'a\r\nb\r\n');
    await bench.call('read_file', { path: 'c.txt' });
    expect((await write('c.txt', 'a\n')).text).toContain('ended with CRLF before and end with LF now');
  });
});

test('content that does not parse is written, and said', async () => {
  expect((await write('a.json', '{"a": 1\n "b": 2}')).text).toMatch(
    /It does not parse, line 2: .* Fix it with edit_file/,
  );
  expect((await write('tsconfig.json', '{\n  // why\n  "a": 1,\n}\n')).text).not.toContain('does not parse');
});

test.each(['dir', '../out', '/etc/x', '.git/hooks/pre-commit', ''])('the path %j is refused', async (path) => {
  await bench.write('dir/f', '');
  expect(await write(path, 'x')).toMatchObject({ is_error: true });
});

describe('placeholders', () => {
  const refused = [
    '// ... existing code ...',
    '# rest of code unchanged',
    '/* rest of the file remains unchanged */',
    '<!-- ... rest of the content ... -->',
    '{/* ... existing code ... */}',
    '// (rest of methods ...)',
    '    // ...rest of the implementation',
    '-- remaining functions stay the same',
    '... existing code ...',
    '[... rest of the file unchanged ...]',
    '// … other imports …',
    '# existing imports here...',
    '// keep the rest unchanged',
    '// Rest of the component goes here',
    '/* previous code omitted for brevity */',
    '// ... unchanged code ...',
    '; ... remaining tests',
    '# ... (rest of your code remains the same) ...',
  ];
  const passed = [
    '  ...rest',
    '  ...existing,',
    'const { a, ...rest } = props;',
    '// The rest of the code below handles errors from the existing clients',
    '// existing code paths must keep working when the flag is off',
    '// handles the remaining lines',
    '// ...rest is forwarded to the input',
    '    ...',
    'print("... existing code ...")',
    'The rest of the code remains unchanged.',
    '// imports',
    '# Other functions',
    '## Existing tests',
    'raise NotImplementedError  # ...',
    '// unchanged since v1',
  ];

  test.each(refused)('%s', async (line) => {
    const result = await write('a.ts', `const a = 1;\n${line}\nconst b = 2;\n`);
    expect(result.is_error).toBe(true);
    expect(result.text).toMatch(
      /^Line 2 of content is a placeholder for code that is left out: .* Nothing was written/,
    );
    expect(await bench.port.stat(bench.id, 'a.ts')).toBeUndefined();
  });

  test.each(passed)('but not: %s', (line) => {
    expect(placeholderLine(`a\n${line}\nb`)).toBeUndefined();
  });

  test('a line that the file had already may stay', async () => {
    await bench.write('prompt.md', '# rest of code unchanged\n');
    await bench.call('read_file', { path: 'prompt.md' });
    expect((await write('prompt.md', 'More:\n# rest of code unchanged\n')).is_error).toBeUndefined();
  });
});

describe('a repeated try', () => {
  const input = { path: 'new.txt', content: 'new\n' };

  test.each(['before', 'after'] as const)(
    'after a fault %s the writing leaves one file and one reply',
    async (when) => {
      await expect(
        bench.call('write_file', input, {
          sandbox: { id: bench.id, port: failing(bench.port, when), network: 'none' },
        }),
      ).rejects.toThrow('died');
      const again = await bench.retry('write_file', input);
      expect(again.text).toBe('Wrote new.txt, a new file of 1 line.');
      expect((await bench.retry('write_file', input)).text).toBe(again.text);
      expect(await bench.text('new.txt')).toBe('new\n');
    },
  );

  test('after a fault behind the writing, over a file that it had read', async () => {
    await bench.write('new.txt', 'old\n');
    await bench.call('read_file', { path: 'new.txt' });
    await expect(
      bench.call('write_file', input, {
        sandbox: { id: bench.id, port: failing(bench.port, 'after'), network: 'none' },
      }),
    ).rejects.toThrow('died');
    expect(await bench.retry('write_file', input)).toMatchObject({
      text: 'Wrote new.txt: 1 line, before 1.',
      wrote: ['new.txt'],
    });
  });

  test('after another process wrote it in between is a conflict', async () => {
    await expect(
      bench.call('write_file', input, {
        sandbox: { id: bench.id, port: failing(bench.port, 'before'), network: 'none' },
      }),
    ).rejects.toThrow('died');
    await bench.write('new.txt', 'somebody else\n');
    expect(await bench.retry('write_file', input)).toMatchObject({ error_kind: 'conflict' });
    expect(await bench.text('new.txt')).toBe('somebody else\n');
  });
});
