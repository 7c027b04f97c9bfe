import { Bench } from './bench.ts';
import { failing } from './failing-port.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const edit = (path: string, oldText: string, newText: string, more: object = {}) =>
  bench.call('edit_file', { path, old_text: oldText, new_text: newText, ...more });

test('the reply shows the changed lines numbered, with those around, and how old_text matched', async () => {
  await bench.write('a.txt', Array.from({ length: 20 }, (_, index) => `line ${index + 1}\n`).join(''));
  await bench.call('read_file', { path: 'a.txt' });
  const result = await edit('a.txt', 'line 10\nline 11\n', 'ten\neleven\ntwelve\n');
  expect(result.text).toBe(
    [
      'Edited a.txt, lines 10-12; old_text matched exactly.',
      '7: line 7',
      '8: line 8',
      '9: line 9',
      '10: ten',
      '11: eleven',
      '12: twelve',
      '13: line 12',
      '14: line 13',
      '15: line 14',
    ].join('\n'),
  );
  expect(result.wrote).toEqual(['a.txt']);
  expect(result.view?.path).toBe('a.txt');
});

test('a long replacement is shown by its two ends', async () => {
  await bench.write('a.txt', 'x\n');
  const { text } = await edit('a.txt', 'x', Array.from({ length: 100 }, (_, index) => `new ${index + 1}`).join('\n'));
  expect(text).toContain('1: new 1\n');
  expect(text).toMatch(/\n\[\.\.\. 88 lines \.\.\.\]\n95: new 95\n/);
  expect(text).toMatch(/100: new 100$/);
});

test('a file is emptied, and its last line deleted', async () => {
  await bench.write('a.txt', 'one\ntwo');
  await edit('a.txt', 'two\n', '');
  expect(await bench.text('a.txt')).toBe('one\n');
  expect((await edit('a.txt', 'one\n', '')).text).toContain('(the file is empty now)');
  expect(await bench.text('a.txt')).toBe('');
});

test('a Latin-1 file keeps its bytes; what it cannot hold is refused', async () => {
  const file = Buffer.from('caf\xe9 one\nna\xefve two\n', 'latin1');
  await bench.write('a.txt', file);
  expect((await bench.call('read_file', { path: 'a.txt' })).text).toContain(
    '1: café one\n2: naïve two\n[end, 2 lines; not UTF-8, read as Latin-1]',
  );
  await edit('a.txt', 'café one', 'thé one');
  expect(await bench.read('a.txt')).toEqual(Buffer.from('th\xe9 one\nna\xefve two\n', 'latin1'));
  expect((await edit('a.txt', 'one', '“one”')).text).toContain('characters that Latin-1 lacks');
  expect(await bench.read('a.txt')).toEqual(Buffer.from('th\xe9 one\nna\xefve two\n', 'latin1'));
});

test('half of a character is never written', async () => {
  await bench.write('a.txt', 'x 😀 y\n');
  expect((await edit('a.txt', '\ude00', '!')).text).toContain('half of a character');
  expect((await edit('a.txt', 'x', '\ud83d')).is_error).toBe(true);
  expect(await bench.text('a.txt')).toBe('x 😀 y\n');
});

describe('what the model knows of the file', () => {
  beforeEach(() => bench.write('a.txt', 'one\ntwo\nthree\n'));

  test('unread: applied, and said', async () => {
    const result = await edit('a.txt', 'two', 'TWO');
    expect(result.text).toContain('You had not read a.txt before');
    expect(await bench.text('a.txt')).toBe('one\nTWO\nthree\n');
  });

  test('changed since it was read: applied where old_text still matches once, and said', async () => {
    await bench.call('read_file', { path: 'a.txt' });
    await bench.write('a.txt', 'zero\none\ntwo\nthree\n');
    const result = await edit('a.txt', 'two', 'TWO');
    expect(result.text).toContain('a.txt had changed since you saw it in turn 1');
    expect(await bench.text('a.txt')).toBe('zero\none\nTWO\nthree\n');
    // It has not seen line 1, so it may not overwrite the file as a whole.
    expect(await bench.call('write_file', { path: 'a.txt', content: 'all\n' })).toMatchObject({
      error_kind: 'conflict',
    });
  });

  test('changed since so that old_text is gone or there twice: refused', async () => {
    await bench.call('read_file', { path: 'a.txt' });
    await bench.write('a.txt', 'one\ntwo\ntwo\n');
    expect(await edit('a.txt', 'two', 'TWO')).toMatchObject({ error_kind: 'conflict' });
    expect(await edit('a.txt', 'three', 'THREE')).toMatchObject({ error_kind: 'not_found' });
    expect(await bench.text('a.txt')).toBe('one\ntwo\ntwo\n');
  });

  test('read: nothing to say, and the next write_file is allowed', async () => {
    await bench.call('read_file', { path: 'a.txt' });
    expect((await edit('a.txt', 'two', 'TWO')).text).not.toMatch(/had not read|had changed/);
    expect((await bench.call('write_file', { path: 'a.txt', content: 'all\n' })).is_error).toBeUndefined();
  });
});

