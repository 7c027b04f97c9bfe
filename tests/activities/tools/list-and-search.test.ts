import { Bench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const list = (input: object = {}) => bench.call('list_files', input);
const search = (input: object) => bench.call('search_files', input);
const rows = async (input: object) => (await search(input)).text.split('\n');

async function tree(): Promise<void> {
  const files = {
    'src/app.ts': 'import x\nconst Total = 1;\n',
    'src/deep/cart.tsx': 'total(a|b)\r\n',
    'we ird/ü [1].ts': 'größe total\n',
    'README.md': 'Total\n',
    'node_modules/x/i.js': 'total\n',
    'dist/o.js': 'total\n',
    '.env': 'total\n',
    '-rf': 'total\n',
  };
  for (const [path, content] of Object.entries(files)) await bench.write(path, content);
  await bench.write('.gitignore', 'node_modules\ndist/\n.env\n');
  await bench.write('gone.ts', 'total\n');
  await bench.port.exec(bench.id, ['git', 'add', '-A']);
  await bench.port.exec(bench.id, ['rm', 'gone.ts']);
  await bench.write('new.ts', 'total\n');
}

describe('list_files', () => {
  beforeEach(tree);

  test('lists tracked and new files sorted, without deleted and ignored ones, which are counted', async () => {
    expect((await list()).text).toBe(
      [
        '7 files under .; 3 ignored (.env, dist/, node_modules/)',
        '-rf',
        '.gitignore',
        'README.md',
        'new.ts',
        'src/app.ts',
        'src/deep/cart.tsx',
        'we ird/ü [1].ts',
      ].join('\n'),
    );
  });

  test.each<[object, string[]]>([
    [{ path: 'src' }, ['src/app.ts', 'src/deep/cart.tsx']],
    [{ path: './src/deep/' }, ['src/deep/cart.tsx']],
    [{ glob: '*.ts' }, ['new.ts', 'src/app.ts', 'we ird/ü [1].ts']],
    [{ glob: '*.{ts,tsx}', path: 'src' }, ['src/app.ts', 'src/deep/cart.tsx']],
    [{ glob: 'src/**/*.tsx' }, ['src/deep/cart.tsx']],
    [{ glob: 'src/*' }, ['src/app.ts']],
    [{ glob: 'src/' }, ['src/app.ts', 'src/deep/cart.tsx']],
    [{ glob: './src/*.ts' }, ['src/app.ts']],
    [{ path: 'we ird' }, ['we ird/ü [1].ts']],
    [{ glob: '-rf' }, ['-rf']],
  ])('%j', async (input, expected) => {
    expect((await list(input)).text.split('\n').slice(1)).toEqual(expected);
  });

  test('an absolute glob inside the workspace', async () => {
    expect((await list({ glob: `${bench.port.workspacePath(bench.id)}/src/*.ts` })).text).toContain('\nsrc/app.ts');
  });

  test('nothing found says what was looked for and what is ignored', async () => {
    expect((await list({ glob: '*.py' })).text).toBe(
      '0 files under . for *.py; 3 ignored (.env, dist/, node_modules/). Call list_files without the glob, or with a wider one such as "*part-of-name*". What .gitignore names is seen with bash: ls, find.',
    );
    expect((await list({ path: 'node_modules/x' })).text).toContain('1 ignored (node_modules/x/)');
  });

  test('more than 200: the first 200 and the number in each folder', async () => {
    for (let index = 0; index < 150; index += 1)
      await Promise.all([bench.write(`big/a/${index}.txt`, ''), bench.write(`big/b/${index}.txt`, '')]);
    const { text } = await list({ path: 'big' });
    expect(text.split('\n')).toHaveLength(202);
    expect(text).toMatch(/^300 files under big; 0 ignored\n/);
    expect(text).toMatch(
      /\[200 of 300 shown; give a path or a glob to see the rest\. By folder: big\/a\/ 150, big\/b\/ 150\]$/,
    );
  });

  test.each<[object, RegExp]>([
    [{ path: 'scr' }, /There is no scr\./],
    [{ path: 'src/app.ts' }, /src\/app\.ts is a file\. Call read_file/],
    [{ glob: '../*' }, /leads out of the folder/],
    [{ glob: '{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}' }, /too many braces/],
    [{ path: '..' }, /outside the workspace/],
  ])('refuses %j', async (input, reason) => {
    const result = await list(input);
    expect(result.is_error).toBe(true);
    expect(result.text).toMatch(reason);
  });
});

describe('search_files', () => {
  beforeEach(tree);

  test('groups matching lines by file, sorted, with their numbers', async () => {
    expect(await rows({ pattern: 'total' })).toEqual([
      '4 matching lines in 4 files for "total" under .; 3 ignored',
      '-rf',
      '  1: total',
      'new.ts',
      '  1: total',
      'src/deep/cart.tsx',
      '  1: total(a|b)',
      'we ird/ü [1].ts',
      '  1: größe total',
    ]);
  });

  test.each<[object, string[]]>([
    [
      { pattern: 'total', ignore_case: true, path: 'src' },
      ['src/app.ts', '  2: const Total = 1;', 'src/deep/cart.tsx', '  1: total(a|b)'],
    ],
    [{ pattern: 'total', glob: '*.ts' }, ['new.ts', '  1: total', 'we ird/ü [1].ts', '  1: größe total']],
    [{ pattern: 'total', path: 'we ird/ü [1].ts' }, ['we ird/ü [1].ts', '  1: größe total']],
    [{ pattern: '\\btotal\\(a\\|b\\)$|never', path: 'src' }, []],
    [{ pattern: '(?<=const )\\w+(?= =)' }, ['src/app.ts', '  2: const Total = 1;']],
    [{ pattern: 'gr.{2}e' }, ['we ird/ü [1].ts', '  1: größe total']],
    [{ pattern: '^total$', glob: '-rf' }, ['-rf', '  1: total']],
  ])('%j', async (input, expected) => {
    expect((await rows(input)).slice(1)).toEqual(expected);
  });

  test.each([
    '--help',
    '-e',
    '--no-index',
    '-O',
    '--open-files-in-pager=touch injected',
    ';touch injected',
    '$(touch injected)',
    '`touch injected`',
  ])('the pattern %j is never an option or a command', async (pattern) => {
    const { text, is_error: isError } = await search({ pattern });
    expect(isError).toBeUndefined();
    expect(text).toMatch(/^No matching line/);
    await search({ pattern: 'x', glob: pattern });
    await list({ glob: pattern });
    expect(await bench.port.stat(bench.id, 'injected')).toBeUndefined();
  });

  test('a bad expression gives Git’s words and how to mean it literally', async () => {
    const result = await search({ pattern: 'total(' });
    expect(result).toMatchObject({ is_error: true, error_kind: 'failed' });
    expect(result.text).toMatch(/missing closing parenthesis.*call search_files with pattern "total\\\\\("/s);
    expect((await search({ pattern: 'total\\(' })).text).toContain('src/deep/cart.tsx');
    expect((await search({ pattern: 'a\nb' })).text).toContain('lines are matched one by one');
  });

  test.each<[object, RegExp]>([
    [
      { pattern: 'TOTAL' },
      /^No matching line for "TOTAL" in 7 files under \.; 3 ignored \(.env, dist\/, node_modules\/\)\. It is found with ignore_case: true \(6 files\)\./,
    ],
    [{ pattern: 'total(a|b)' }, /It is found as literal text, pattern "total\\\\\(a\\\\\|b\\\\\)" \(1 file\)/],
    [
      { pattern: 'größe', path: 'src' },
      /in 2 files under src; 0 ignored\. It is found in the whole workspace, without path and glob \(1 file\)/,
    ],
    [{ pattern: 'qqqq' }, /Try a shorter or more general pattern/],
    [
      { pattern: 'total', glob: '*.py' },
      /in 0 files under \. for \*\.py.*Call list_files to see which files there are/,
    ],
    [{ pattern: 'total', path: 'node_modules' }, /1 ignored \(node_modules\/\).*searched with bash: grep -rn/],
  ])('nothing found, with a hint: %j', async (input, hint) => {
    expect((await search(input)).text).toMatch(hint);
  });

  test('more than 100: the first 100, and where the others are', async () => {
    await bench.write('many/a.txt', 'needle\n'.repeat(80));
    await bench.write('many/b.txt', 'needle\n'.repeat(50));
    await bench.write('many/c.txt', 'needle\n'.repeat(7));
    const { text } = await search({ pattern: 'needle' });
    expect(text).toMatch(/^137 matching lines in 3 files for "needle" under \.; 3 ignored; 100 shown\n/);
    expect(text.match(/^ {2}\d+: needle$/gm)).toHaveLength(100);
    expect(text).toMatch(
      /\[Not shown: many\/b\.txt 30, many\/c\.txt 7\. Call search_files with a narrower pattern, path or glob to see them\.\]$/,
    );
  });

  test('long lines are cut around the match', async () => {
    await bench.write('min.js', `${'é'.repeat(5_000)}needle${'x'.repeat(5_000)}\n`);
    const line = (await rows({ pattern: 'needle' }))[2] ?? '';
    expect(line).toMatch(/^ {2}1: \.\.\.é{80}needlex+\.\.\.$/);
    expect(line.length).toBeLessThan(270);
  });

  test('file names that look like patterns to Git are names', async () => {
    for (const name of [':!src', '*.odd', ':(top)x']) await bench.write(name, 'needle\n');
    expect(await rows({ pattern: 'needle' })).toEqual([
      '3 matching lines in 3 files for "needle" under .; 3 ignored',
      '*.odd',
      '  1: needle',
      ':!src',
      '  1: needle',
      ':(top)x',
      '  1: needle',
    ]);
  });

  test('binary files are left out; a huge number of matches is no fault', async () => {
    await bench.write('bin', Buffer.from('needle\0needle\n'));
    await bench.write(
      'huge.txt',
      'needle in a long enough line to pass the limit of what is read at once\n'.repeat(200_000),
    );
    const { text } = await search({ pattern: 'needle' });
    expect(text).toMatch(/^200,000 matching lines in 1 file .*Not shown: huge\.txt 200,000/s);
  });

  test('works without Perl expressions', async () => {
    const exec = bench.port.exec.bind(bench.port);
    bench.port.exec = (id, argv, options) =>
      argv.includes('-P')
        ? Promise.resolve({
            exitCode: 128,
            stdout: Buffer.alloc(0),
            stderr: 'fatal: cannot use Perl-compatible regexes when not compiled with USE_LIBPCRE',
          })
        : exec(id, argv, options);
    expect((await rows({ pattern: 'tot(al|em)', path: 'src' })).slice(1)).toEqual([
      'src/deep/cart.tsx',
      '  1: total(a|b)',
    ]);
  });
});
