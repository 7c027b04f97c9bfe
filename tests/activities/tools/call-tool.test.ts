import { z } from 'zod';
import { callTool, parseToolInput, unknownTool } from '#activities/tools/support/call-tool.ts';
import { defineTool } from '#activities/tools/support/define-tool.ts';
import type { JsonSchema } from '#activities/tools/support/json-schema.ts';
import { toolSchema } from '#activities/tools/support/tool-schema.ts';
import { Bench, tools } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

describe('input', () => {
  test('each problem is reported with the given and the expected value, then the schema and a working example', async () => {
    const result = await bench.call('read_file', { offset: 'first', limit: 0, pth: 'a.txt' });
    expect(result).toMatchObject({ is_error: true, error_kind: 'bad_input' });
    expect(result.text).toBe(
      [
        'read_file was not run: 4 problems in its input.',
        '- path: missing; expected string.',
        '- offset: came a string "first"; expected integer.',
        '- limit: came a number 0; expected number to be >=1.',
        '- pth: there is no such field. Did you mean path?',
        'It takes {path: string, offset?: integer, limit?: integer}',
        'Example: {"path":"src/app.ts"}',
        'Call read_file again with the input corrected.',
      ].join('\n'),
    );
  });

  test.each<[string, unknown]>([
    ['a list', []],
    ['nothing', null],
    ['nothing at all', undefined],
    ['text', 'src/app.ts'],
    ['JSON cut off', '{"path": "a.txt", "cont'],
    ['a number', 7],
  ])('%s instead of an object is an error, not an exception', async (_name, raw) => {
    for (const { name } of tools.filter((tool) => tool.name !== 'list_files'))
      expect(await bench.call(name, raw)).toMatchObject({ is_error: true, error_kind: 'bad_input' });
  });

  test('harmless slips are corrected', async () => {
    await bench.write('slip.txt', 'one\ntwo\nthree\n');
    expect((await bench.call('read_file', { path: 'slip.txt', offset: '2', limit: '1' })).text).toContain('2: two');
    expect((await bench.call('read_file', '{"path": "slip.txt", "offset": null}')).text).toContain('1: one');
    expect(
      (await bench.call('edit_file', { path: 'slip.txt', old_text: 'two', new_text: 2, replace_all: 'false' }))
        .is_error,
    ).toBeUndefined();
    expect(await bench.text('slip.txt')).toBe('one\n2\nthree\n');
  });

  test('the examples of all tools are valid', () => {
    for (const tool of tools) {
      const refused = parseToolInput(tool, []);
      const example = refused.ok ? '' : (/^Example: (.*)$/m.exec(refused.result.text)?.[1] ?? '');
      expect(parseToolInput(tool, JSON.parse(example))).toMatchObject({ ok: true });
    }
  });

  test('problems deep in lists and unions are named by their place', () => {
    const tool = {
      name: 'todo',
      schema: z.strictObject({
        items: z.array(z.strictObject({ text: z.string(), status: z.enum(['open', 'done']) })),
        by: z.union([z.string(), z.array(z.string())]).optional(),
      }),
    };
    const parsed = parseToolInput(tool, {
      items: [
        { text: 'a', status: 'opn' },
        { text: {}, status: 'done' },
      ],
      by: { a: 1 },
    });
    expect(parsed.ok || parsed.result.text.split('\n').slice(0, 5)).toEqual([
      'todo was not run: 3 problems in its input.',
      '- items.0.status: came a string "opn"; expected "open" | "done".',
      '- items.1.text: came an object {}; expected string.',
      '- by: came an object {"a":1}; expected string | [string, ...].',
      'It takes {items: [{text: string, status: "open" | "done"}, ...], by?: string | [string, ...]}',
    ]);
  });
});

test('an unknown tool is an error that names the known ones and the nearest', async () => {
  const result = await bench.call('read_fil', {});
  expect(result).toMatchObject({ is_error: true, error_kind: 'unknown_tool' });
  expect(result.text).toBe(
    'There is no tool "read_fil". Did you mean read_file? Call one of: bash, read_file, write_file, edit_file, list_files, search_files.',
  );
  expect(unknownTool('xyz', tools).text).not.toContain('Did you mean');
});

