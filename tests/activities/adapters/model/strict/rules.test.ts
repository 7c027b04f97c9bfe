import { png } from '#tests/support/pictures.ts';
import { rules } from '#activities/adapters/model/strict/index.ts';
import {
  assistant,
  haiku,
  headers,
  refusalOf,
  request,
  result,
  sonnet,
  strictTool,
  text,
  tool,
  use,
  user,
  type Json,
} from './request.ts';

const opus = 'claude-opus-5-5';
const old = 'claude-haiku-4-5-20251001';
const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) } });
const forced = (type: string) => ({ tool_choice: type === 'tool' ? { type, name: 'bash' } : { type } });
const thinking = (type: string, more: Json = {}) => ({ thinking: { type, ...more } });
const effort = (level: string) => ({ output_config: { effort: level } });
const after = (...messages: unknown[]) => ({ messages: [user(text('Hello')), ...messages] });
const called = (...content: unknown[]) => after(assistant(use('a')), user(...content));
const image = (width: number, height: number, data?: string) => {
  const sent = data ?? png(width, height).toString('base64');
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data: sent } };
};
const beta = (name: string) => ({ 'anthropic-beta': name });
const binding = thinking('adaptive', { block_binding: { prefix_mismatch_behavior: 'drop_block' } });
const string = { type: 'string' };
const object = (more: Json) => ({ type: 'object', ...more });
const named = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`field_${n}`, value]));

type Case = [
  what: string,
  allowed: Json | (() => Json),
  refused: Json | (() => Json),
  fragment: string,
  allowedHeaders?: Record<string, string | undefined>,
  refusedHeaders?: Record<string, string | undefined>,
];

/** A large request is made when it is needed, since Jest copies the rows. */
const made = (given: Json | (() => Json)): Json => (typeof given === 'function' ? (given as () => Json)() : given);

