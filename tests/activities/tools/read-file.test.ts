import { gif, jpeg, png, webp } from '#tests/support/pictures.ts';
import { Bench } from './bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const read = (path: string, more: object = {}) => bench.call('read_file', { path, ...more });
const lines = (n: number, line = (index: number) => `line ${index}`) =>
  Array.from({ length: n }, (_, index) => `${line(index + 1)}\n`).join('');

test('numbers the lines and says that it is the end', async () => {
  await bench.write('a.txt', 'one\n\tdeux 😀\n');
  expect(await read('a.txt')).toEqual({
    text: '1: one\n2: \tdeux 😀\n[end, 2 lines]',
    view: { path: 'a.txt', hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string, from_line: 1, to_line: 2 },
  });
});

test('a Git LFS pointer is said to be one, and an edit of it is refused unless it leaves a pointer', async () => {
  const pointer = (oid: string) => `version https://git-lfs.github.com/spec/v1\noid sha256:${oid.repeat(64)}\nsize 3\n`;
  await bench.write('logo.bin', pointer('a'));
  expect((await read('logo.bin')).text).toContain('a Git LFS pointer');
  const refused = await bench.call('write_file', { path: 'logo.bin', content: 'raw\n' });
  expect(refused).toMatchObject({ is_error: true });
  expect(refused.text).toContain('Nothing was written. logo.bin is under the filter "lfs"');
  expect(await bench.text('logo.bin')).toBe(pointer('a'));
  await bench.call('write_file', { path: 'logo.bin', content: pointer('b') });
  expect(await bench.text('logo.bin')).toBe(pointer('b'));
});

test('pages by offset and limit; the footer says how to continue, and the pages show every line once', async () => {
  await bench.write('a.txt', lines(4_500));
  const seen: string[] = [];
  for (let offset = 1, page = 0; ; page += 1) {
    expect(page).toBeLessThan(10);
    const { text } = await read('a.txt', { offset });
    const rows = text.split('\n');
    const footer = rows.pop() ?? '';
    expect(rows.length).toBeLessThanOrEqual(2_000);
    seen.push(...rows);
    if (footer === '[end, 4,500 lines]') break;
    const [, from, to, next] = /^\[(\d+)-(\d+) of 4,500; offset=(\d+) continues\]$/.exec(footer) ?? [];
    expect([Number(from), Number(to)]).toEqual([offset, offset + rows.length - 1]);
    offset = Number(next);
  }
  expect(seen).toEqual(Array.from({ length: 4_500 }, (_, index) => `${index + 1}: line ${index + 1}`));
  expect((await read('a.txt', { offset: 10, limit: 2 })).text).toBe(
    '10: line 10\n11: line 11\n[10-11 of 4,500; offset=12 continues]',
  );
});

test('stops at 50 KB and at the cap of a result, whole lines only', async () => {
  bench.limits.result_chars = 1_000_000;
  await bench.write(
    'wide.txt',
    lines(1_900, () => '漢'.repeat(100)),
  );
  const wide = await read('wide.txt');
  expect(Buffer.byteLength(wide.text)).toBeLessThanOrEqual(50 * 1024 + 200);
  expect(Buffer.byteLength(wide.text)).toBeGreaterThan(49 * 1024);
  bench.limits.result_chars = 30_000;
  await bench.write(
    'long.txt',
    lines(1_900, () => 'x'.repeat(100)),
  );
  const { text } = await read('long.txt');
  expect(text).toMatch(/\n\[1-\d+ of 1,900; offset=\d+ continues\]$/);
});

test('cuts long lines and says how to see the rest', async () => {
  await bench.write('min.js', `a\n${'x'.repeat(1_999)}😀${'y'.repeat(3_000)}\n`);
  const { text } = await read('min.js');
  expect(text).toContain(`2: ${'x'.repeat(1_999)}[... 5,001 characters in all]`);
  expect(text).toContain('long lines cut at 2,000 characters, bash shows the rest: sed -n 2p min.js | cut -c2001-]');
});