describe('refusals', () => {
  test.each<[string, string, string, RegExp]>([
    ['empty old_text', '', 'x', /old_text is empty\. To insert, give a neighbouring line/],
    ['nothing to change', 'one', 'one', /old_text and new_text are the same/],
    [
      'a placeholder',
      'two',
      '// ... existing code ...\ntwo',
      /Line 1 of new_text is a placeholder for code that is left out/,
    ],
    ['line numbers of read_file', '1: one\n2: two', 'x', /Its lines begin with the line numbers/],
    [
      'a placeholder in old_text',
      'one\n// ... rest of the code ...\nthree',
      'x',
      /Its line 2 is a placeholder for code left out/,
    ],
    ['an edit made before', 'deux', 'two', /new_text is already there, at line 2/],
    ['nothing like it', 'wxyzwxyz', 'x', /No line of the file is like it/],
    ['other blanks inside', 'f(a,  b)', 'x', /Nearest lines:\n\d: .*\n.*it’s “q”/s],
    [
      'straight quotes for curly ones',
      'it\'s "q"',
      'x',
      /Line 5 looks like it but has other characters: ’ \(U\+2019\), “ \(U\+201C\), ” \(U\+201D\)/,
    ],
  ])('%s', async (_name, oldText, newText, reason) => {
    const file = 'one\ntwo\nthree\nf(a, b)\nit’s “q”\n';
    await bench.write('a.txt', file);
    const result = await edit('a.txt', oldText, newText);
    expect(result.is_error).toBe(true);
    expect(result.text).toMatch(reason);
    expect(await bench.text('a.txt')).toBe(file);
  });

  test('a missing file is named with those like it', async () => {
    await bench.write('src/cart.ts', '');
    const result = await edit('src/crat.ts', 'a', 'b');
    expect(result).toMatchObject({ error_kind: 'not_found' });
    expect(result.text).toBe('There is no src/crat.ts. Did you mean src/cart.ts? To make a new file call write_file.');
  });

  test.each(['../x', '/etc/passwd', '.', '.git/config', 'a\0b'])('the path %j', async (path) => {
    expect(await edit(path, 'a', 'b')).toMatchObject({ is_error: true });
  });

  test('a folder, a link that leads out, a binary file', async () => {
    await bench.write('dir/f', 'x');
    await bench.port.exec(bench.id, ['ln', '-s', '/etc/hostname', 'link']);
    await bench.write('bin', Buffer.from([0, 1, 2, 97]));
    expect((await edit('dir', 'a', 'b')).text).toContain('That is a folder');
    expect(await edit('link', 'a', 'b')).toMatchObject({ error_kind: 'forbidden' });
    expect((await edit('bin', 'a', 'b')).text).toContain('bin is not a text file');
  });

  test.each(['exploration', 'validation'] as const)('in %s mode', async (mode) => {
    await bench.write('a.txt', 'a');
    bench.mode = mode;
    expect(await edit('a.txt', 'a', 'b')).toMatchObject({ error_kind: 'forbidden' });
    expect(await bench.call('write_file', { path: 'b.txt', content: '' })).toMatchObject({ error_kind: 'forbidden' });
    expect(await bench.text('a.txt')).toBe('a');
  });
});

