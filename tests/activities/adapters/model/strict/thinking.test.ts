import {
  ImpossibleAnswer,
  StrictWire,
  type PlayedAnswer,
  type StrictOptions,
} from '#activities/adapters/model/strict/index.ts';
import { assistant, headers, request, result, sonnet, text, tool, use, user, type Json } from './request.ts';

type Message = { role: string; content: Json[] };

/** A conversation of three calls, each with a thought, as the wire gave it. */
function conversation(
  more: Json = {},
  options: StrictOptions = {},
): { wire: StrictWire; body: Json & { messages: Message[] } } {
  const wire = new StrictWire(options);
  const body = request({ thinking: { type: 'adaptive', display: 'summarized' }, ...more }) as Json & {
    messages: Message[];
  };
  for (const id of ['a', 'b', 'c']) {
    const answer = answerOf(wire, body, {
      content: [{ type: 'thinking', thinking: `Thought ${id}.` }, use(id) as never],
    });
    body.messages.push(
      { role: 'assistant', content: answer.content as unknown as Json[] },
      user(result(id)) as Message,
    );
  }
  return { wire, body };
}

function answerOf(wire: StrictWire, body: Json, played: PlayedAnswer) {
  const admitted = wire.admit(headers, JSON.stringify(body));
  if ('refused' in admitted) throw new Error(admitted.refused.message);
  return wire.answer(admitted, played);
}

const refusalOf = (wire: StrictWire, body: Json, betas = '') => {
  const admitted = wire.admit({ ...headers, ...(betas ? { 'anthropic-beta': betas } : {}) }, JSON.stringify(body));
  return 'refused' in admitted ? admitted.refused.message : undefined;
};

const thoughts = (body: { messages: Message[] }, numbers: number[]) =>
  body.messages
    .filter(({ role }) => role === 'assistant')
    .forEach((message, n) => {
      if (numbers.includes(n)) message.content = message.content.filter(({ type }) => type !== 'thinking');
    });
const first = (body: { messages: Message[] }, role: string) =>
  body.messages.find(
    (message) => message.role === role && message.content.some(({ type }) => type !== 'text'),
  ) as Message;
const bound = 'bound to a different conversation';

test.each<[string, (body: Json & { messages: Message[] }) => void, string | undefined]>([
  ['nothing', () => undefined, undefined],
  [
    'a cache mark is added',
    (body) => void Object.assign(body.messages[0]?.content[0] ?? {}, { cache_control: { type: 'ephemeral' } }),
    undefined,
  ],
  [
    'effort and the limit change',
    (body) => void Object.assign(body, { max_tokens: 5, output_config: { effort: 'low' } }),
    undefined,
  ],
  ['all thinking is removed', (body) => thoughts(body, [0, 1, 2]), undefined],
  ['the oldest thinking is removed', (body) => thoughts(body, [0]), undefined],
  ['the newest thinking is removed', (body) => thoughts(body, [2]), undefined],
  ['thinking in the middle is removed', (body) => thoughts(body, [1]), bound],
  ['the system prompt changes', (body) => void Object.assign(body, { system: [text('Other.')] }), bound],
  ['a tool is added', (body) => void Object.assign(body, { tools: [tool('bash'), tool('other')] }), bound],
  ['a result is shortened', (body) => void Object.assign(first(body, 'user').content[0] ?? {}, { content: '' }), bound],
  ['an earlier text changes', (body) => void Object.assign(body.messages[0]?.content[0] ?? {}, { text: 'Hi' }), bound],
  [
    'a signature changes',
    (body) => void Object.assign(first(body, 'assistant').content[0] ?? {}, { signature: 'eA==' }),
    'Invalid `signature` in `thinking` block',
  ],
  [
    'the newest thought is edited',
    (body) => void Object.assign(body.messages.at(-2)?.content[0] ?? {}, { thinking: 'No.' }),
    'in the latest assistant message cannot be modified',
  ],
])('when %s, the thinking behind it is judged', (_what, change, fragment) => {
  const { wire, body } = conversation();
  change(body);
  const refused = refusalOf(wire, body);
  if (fragment) expect(refused).toContain(fragment);
  else expect(refused).toBeUndefined();
});

test('text in a block whose text was omitted is ignored', () => {
  const { wire, body } = conversation({ thinking: { type: 'adaptive' } });
  expect(body.messages[1]?.content[0]?.thinking).toBe('');
  Object.assign(body.messages.at(-2)?.content[0] ?? {}, { thinking: 'Something.' });
  expect(refusalOf(wire, body)).toBeUndefined();
});