test('says what the lines do not show', async () => {
  await bench.write('crlf.txt', '\uFEFFa\r\nb\r\nc');
  expect((await read('crlf.txt')).text).toBe(
    '1: a\n2: b\n3: c\n[end, 3 lines; no newline at the end; lines end with CRLF; begins with a byte order mark]',
  );
  await bench.write('mixed.txt', 'a\r\nb\n');
  expect((await read('mixed.txt')).text).toContain('some lines end with CRLF');
  await bench.write('empty.txt', '');
  expect((await read('empty.txt')).text).toBe('[end, 0 lines]');
});

describe('the same again', () => {
  beforeEach(() => bench.write('a.txt', lines(10)));

  test('is answered by a reference to the turn that has it, for the same range alone', async () => {
    await read('a.txt');
    expect(await read('./a.txt')).toEqual({
      text: 'a.txt, lines 1-10 of 10: unchanged since turn 1, where you read the same lines. Give another offset to see more.',
    });
    expect((await read('a.txt')).text).toContain('since turn 1,');
    expect((await read('a.txt', { offset: 2 })).text).toContain('2: line 2');
  });

  test('is shown when the file changed, when the model wrote it, and in a new epoch', async () => {
    await read('a.txt');
    await bench.write(
      'a.txt',
      lines(10, (index) => `row ${index}`),
    );
    expect((await read('a.txt')).text).toContain('1: row 1');
    await bench.call('write_file', { path: 'a.txt', content: lines(10) });
    expect((await read('a.txt')).text).toContain('1: line 1');
    bench.forget();
    expect((await read('a.txt')).text).toContain('1: line 1');
  });
});

describe('what is no text', () => {
  test('a missing file: three names like it, ignored files beside it among them', async () => {
    for (const name of [
      'src/user-service.ts',
      'src/user-service.test.ts',
      'lib/userService.js',
      'README.md',
      'config/.env.local',
    ])
      await bench.write(name, '');
    await bench.write('.gitignore', '.env*\n');
    expect((await read('src/userService.ts')).text).toMatch(
      /^There is no src\/userService\.ts\. Did you mean (?=.*src\/user-service\.ts)(?=.*lib\/userService\.js)(?=.*src\/user-service\.test\.ts).*\?/,
    );
    expect((await read('config/.env')).text).toContain('Did you mean config/.env.local?');
    expect((await read('zzzz.qq')).text).toContain('No file has a name like it: call list_files');
    expect(await read('zzzz.qq')).toMatchObject({ is_error: true, error_kind: 'not_found' });
  });

  test('a folder: its entries', async () => {
    await bench.write('src/b.ts', '');
    await bench.write('src/a/x.ts', '');
    expect(await read('src/')).toEqual({ text: 'src is a folder of 2 entries:\na/\nb.ts' });
    expect((await read('.')).text).toContain('. is a folder of');
  });

  test('an offset past the end', async () => {
    await bench.write('a.txt', 'x\n');
    expect((await read('a.txt', { offset: 5 })).text).toContain('a.txt has 1 line; offset=5 is past its end');
  });

  test.each<[string, Buffer, RegExp]>([
    ['NUL', Buffer.from('abc\0def'), /binary file, 7 bytes/],
    ['control bytes', Buffer.from([1, 2, 3, 4, 5, 6, 97, 98, 99, 100]), /binary file, 10 bytes/],
    ['ELF', Buffer.concat([Buffer.from('7f454c46', 'hex'), Buffer.alloc(60)]), /ELF program/],
    ['PDF', Buffer.from('%PDF-1.7\ntext only\n'), /PDF document/],
    ['UTF-16', Buffer.from('\uFEFFhello', 'utf16le'), /UTF-16 text.*iconv -f UTF-16/],
    ['a PNG cut off', Buffer.from('89504e470d0a1a0a0000', 'hex'), /damaged PNG image/],
  ])('binary (%s): refused with type and size', async (_name, bytes, reason) => {
    await bench.write('x.ts', bytes);
    const result = await read('x.ts');
    expect(result).toMatchObject({ is_error: true, error_kind: 'failed' });
    expect(result.text).toMatch(reason);
  });

  test('control bytes below 30 % are text', async () => {
    await bench.write('a.txt', '\x1b[31mred\x1b[0m \x01 more text here\n');
    expect((await read('a.txt')).is_error).toBeUndefined();
  });

  test('a pipe, a link that leads out, a path that leads out', async () => {
    await bench.port.exec(bench.id, ['mkfifo', 'pipe']);
    await bench.port.exec(bench.id, ['ln', '-s', '/etc/hostname', 'link']);
    expect((await read('pipe')).text).toContain('neither a file nor a folder');
    expect(await read('link')).toMatchObject({ error_kind: 'forbidden' });
    expect(await read('/etc/hostname')).toMatchObject({ error_kind: 'forbidden' });
    expect(await read('a/../../x')).toMatchObject({ error_kind: 'forbidden' });
  });
});