describe('syntax', () => {
  test('newly broken is refused with the parser’s words and both views', async () => {
    const file = 'export function f() {\n  return 1;\n}\n';
    await bench.write('a.ts', file);
    const result = await edit('a.ts', '  return 1;\n}', '  return (1;\n}');
    expect(result.is_error).toBe(true);
    expect(result.text).toBe(
      [
        "Not applied: a.ts would no longer parse. Line 2: ')' expected.",
        'The file as it is:\n1: export function f() {\n2:   return 1;\n3: }',
        'With your edit:\n1: export function f() {\n2:   return (1;\n3: }',
        'The file is unchanged. Call edit_file again with a new_text that parses: the whole change in one edit, both ends of every bracket and tag.',
      ].join('\n'),
    );
    expect(await bench.text('a.ts')).toBe(file);
  });

  test('an error far from the edit is shown where the parser sees it', async () => {
    await bench.write('a.ts', `function f() {\n}\n${'const a = 1;\n'.repeat(30)}`);
    const { text } = await edit('a.ts', 'function f() {\n}', 'function f() {');
    expect(text).toContain("Line 32: '}' expected.");
  });

  test('a file that was broken before may be edited, also step by step', async () => {
    await bench.write('a.json', '{"a": 1,, "b": [}');
    expect((await edit('a.json', ',,', ',')).is_error).toBeUndefined();
    expect((await edit('a.json', '[}', '[]}')).is_error).toBeUndefined();
    expect(await edit('a.json', '[]}', '[}')).toMatchObject({ is_error: true });
  });
});

describe('a repeated try', () => {
  // old_text still matches once after the edit, so a second application would show.
  const input = { path: 'a.txt', old_text: 'foo', new_text: 'foo bar' };
  const once = 'begin\nfoo bar\nend\n';
  beforeEach(async () => {
    await bench.write('a.txt', 'begin\nfoo\nend\n');
    await bench.call('read_file', { path: 'a.txt' });
  });

  const fault = () => Promise.reject(new Error('the worker died'));

  test('after a fault before the plan was stored', async () => {
    await expect(bench.call('edit_file', input, { savePlan: fault })).rejects.toThrow('died');
    expect(await bench.text('a.txt')).toBe('begin\nfoo\nend\n');
    expect((await bench.retry('edit_file', input)).is_error).toBeUndefined();
    expect(await bench.text('a.txt')).toBe(once);
  });

  test('after a fault between plan and writing', async () => {
    const port = failing(bench.port, 'before');
    await expect(bench.call('edit_file', input, { sandbox: { id: bench.id, port, network: 'none' } })).rejects.toThrow(
      'died',
    );
    expect(await bench.text('a.txt')).toBe('begin\nfoo\nend\n');
    const again = await bench.retry('edit_file', input);
    expect(again.text).toMatch(/^Edited a\.txt, line 2; old_text matched exactly\./);
    expect(await bench.text('a.txt')).toBe(once);
  });

  test('after a fault between writing and answer: not again, with the same reply', async () => {
    const port = failing(bench.port, 'after');
    await expect(bench.call('edit_file', input, { sandbox: { id: bench.id, port, network: 'none' } })).rejects.toThrow(
      'died',
    );
    expect(await bench.text('a.txt')).toBe(once);
    const again = await bench.retry('edit_file', input);
    expect(again).toMatchObject({ wrote: ['a.txt'], view: { path: 'a.txt' } });
    expect(again.text).toMatch(/^Edited a\.txt, line 2; old_text matched exactly\.\n1: begin\n2: foo bar\n3: end$/);
    const third = await bench.retry('edit_file', input);
    expect(third.text).toBe(again.text);
    expect(await bench.text('a.txt')).toBe(once);
  });

  test('after another process wrote the file: a conflict, nothing written', async () => {
    const port = failing(bench.port, 'before');
    await expect(bench.call('edit_file', input, { sandbox: { id: bench.id, port, network: 'none' } })).rejects.toThrow(
      'died',
    );
    await bench.write('a.txt', 'other foo\n');
    const again = await bench.retry('edit_file', input);
    expect(again).toMatchObject({ is_error: true, error_kind: 'conflict' });
    expect(await bench.text('a.txt')).toBe('other foo\n');
  });
});