test('a lost sandbox is the platform’s: it comes out as an exception', async () => {
  const gone = await Bench.open();
  const { SandboxError } = await import('#activities/ports/sandbox.ts');
  gone.port.stat = () => Promise.reject(new SandboxError('lost', 'gone'));
  await expect(gone.call('read_file', { path: 'a' })).rejects.toMatchObject({ code: 'lost' });
  await gone.close();
});

describe('schemas', () => {
  test('are closed, say limits in words and use no keyword that strict mode refuses', () => {
    for (const tool of tools) {
      const schema = toolSchema(tool);
      expect(
        keywords(schema).filter(
          (keyword) =>
            !['type', 'description', 'properties', 'required', 'additionalProperties', 'items', 'enum'].includes(
              keyword,
            ),
        ),
      ).toEqual([]);
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
      for (const field of Object.values(schema.properties ?? {})) expect(field.description).toBeTruthy();
    }
    expect(toolSchema(tools[1] ?? { schema: z.never() }).properties?.offset).toEqual({
      type: 'integer',
      description: 'First line to show, from 1. (at least 1)',
    });
  });

  test('are the same bytes every time, whatever order the keywords were given in', () => {
    const one = z.strictObject({
      a: z.int().min(1).max(5).describe('A'),
      b: z
        .array(z.strictObject({ c: z.enum(['x', 'y']) }))
        .min(2)
        .optional(),
    });
    const two = z.strictObject({
      a: z.int().describe('A').max(5).min(1),
      b: z
        .array(z.strictObject({ c: z.enum(['x', 'y']) }))
        .min(2)
        .optional(),
    });
    const expected =
      '{"type":"object","properties":{"a":{"type":"integer","description":"A (at least 1, at most 5)"},"b":{"type":"array","description":"(2 items or more)","items":{"type":"object","properties":{"c":{"type":"string","enum":["x","y"]}},"required":["c"],"additionalProperties":false}}},"required":["a"],"additionalProperties":false}';
    expect(JSON.stringify(toolSchema({ schema: one }))).toBe(expected);
    expect(JSON.stringify(toolSchema({ schema: z.strictObject(one.shape) }))).toBe(expected);
    expect(Object.keys(toolSchema({ schema: two }).properties?.a ?? {})).toEqual(['type', 'description']);
  });

  test('old_text is asked for before new_text', () => {
    const edit = tools.find((tool) => tool.name === 'edit_file');
    expect(Object.keys(toolSchema(edit ?? { schema: z.never() }).properties ?? {})).toEqual([
      'path',
      'old_text',
      'new_text',
      'replace_all',
      'edits',
    ]);
  });
});

function keywords(schema: JsonSchema): string[] {
  return [
    ...Object.keys(schema),
    ...Object.values(schema.properties ?? {}).flatMap(keywords),
    ...(schema.items ? keywords(schema.items) : []),
  ];
}

describe('text that cannot be stored', () => {
  test.each<[string, object, string]>([
    ['write_file', { path: 'nul.txt', content: 'a\0b' }, 'content holds a NUL character'],
    ['write_file', { path: 'half.txt', content: '\ud83d' }, 'content holds half of a character'],
    ['edit_file', { path: 'slip.txt', old_text: 'one', new_text: 'x\0y' }, 'new_text holds a NUL character'],
    ['bash', { command: "printf 'a\0b'" }, 'command holds a NUL character'],
    ['read_file', { path: 'a\0.txt' }, 'path holds a NUL character'],
  ])('%s refuses it and names the escape as the remedy', async (name, input, problem) => {
    const result = await bench.call(name, input);
    expect(result).toMatchObject({ is_error: true, error_kind: 'failed' });
    expect(result.text).toContain(problem);
    expect(result.text).toContain('write the escape');
  });

  test('a tool that records gets it cleaned', async () => {
    const record = defineTool({
      name: 'note',
      sessions: [],
      effect: 'record',
      description: '',
      schema: z.record(z.string(), z.unknown()),
      run: async (input) => ({ text: JSON.stringify(input) }),
    });
    const result = await callTool([record], 'note', '{"a":["x\\u0000", {"b":"\\ud83d"}]}', bench.context());
    expect(JSON.parse(result.text)).toEqual({ a: ['x\uFFFD', { b: '\uFFFD' }] });
  });
});
