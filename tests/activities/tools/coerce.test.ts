import fc from 'fast-check';
import { z } from 'zod';
import { coerce } from '#activities/tools/support/coerce.ts';
import { jsonSchemaOf } from '#activities/tools/support/json-schema.ts';

const evidence = z.strictObject({ command: z.string(), exit_code: z.int(), excerpt: z.string().optional() });
const schema = z.strictObject({
  name: z.string(),
  count: z.int(),
  ratio: z.number().optional(),
  on: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  level: z.enum(['low', 'high']).optional(),
  note: z.string().nullable().optional(),
  evidence: z.union([z.array(evidence), z.string()]).optional(),
  step: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('wait'), seconds: z.int() }),
      z.strictObject({ kind: z.literal('go'), to: z.string() }),
    ])
    .optional(),
});
const json = jsonSchemaOf(schema);
const base = { name: 'n', count: 1 };

test.each<[string, unknown, unknown]>([
  ['digits for a number', { ...base, count: ' 80 ', ratio: '-0.5' }, { ...base, count: 80, ratio: -0.5 }],
  ['a number for text', { ...base, name: 42 }, { ...base, name: '42' }],
  ['a truth value as text', { ...base, on: 'True' }, { ...base, on: true }],
  ['null for an optional field', { ...base, on: null, tags: null }, base],
  ['null where null is meant', { ...base, note: null }, { ...base, note: null }],
  ['a list as its JSON', { ...base, tags: '["a", "b"]' }, { ...base, tags: ['a', 'b'] }],
  ['slips inside a list', { ...base, tags: ['a', 7] }, { ...base, tags: ['a', '7'] }],
  [
    'a list of objects as its JSON, with slips inside',
    { ...base, evidence: '[{"command": "npm test", "exit_code": "0", "excerpt": null}]' },
    { ...base, evidence: [{ command: 'npm test', exit_code: 0 }] },
  ],
  ['text where text is allowed beside a list', { ...base, evidence: 'it works' }, { ...base, evidence: 'it works' }],
  [
    'an object as its JSON, of the branch it names',
    { ...base, step: '{"kind": "wait", "seconds": "3"}' },
    { ...base, step: { kind: 'wait', seconds: 3 } },
  ],
  ['the second branch', { ...base, step: { kind: 'go', to: 5 } }, { ...base, step: { kind: 'go', to: '5' } }],
])('mends %s', (_name, given, expected) => {
  expect(coerce(given, json)).toEqual(expected);
  expect(schema.safeParse(coerce(given, json)).success).toBe(true);
});

test.each<[string, unknown]>([
  ['words for a number', { ...base, count: 'eighty' }],
  ['an empty text for a number', { ...base, count: '' }],
  ['a number for a truth value', { ...base, on: 1 }],
  ['null for a required field', { ...base, name: null }],
  ['an object for text', { ...base, name: { a: 1 } }],
  ['text that only looks like a list', { ...base, tags: '[a, b' }],
  ['an object for a list', { ...base, tags: '{"a": 1}' }],
  ['a value outside the list', { ...base, level: 'medium' }],
  ['a fraction for a whole number', { ...base, count: '1.5' }],
  ['an unknown field', { ...base, nmae: 'x' }],
])('leaves %s for validation to refuse', (_name, given) => {
  expect(schema.safeParse(coerce(given, json)).success).toBe(false);
});

test('never changes what is valid already', () => {
  const valid = fc.record(
    {
      name: fc.oneof(fc.string(), fc.constantFrom('80', 'true', '[1]', '{"a":1}', 'null')),
      count: fc.integer(),
      ratio: fc.double({ noNaN: true, noDefaultInfinity: true }),
      on: fc.boolean(),
      tags: fc.array(fc.string()),
      note: fc.option(fc.string()),
      evidence: fc.array(fc.record({ command: fc.string(), exit_code: fc.integer() })),
    },
    { requiredKeys: ['name', 'count'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(valid, (value) => expect(coerce(value, json)).toEqual(value)),
    { numRuns: 500 },
  );
});

test('never throws, whatever comes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => void coerce(value, json)),
    { numRuns: 500 },
  );
  expect(() => coerce(undefined, json)).not.toThrow();
  expect(coerce({ ...base, ['__proto__x']: 1, constructor: 'c' }, json)).toMatchObject({ constructor: 'c' });
});