/** Each row: the nearest request that is allowed, the one that is refused, and a part of the refusal. */
const table: Case[] = [
  ['a key as bearer', {}, {}, '401 ', {}, { authorization: undefined }],
  [
    'a key in the older header',
    {},
    {},
    '401 ',
    { authorization: undefined, 'x-api-key': 'key' },
    { authorization: '' },
  ],
  ['the version', {}, {}, '400 anthropic-version', {}, { 'anthropic-version': undefined }],
  ['the model', {}, { model: 'claude-nobody' }, '404 model: claude-nobody'],
  ['a beta', {}, {}, 'Unexpected value(s) `no-such-beta`', beta('context-management-2025-06-27'), beta('no-such-beta')],
  [
    'a tool of the vendor',
    { tools: [tool('bash', { type: 'custom' })] },
    { tools: [tool('bash'), { type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] },
    '400 tools.1.web_search_20250305: exists on the wire, but is not played here',
  ],
  [
    'the type of a tool',
    { tools: [tool('bash', { type: 'custom' })] },
    { tools: [tool('bash', { type: 'web_search_20190101' })] },
    "tools.0: Input tag 'web_search_20190101' found using 'type' does not match any of the expected tags",
  ],
  [
    'the callers of a tool',
    { tools: [tool('bash', { allowed_callers: ['direct'] })] },
    { tools: [tool('bash', { allowed_callers: ['direct', 'code_execution_20260521'] })] },
    'tools.0.custom.allowed_callers: exists on the wire',
  ],
  [
    'tools that are loaded later',
    { tools: [tool('bash'), tool('job', { defer_loading: true })] },
    { tools: [tool('job', { defer_loading: true })] },
    'At least one tool must be non-deferred',
  ],
  [
    'a block of a tool of the vendor',
    called(result('a')),
    after(
      assistant({ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } }),
      user(text('Go on')),
    ),
    'messages.1.content.0.server_tool_use: exists on the wire',
  ],
  [
    'the caller of a call',
    after(assistant({ ...use('a'), caller: { type: 'direct' } }), user(result('a'))),
    after(
      assistant({ ...use('a'), caller: { type: 'code_execution_20260521', tool_id: 'srvtoolu_1' } }),
      user(result('a')),
    ),
    'messages.1.content.0.caller: exists on the wire',
  ],
  ['the fields', {}, { extra: 1 }, 'extra: Extra inputs are not permitted'],
  ['the fields of a block', after(), after(user(text('Hi', { extra: 1 }))), 'Extra inputs are not permitted'],
  ['the binding of blocks', binding, binding, 'block_binding: Extra', beta('thinking-binding-controls-2026-08-01')],
  [
    'context editing',
    { context_management: {} },
    { context_management: {} },
    'context_management: Extra',
    beta('context-management-2025-06-27'),
  ],
  [
    'fallback models',
    { fallbacks: 'default' },
    { fallbacks: 'default' },
    'fallbacks: Extra',
    beta('server-side-fallback-2026-07-01'),
  ],
  [
    'display of updates',
    thinking('adaptive', { display: 'updates' }),
    thinking('adaptive', { display: 'updates' }),
    "should be 'summarized' or 'omitted'",
    beta('thinking-display-updates-2026-08-18'),
  ],
  ['temperature', {}, { temperature: 1 }, 'temperature: Extra inputs'],
  ['top_p', {}, { top_p: 1 }, 'top_p: Extra inputs'],
  [
    'a forced tool',
    { ...forced('tool'), model: haiku },
    forced('tool'),
    'tool_choice: type "tool" and "any" are not supported',
  ],
  [
    'any tool',
    forced('auto'),
    { ...forced('any'), model: opus },
    'tool_choice: type "tool" and "any" are not supported',
  ],
  [
    'a forced tool that exists',
    { ...forced('tool'), model: haiku },
    { ...forced('tool'), model: haiku, tools: [tool('other')] },
    "Tool 'bash' not found",
  ],
  [
    'thinking by budget',
    { model: old, max_tokens: 2000, ...thinking('enabled', { budget_tokens: 1024 }) },
    { max_tokens: 2000, ...thinking('enabled', { budget_tokens: 1024 }) },
    '"thinking.type.enabled" is not supported',
  ],
  [
    'a budget below the limit',
    { model: old, max_tokens: 1025, ...thinking('enabled', { budget_tokens: 1024 }) },
    { model: old, max_tokens: 1024, ...thinking('enabled', { budget_tokens: 1024 }) },
    'must be greater than',
  ],
  [
    'thinking off',
    { model: haiku, ...thinking('disabled') },
    { model: opus, ...thinking('disabled') },
    '"thinking.type.disabled" is not supported',
  ],
  [
    'thinking off by its name on Sonnet',
    thinking('between_tools'),
    thinking('disabled'),
    'send {"type": "between_tools"}',
  ],
  [
    'thinking between tools',
    thinking('between_tools'),
    { model: haiku, ...thinking('between_tools') },
    '"thinking.type.between_tools" is not supported',
  ],
  [
    'thinking between tools without a display',
    thinking('between_tools'),
    thinking('between_tools', { display: 'omitted' }),
    'Extra inputs',
  ],
  [
    'high effort without thinking',
    { ...thinking('between_tools'), ...effort('high') },
    { ...thinking('between_tools'), ...effort('xhigh') },
    "effort 'xhigh' is not supported when thinking is disabled",
  ],
  [
    'adaptive thinking',
    thinking('adaptive'),
    { model: old, ...thinking('adaptive') },
    'adaptive thinking is not supported',
  ],
  ['effort', effort('low'), { model: old, ...effort('low') }, 'does not support the effort parameter'],
  [
    'the level of effort',
    effort('xhigh'),
    { model: 'claude-opus-4-6', ...effort('xhigh') },
    "does not support effort level 'xhigh'",
  ],
  [
    'prefill',
    { model: old, ...after(assistant(text('I'))) },
    after(assistant(text('I'))),
    'does not support assistant message prefill',
  ],
  ['the limit of the output', { max_tokens: 128_000 }, { max_tokens: 128_001 }, 'max_tokens: 128001 > 128000'],
  [
    'results of each call',
    called(result('a')),
    called(text('No')),
    '`tool_use` ids were found without `tool_result` blocks immediately after',
  ],
  [
    'results first',
    called(result('a'), text('And')),
    called(text('And'), result('a')),
    '`tool_use` ids were found without',
  ],
  [
    'results of calls alone',
    called(result('a')),
    called(result('a'), result('b')),
    'unexpected `tool_use_id` found in `tool_result` blocks',
  ],
  ['one result for a call', called(result('a')), called(result('a'), result('a')), 'unexpected `tool_use_id`'],
  [
    'ids once',
    after(assistant(use('a')), user(result('a')), assistant(use('b')), user(result('b'))),
    after(assistant(use('a')), user(result('a')), assistant(use('a')), user(result('a'))),
    '`tool_use` ids must be unique',
  ],
  [
    'inputs that are objects',
    called(result('a')),
    after(assistant({ ...use('a'), input: 'ls' }), user(result('a'))),
    'input: ',
  ],
  [
    'names of tools once',
    { tools: [tool('a'), tool('b')] },
    { tools: [tool('a'), tool('a')] },
    'Tool names must be unique',
  ],
  ['text that is not empty', after(), after(user(text(' '))), 'text content blocks must be non-empty'],
  ['messages with content', after(), after(user()), 'all messages must have non-empty content'],
  [
    'the first message',
    after(),
    { messages: [assistant(text('I')), user(text('Hi'))] },
    'first message must use the "user" role',
  ],
  [
    'a system message behind the first one',
    after({ role: 'system', content: 'Hurry.' }),
    { messages: [{ role: 'system', content: 'Hurry.' }, user(text('Hi'))] },
    "use the top-level 'system' parameter",
  ],
  [
    'a system message at the end',
    after({ role: 'system', content: 'Hurry.' }),
    after({ role: 'system', content: 'Hurry.' }, user(text('Hi'))),
    'a system message must follow a user message',
  ],
  [
    'a system message',
    after({ role: 'system', content: 'Hurry.' }),
    { model: 'claude-sonnet-5', ...after({ role: 'system', content: 'Hurry.' }) },
    "role 'system' is not supported on this model",
  ],
  [
    'the window',
    () => after(user(text('x'.repeat(3_400_000)))),
    () => after(user(text('x'.repeat(3_600_000)))),
    'prompt is too long: ',
  ],
  [
    'four marks',
    after(user(...['a', 'b', 'c', 'd'].map((one) => text(one, mark())))),
    after(user(...['a', 'b', 'c', 'd', 'e'].map((one) => text(one, mark())))),
    'A maximum of 4 blocks with cache_control',
  ],
  [
    'three marks and the automatic one',
    { ...mark(), ...after(user(...['a', 'b', 'c'].map((one) => text(one, mark())), text('d'))) },
    { ...mark(), ...after(user(...['a', 'b', 'c', 'd'].map((one) => text(one, mark())), text('e'))) },
    'A maximum of 4 blocks',
  ],
  [
    'long marks before short ones',
    { system: [text('S', mark('1h'))], ...after(user(text('a', mark('5m')))) },
    { system: [text('S', mark('5m'))], ...after(user(text('a', mark('1h')))) },
    "a ttl='1h' cache_control block must not come after a ttl='5m'",
  ],
  [
    'the automatic mark beside one of its life',
    { ...mark('1h'), ...after(user(text('a', mark('1h')))) },
    { ...mark('1h'), ...after(user(text('a', mark('5m')))) },
    'another ttl',
  ],
  [
    'closed schemas',
    { tools: [strictTool({ a: object({ additionalProperties: false }) })] },
    { tools: [strictTool({ a: object({}) })] },
    "'additionalProperties' must be explicitly set to false",
  ],
  [
    'schemas without limits',
    { tools: [strictTool({ a: { type: 'integer' } })] },
    { tools: [strictTool({ a: { type: 'integer', minimum: 1 } })] },
    "'minimum' is not supported",
  ],
  [
    'lists that are not empty',
    { tools: [strictTool({ a: { type: 'array', items: string, minItems: 1 } })] },
    { tools: [strictTool({ a: { type: 'array', items: string, minItems: 2 } })] },
    'minItems',
  ],
  [
    'schemas without recursion',
    { tools: [strictTool({ a: { $ref: '#/$defs/a' } }, { $defs: { a: string } })] },
    {
      tools: [
        strictTool({ a: { $ref: '#/$defs/a' } }, { $defs: { a: { type: 'array', items: { $ref: '#/$defs/a' } } } }),
      ],
    },
    'Recursive schemas',
  ],
  [
    'simple patterns',
    { tools: [strictTool({ a: { ...string, pattern: '^[a-z]+$' } })] },
    { tools: [strictTool({ a: { ...string, pattern: '^(?=a)' } })] },
    'Pattern ',
  ],
  [
    'the format of the output',
    { output_config: { format: { type: 'json_schema', schema: object({ additionalProperties: false }) } } },
    { output_config: { format: { type: 'json_schema', schema: object({}) } } },
    'output_config.format.schema',
  ],
  [
    'twenty strict tools',
    { tools: Array.from({ length: 20 }, (_, n) => tool(`t${n}`, { strict: true })) },
    { tools: Array.from({ length: 21 }, (_, n) => tool(`t${n}`, { strict: true })) },
    'Too many strict tools',
  ],
  [
    '24 optional parameters',
    { tools: [strictTool(named(24, string), { required: [] })] },
    { tools: [strictTool(named(25, string), { required: [] })] },
    'Schema is too complex',
  ],
  [
    '16 unions',
    { tools: [strictTool(named(16, { anyOf: [string] }))] },
    { tools: [strictTool(named(17, { type: ['string', 'null'] }))] },
    'Schema is too complex',
  ],
  [
    'the pixels of an image',
    after(user(image(8000, 10))),
    after(user(image(8001, 10))),
    'image dimensions exceed max allowed size: 8000 pixels',
  ],
  [
    'the pixels of many images',
    after(user(...Array.from({ length: 21 }, () => image(2000, 9)))),
    after(user(...Array.from({ length: 21 }, () => image(2001, 9)))),
    'for many-image requests: 2000 pixels',
  ],
  [
    'images that are whole',
    called(result('a', [image(9, 9)])),
    called(result('a', [image(9, 9, png(9, 9).subarray(0, 60).toString('base64'))])),
    'Could not process image',
  ],
  [
    'images that can be read',
    called(result('a', [image(9, 9)])),
    called(result('a', [image(9, 9, 'aGVsbG8=')])),
    'Could not process image',
  ],
  [
    'the bytes of an image',
    after(user(image(9, 9))),
    () => after(user(image(9, 9, 'A'.repeat(10 * 1024 * 1024 + 4)))),
    'image exceeds 10 MB maximum',
  ],
  [
    'documents of people',
    after(user({ type: 'document', source: { type: 'text' } })),
    after(assistant({ type: 'document', source: { type: 'text' } }), user(text('Hi'))),
    'document blocks are not permitted in assistant messages',
  ],
  [
    'text without citations',
    after(user(text('Hi', { citations: [] }))),
    after(user(text('Hi', { citations: [{}] }))),
    'citations are not permitted',
  ],
  ['a body of 32 MB', {}, () => after(user(text('x'.repeat(33 * 1024 * 1024)))), '413 '],
];

// A row may be shorter than the tuple, so the callbacks have no parameters of their own: Jest would take one for `done`.
test.each(table)('%s: the nearest request is allowed', (...[, allowed, , , more]) => {
  expect(refusalOf(request(made(allowed)), { ...headers, ...more })).toBeUndefined();
});

test.each(table)('%s: the request past it is refused', (...[, , refused, fragment, , more]) => {
  expect(refusalOf(request(made(refused)), { ...headers, ...more })).toContain(fragment);
});

test('a body that is no JSON, and one without its fields, are refused', () => {
  expect(refusalOf('{')).toMatch(/^400 /);
  expect(refusalOf({ model: sonnet, max_tokens: 1 })).toContain('messages: ');
  expect(refusalOf(request({ messages: [] }))).toContain('at least one message');
});

test('each rule has its own name', () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
});