test('an older account, a model that binds nothing, and the beta to drop blocks accept a changed prefix', () => {
  const change = { system: [text('Other.')] };
  const older = conversation({}, { account: { id: 'org', created: '2026-08-30' } });
  expect(refusalOf(older.wire, { ...older.body, ...change })).toBeUndefined();
  const free = conversation({ model: 'claude-opus-5' });
  expect(refusalOf(free.wire, { ...free.body, ...change })).toBeUndefined();

  const { wire, body } = conversation();
  const thinking = { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } };
  const given = { ...headers, 'anthropic-beta': 'thinking-binding-controls-2026-08-01' };
  const admitted = wire.admit(given, JSON.stringify({ ...body, ...change, thinking }));
  expect('refused' in admitted).toBe(false);
  if ('refused' in admitted) return;
  const { input_transformations: dropped } = wire.answer(admitted, { content: [] });
  expect(dropped).toHaveLength(3);
});

test.each([
  ['claude-sonnet-5', 'claude-sonnet-5-5', bound],
  ['claude-opus-4-8', 'claude-sonnet-5-5', bound],
  ['claude-opus-5', 'claude-sonnet-5-5', undefined],
  ['claude-opus-5', 'claude-opus-5-5', bound],
  ['claude-sonnet-5-5', 'claude-opus-5-5', undefined],
  ['claude-opus-5-5', 'claude-fable-5-1', bound],
  ['claude-fable-5-2', 'claude-fable-5-1', undefined],
])('thinking of %s is judged where %s reads it: %s', (from, to, fragment) => {
  const { wire, body } = conversation({ model: from });
  body.model = to;
  expect(refusalOf(wire, body)).toBeUndefined();
  const refused = refusalOf(wire, { ...body, system: [text('Other.')] });
  if (fragment) expect(refused).toContain(fragment);
  else expect(refused).toBeUndefined();
});

test('thinking of another model or account is dropped without an error, and costs nothing', () => {
  const { wire, body } = conversation();
  const tokens = (): number => {
    const { usage } = answerOf(wire, body, { content: [] });
    return (usage as { input_tokens: number }).input_tokens;
  };
  const before = tokens();
  wire.account = { id: 'another', created: '2026-09-01' };
  expect(tokens() < before).toBe(true);
  body.model = 'claude-haiku-5-5';
  wire.account = { id: 'org_strict', created: '2026-09-01' };
  expect(tokens() < before).toBe(true);
});

test('notes before a call are thinking where the model writes them so, and text is omitted by default', () => {
  const types = (model: string, note: string) =>
    answerOf(new StrictWire(), request({ model }), {
      content: [{ type: 'text', text: note }, use('a') as never],
    }).content.map(({ type }) => type);
  const long = 'I look at the files that the change touches, one after the other. '.repeat(5);
  expect(types('claude-opus-5-5', 'Now.')).toEqual(['thinking', 'tool_use']);
  expect(types(sonnet, 'Now.')).toEqual(['text', 'tool_use']);
  expect(types(sonnet, long)).toEqual(['thinking', 'tool_use']);
  expect(types('claude-haiku-5-5', long)).toEqual(['text', 'tool_use']);
  const { content } = answerOf(new StrictWire(), request(), { content: [{ type: 'thinking', thinking: 'Hm.' }] });
  expect((content[0] as Json | undefined)?.thinking).toBe('');
});

test.each<[string, Json, PlayedAnswer['content']]>([
  ['a call of a tool that is not offered', {}, [{ type: 'tool_use', id: 'a', name: 'fly', input: {} }]],
  ['an id twice', {}, [use('a') as never, use('a') as never]],
  [
    'an id of an earlier call',
    { messages: [user(text('Hi')), assistant(use('a')), user(result('a'))] },
    [use('a') as never],
  ],
  [
    'thinking before a forced tool',
    { model: 'claude-haiku-5-5', tool_choice: { type: 'any' } },
    [{ type: 'thinking', thinking: 'Hm' }, use('a') as never],
  ],
  [
    'thinking that is off',
    { model: 'claude-haiku-5-5', thinking: { type: 'disabled' } },
    [{ type: 'thinking', thinking: 'Hm' }],
  ],
  ['a call that is forbidden', { tool_choice: { type: 'none' } }, [use('a') as never]],
])('%s is an error of the test', (_what, more, content) => {
  let thrown: unknown;
  try {
    answerOf(new StrictWire(), request(more), { content });
  } catch (error) {
    thrown = error;
  }
  expect(thrown instanceof ImpossibleAnswer).toBe(true);
  expect(answerOf(new StrictWire(), request(more), { content, isPossible: false }).content.length > 0).toBe(true);
});

test('only an answer with a tool of the vendor pauses its turn: another one is an error of the test', () => {
  const paused = { content: [text('Wait.') as never], stop_reason: 'pause_turn' };
  expect(() => answerOf(new StrictWire(), request(), paused)).toThrow('pauses its turn');
  const wire = new StrictWire();
  const { content } = answerOf(wire, request(), { ...paused, isPossible: false });
  // It is sent back unchanged, which is no prefill.
  const again = request({ messages: [user(text('Hello')), { role: 'assistant', content }] });
  expect('refused' in wire.admit(headers, JSON.stringify(again))).toBe(false);
  expect('refused' in new StrictWire().admit(headers, JSON.stringify(again))).toBe(true);
});