describe('images', () => {
  test.each([
    ['image/png', '40 x 30', png(40, 30)],
    ['image/jpeg', '40 x 30', jpeg],
    ['image/gif', '1 x 1', gif],
    ['image/webp', '40 x 30', webp],
  ])('%s is told by its bytes, whatever its name', async (mediaType, size, bytes) => {
    await bench.write('picture.txt', bytes);
    expect(await read('picture.txt')).toEqual({
      text: `picture.txt: ${mediaType}, ${size} pixels, ${bytes.length} bytes`,
      image: { media_type: mediaType, data: bytes.toString('base64') },
    });
  });

  // A camera puts a smaller JPEG with its own end into a segment in front of the picture.
  const thumbnail = Buffer.from('ffe100060000ffd9', 'hex');
  const photo = Buffer.concat([jpeg.subarray(0, 2), thumbnail, jpeg.subarray(2)]);

  test.each([
    ['PNG', png(40, 30)],
    ['JPEG', jpeg],
    ['JPEG', photo],
    ['GIF', gif],
    ['WebP', webp],
  ])('a %s that is cut off anywhere is refused as damaged', async (name, bytes) => {
    for (const share of [0.5, 0.8, 0.95]) {
      await bench.write('picture.png', bytes.subarray(0, Math.floor(bytes.length * share)));
      expect((await read('picture.png')).text).toContain(`is binary (damaged ${name} image`);
    }
    await bench.write('picture.png', bytes);
    expect((await read('picture.png')).image).toBeDefined();
  });

  test.each([
    ['JPEG', Buffer.concat([jpeg.subarray(0, jpeg.indexOf(Buffer.from('ffda', 'hex'))), Buffer.from('ffd9', 'hex')])],
    ['GIF', Buffer.concat([gif.subarray(0, gif.indexOf(0x2c)), Buffer.from(';')])],
    ['WebP', Buffer.from(webp.toString('latin1').replace('VP8 ', 'META'), 'latin1')],
  ])('a %s without a picture is refused as damaged', async (name, bytes) => {
    await bench.write('picture.png', bytes);
    expect((await read('picture.png')).text).toContain(`is binary (damaged ${name} image`);
  });

  test('a PNG that looks whole and cannot be decoded is refused as damaged', async () => {
    const bytes = png(40, 30);
    const data = bytes.indexOf('IDAT') + 4;
    bytes.fill(0xa5, data, bytes.indexOf('IEND') - 8);
    await bench.write('picture.png', bytes);
    expect((await read('picture.png')).text).toMatch(/is binary \(damaged PNG image/);
  });

  test('one that the model could not be sent is refused', async () => {
    await bench.write('tall.png', png(10, 2_001));
    expect((await read('tall.png')).text).toMatch(
      /^tall\.png: image\/png, 10 x 2001 pixels.*cannot be shown.*Make a smaller copy/,
    );
  });
});
