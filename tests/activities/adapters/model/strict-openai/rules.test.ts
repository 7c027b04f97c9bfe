import { png as picture } from '#tests/support/pictures.ts';
import { StrictOpenAiWire } from '#activities/adapters/model/strict-openai/index.ts';
import { reasoningToken } from '#activities/adapters/model/strict-openai/reasoning-token.ts';
import { openAiRules } from '#activities/adapters/model/strict-openai/rules.ts';

type Json = Record<string, unknown>;

const user = (content: unknown) => ({ type: 'message', role: 'user', content });
const said = (text: string) => user([{ type: 'input_text', text }]);
const answer = (text: string) => ({
  type: 'message',
  role: 'assistant',
  id: 'msg_1',
  content: [{ type: 'output_text', text, annotations: [] }],
});
const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'bash', arguments: '{}' });
const output = (call_id: string) => ({ type: 'function_call_output', call_id, output: 'ok' });
const reasoning = (token: string | null) => ({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: token });
const own = reasoning(reasoningToken('org-strict', 'a thought'));
const image = (data: string) =>
  user([{ type: 'input_image', detail: 'high', image_url: `data:image/png;base64,${data}` }]);
const png = picture(9, 9).toString('base64');
const object = (properties: Json, more: Json = {}): Json => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const string = { type: 'string' };
const tool = (parameters: Json, more: Json = {}) => ({
  tools: [{ type: 'function', name: 'answer', parameters, strict: true, ...more }],
});
const nested = (levels: number): Json =>
  levels === 1 ? object({ end: string }) : object({ next: nested(levels - 1) });
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`field_${n}`, string]));
const after = (...items: unknown[]) => ({ input: [said('Hello'), ...items] });

const request = (more: Json): Json => ({
  model: 'gpt-6.2-sol',
  instructions: 'You are an agent.',
  input: [said('Hello')],
  store: false,
  ...more,
});

const refusalOf = (body: Json, authorization: string | undefined = 'Bearer key'): string | undefined => {
  const admitted = new StrictOpenAiWire().admit({ authorization }, JSON.stringify(body));
  if (!('refused' in admitted)) return undefined;
  const { status, error } = admitted.refused;
  return `${status} ${error.code} ${error.message}`;
};

