import { Bench } from './bench.ts';

/**
 * Every combination of how a file can be written and how old_text can be given, each with the bytes that must come
 * out. The expectation is put together from the same pieces as the file, never by code of the tool.
 */
const endings = {
  LF: ['\n', '\n', '\n', '\n', '\n'],
  CRLF: ['\r\n', '\r\n', '\r\n', '\r\n', '\r\n'],
  mixed: ['\n', '\r\n', '\n', '\r\n', '\n'],
};
const indents = { spaces: '  ', tabs: '\t' };
const words = {
  plain: { word: 'total', becomes: 'sum' },
  astral: { word: 'smile 😀 𝒳', becomes: 'grin 🧑‍🚀 𝒴' },
  combining: { word: 'cafe\u0301 man\u0303ana', becomes: 'the\u0301' },
  quotes: { word: '“don’t” — ‘so’', becomes: '“do” … ‘not’' },
  pattern: { word: '(a|b)*.+?^${c}[d]\\', becomes: "$& $1 $$ $` $' \\0" },
};
const blanks = ['', '  ', '\t'];

interface Case {
  eol: keyof typeof endings;
  indent: keyof typeof indents;
  words: keyof typeof words;
  bom: boolean;
  /** The block is the file's last part, without a final newline. */
  unfinished: boolean;
}

interface Made {
  file: Buffer;
  /** Lines of the block as the file has them, and what they become. */
  block: string[];
  changed: string[];
  expected(times?: number): Buffer;
}

function make({ eol, indent, words: kind, bom, unfinished }: Case, copies = 1): Made {
  const unit = indents[indent];
  const { word, becomes } = words[kind];
  const lines = [`${unit}open(${word}) {`, `${unit}${unit}return ${word};`, `${unit}}`];
  const changed = [
    lines[0] ?? '',
    `${unit}${unit}first ${becomes};`,
    '',
    `${unit}${unit}then ${becomes};`,
    lines[2] ?? '',
  ];
  const ends = endings[eol];
  const start = `${bom ? '\uFEFF' : ''}head ${word}${ends[0]}`;
  const end = unfinished ? '' : `${ends[4]}tail ${word}${ends[0]}`;
  // The lines around the changed one keep their blanks and endings; new lines take the ending of the block's first line.
  const before = `${lines[0]}${blanks[1]}${ends[1]}${lines[1]}${blanks[2]}${ends[2]}${lines[2]}`;
  const after = `${lines[0]}${blanks[1]}${ends[1]}${changed[1]}${ends[1]}${ends[1]}${changed[3]}${ends[1]}${lines[2]}`;
  const between = `${ends[3]}between${ends[3]}`;
  const whole = (...blocks: string[]) => Buffer.from(start + blocks.join(between) + end);
  return {
    file: whole(...Array<string>(copies).fill(before)),
    block: lines,
    changed,
    expected: (times = 1) => whole(...Array.from({ length: copies }, (_, index) => (index < times ? after : before))),
  };
}

/** How a model may give the block: what it turns each line into, and how the reply tells of it. */
const forms: Record<string, { give: (line: string, unit: string, isNew: boolean) => string; how: RegExp }> = {
  'without its trailing blanks': { give: (line) => line, how: /apart from line endings or blanks at line ends/ },
  'with other trailing blanks': {
    give: (line, _unit, isNew) => (isNew ? line : `${line}   `),
    how: /apart from line endings or blanks at line ends/,
  },
  'with less indentation': {
    give: (line, unit) => (line.startsWith(unit) ? line.slice(unit.length) : line),
    how: /apart from indentation: new_text was written with (?:2 spaces|1 tab) more on every line/,
  },
  'with more indentation': {
    give: (line, unit) => (line === '' ? line : unit + line),
    how: /apart from indentation: new_text was written with (?:2 spaces|1 tab) less on every line/,
  },
  'with the other kind of indentation': {
    give: (line, unit) =>
      unit === '\t'
        ? line.replace(/^\t+/, (tabs) => '    '.repeat(tabs.length))
        : line.replace(/^ +/, (spaces) => '\t'.repeat(spaces.length / 2)),
    how: /apart from indentation: new_text was written with (?:a tab for each 4 spaces|2 spaces for each tab)/,
  },
};

const cases = Object.keys(endings).flatMap((eol) =>
  Object.keys(indents).flatMap((indent) =>
    Object.keys(words).flatMap((kind) =>
      [false, true].flatMap((bom) =>
        [false, true].map((unfinished) => ({ eol, indent, words: kind, bom, unfinished }) as Case),
      ),
    ),
  ),
);

const named = (the: Case) =>
  `${the.eol}, ${the.indent}, ${the.words}${the.bom ? ', BOM' : ''}${the.unfinished ? ', no final newline' : ''}`;

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

const edit = (input: object) => bench.call('edit_file', { path: 'file.txt', ...input });

describe.each(Object.entries(forms))('given %s', (_form, { give, how }) => {
  test.each(cases.map((the) => [named(the), the] as const))('%s', async (_name, the) => {
    const made = make(the);
    const text = (lines: string[]) =>
      lines.map((line) => give(line, indents[the.indent], !made.block.includes(line))).join('\n') +
      (the.unfinished ? '\n' : '');
    await bench.write('file.txt', made.file);
    // At the end of a file the model gives a final newline that is not there, as it does in life.
    const result = await edit({ old_text: text(made.block), new_text: text(made.changed) });
    expect(result.text).toMatch(how);
    expect(await bench.read('file.txt')).toEqual(made.expected());
  });
});

describe('a part of a line, given exactly', () => {
  test.each(cases.map((the) => [named(the), the] as const))('%s', async (_name, the) => {
    const made = make(the);
    const { word, becomes } = words[the.words];
    await bench.write('file.txt', made.file);
    const result = await edit({ old_text: `return ${word}`, new_text: becomes });
    expect(result.text).toMatch(/old_text matched exactly/);
    expect(await bench.read('file.txt')).toEqual(
      Buffer.from(made.file.toString().split(`return ${word}`).join(becomes)),
    );
  });
});

describe('found twice', () => {
  test.each(cases.map((the) => [named(the), the] as const))(
    'is refused with the places, then replaced in both: %s',
    async (_name, the) => {
      const made = make(the, 2);
      await bench.write('file.txt', made.file);
      const input = { old_text: made.block.join('\n'), new_text: made.changed.join('\n') };
      const refused = await edit(input);
      expect(refused).toMatchObject({ is_error: true, error_kind: 'conflict' });
      expect(refused.text).toContain('2 times');
      expect(refused.text).toContain('at lines 2, 6;');
      expect(await bench.read('file.txt')).toEqual(made.file);

      const all = await edit({ ...input, replace_all: true });
      expect(all.text).toContain('2 places, the first at line 2');
      expect(await bench.read('file.txt')).toEqual(made.expected(2));
    },
  );
});

describe('not there', () => {
  test.each(cases.map((the) => [named(the), the] as const))('changes nothing: %s', async (_name, the) => {
    const made = make(the);
    await bench.write('file.txt', made.file);
    for (const lines of [
      made.block.map((line) => `${line}x`),
      made.block.toReversed(),
      made.block.map((line, index) => (index === 1 ? `${line} ` : ` ${line}`)),
    ]) {
      const refused = await edit({ old_text: lines.join('\n'), new_text: 'wrong' });
      expect(refused).toMatchObject({ is_error: true, error_kind: 'not_found' });
      expect(refused.text).toMatch(/Nearest lines:\n\d+: /);
    }
    expect(await bench.read('file.txt')).toEqual(made.file);
  });
});