/** Each row: the nearest request that is allowed, the one that is refused, and a part of the refusal. */
const table: [what: string, allowed: Json | (() => Json), refused: Json | (() => Json), fragment: string][] = [
  ['the model', {}, { model: 'claude-sonnet-5-5' }, '404 model_not_found The model `claude-sonnet-5-5` does not exist'],
  ['the fields', {}, { extra: 1 }, "400 unknown_parameter Unknown parameter: 'extra'"],
  ['the fields of an item', after(said('Hi')), after({ ...said('Hi'), extra: 1 }), 'unknown_parameter'],
  [
    'the parts of a message',
    after(answer('Hi')),
    after({ ...answer('Hi'), content: said('Hi').content }),
    '400 invalid_',
  ],
  ['an included value', { include: ['reasoning.encrypted_content'] }, { include: ['thoughts'] }, '400 invalid_value'],
  [
    'effort',
    { reasoning: { effort: 'low' } },
    { reasoning: { effort: 'none' } },
    "400 unsupported_value Unsupported value: 'none'",
  ],
  ['sampling', {}, { temperature: 1 }, "400 unsupported_parameter Unsupported parameter: 'temperature'"],
  ['sampling', {}, { top_p: 1 }, "'top_p'"],
  ['output limit', { max_output_tokens: 16 }, { max_output_tokens: 15 }, '400 integer_below_min_value'],
  ['output limit', { max_output_tokens: 128_000 }, { max_output_tokens: 128_001 }, '400 integer_above_max_value'],
  ['cache retention', { prompt_cache_retention: '24h' }, { prompt_cache_retention: 'in_memory' }, 'unsupported_value'],
  [
    'lengths of keys',
    { prompt_cache_key: 'k'.repeat(64) },
    { prompt_cache_key: 'k'.repeat(65) },
    'string_above_max_length',
  ],
  [
    'lengths of keys',
    { safety_identifier: 'k'.repeat(64) },
    { safety_identifier: 'k'.repeat(65) },
    "'safety_identifier'",
  ],
  ['tool names', tool(object({}), { name: 'a_b-1' }), tool(object({}), { name: 'a.b' }), 'does not match pattern'],
  [
    'tool names',
    tool(object({}), { name: 'a'.repeat(64) }),
    tool(object({}), { name: 'a'.repeat(65) }),
    'tools[0].name',
  ],
  [
    'tool schemas',
    tool(object({})),
    tool(object({}, { additionalProperties: undefined })),
    "400 invalid_function_parameters Invalid schema for function 'answer': In context=(), 'additionalProperties'",
  ],
  [
    'tool schemas',
    tool(object({ a: string }, { required: [] }), { strict: false }),
    tool(object({ a: string }, { required: [] })),
    "Missing 'a'",
  ],
  // Without the field the provider makes the schema strict.
  [
    'tool schemas',
    tool(object({ a: string }), { strict: undefined }),
    tool(object({ a: string }, { required: [] }), { strict: undefined }),
    "Missing 'a'",
  ],
  [
    'tool schemas',
    tool(object({ a: { anyOf: [string, { type: 'null' }] } })),
    tool(object({ a: { oneOf: [string, { type: 'null' }] } })),
    "'oneOf' is not permitted",
  ],
  [
    'tool schemas',
    tool(object({ a: string })),
    tool(object({ a: { ...string, default: 'x' } })),
    "'default' is not permitted",
  ],
  [
    'tool schemas',
    tool(object({ a: { ...string, format: 'uuid' } })),
    tool(object({ a: { ...string, format: 'uri' } })),
    "'uri' is not a valid format",
  ],
  ['tool schemas', tool(object({})), tool({ anyOf: [object({})] }), "schema must be of type 'object'"],
  ['tool schemas', () => tool(nested(10)), () => tool(nested(11)), 'levels of nesting'],
  ['tool schemas', () => tool(object(many(5000))), () => tool(object(many(5001))), 'more than 5000 properties'],
  [
    'chosen tool',
    { ...tool(object({})), tool_choice: { type: 'function', name: 'answer' } },
    { ...tool(object({})), tool_choice: { type: 'function', name: 'other' } },
    "Tool choice 'function' not found",
  ],
  ['earlier response', {}, { previous_response_id: 'resp_1' }, '400 previous_response_not_found'],
  ['input', {}, { input: [] }, "400 missing_required_parameter Missing required parameter: 'input'"],
  [
    'stored reasoning',
    after(own, answer('Hi')),
    after(reasoning(null), answer('Hi')),
    "404 null Item with id 'rs_1' not found",
  ],
  [
    'encrypted reasoning',
    after(own, answer('Hi')),
    after(reasoning(reasoningToken('org-other', 'a thought')), answer('Hi')),
    '400 invalid_encrypted_content',
  ],
  ['encrypted reasoning', after(own, answer('Hi')), after(reasoning('gAAAx.y'), answer('Hi')), 'could not be verified'],
  ['reasoning alone', after(own, call('a'), output('a')), after(own), "of type 'reasoning' was provided without"],
  ['reasoning alone', after(own, answer('Hi')), after(own, said('Hi')), "of type 'reasoning' was provided without"],
  ['results of calls', after(call('a'), output('a')), after(call('a')), 'No tool output found for function call a.'],
  [
    'result without call',
    after(call('a'), output('a')),
    after(output('a')),
    'No tool call found for function call output with call_id a.',
  ],
  ['images', after(image(png)), after(image('bm8=')), '400 image_parse_error'],
  [
    'images',
    () => after(user(Array.from({ length: 500 }, () => image(png).content).flat())),
    () => after(user(Array.from({ length: 501 }, () => image(png).content).flat())),
    'Too many images',
  ],
  [
    'prompt length',
    () => after(said('x'.repeat(3_000_000))),
    () => after(said('x'.repeat(3_300_000))),
    '400 context_length_exceeded',
  ],
];

const made = (given: Json | (() => Json)): Json => (typeof given === 'function' ? (given as () => Json)() : given);

test.each(table)(
  '%s: the nearest request is allowed, and one step further is refused',
  (_what, allowed, refused, fragment) => {
    expect(refusalOf(request(made(allowed)))).toBeUndefined();
    expect(refusalOf(request(made(refused)))).toContain(fragment);
  },
);

test('the key is needed as bearer', () => {
  expect(refusalOf(request({}))).toBeUndefined();
  expect(refusalOf(request({}), '')).toBe('401 null Missing bearer authentication in header');
});

test('every rule has a row', () => {
  expect(openAiRules.filter(({ name }) => !table.some(([what]) => what === name)).map(({ name }) => name)).toEqual([]);
});
