import { StrictWire } from '#activities/adapters/model/strict/index.ts';
import { assistant, headers, request, result, text, use, user, type Json } from './request.ts';

const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) } });
/** About 1,000 tokens. */
const long = (letter: string) => letter.repeat(3500);

/** Asks, and gives the counts: plain input, written, read. */
function asks(wire: StrictWire, body: Json): { plain: number; written: number; read: number; of_an_hour: number } {
  const admitted = wire.admit(headers, JSON.stringify(request({ tools: [], ...body })));
  if ('refused' in admitted) throw new Error(admitted.refused.message);
  const usage = wire.answer(admitted, { content: [{ type: 'text', text: 'Yes' }] }).usage as unknown as {
    input_tokens: number;
    cache_creation_input_tokens: number;
    cache_read_input_tokens: number;
    cache_creation: { ephemeral_1h_input_tokens: number };
  };
  return {
    plain: usage.input_tokens,
    written: usage.cache_creation_input_tokens,
    read: usage.cache_read_input_tokens,
    of_an_hour: usage.cache_creation.ephemeral_1h_input_tokens,
  };
}

const system = (ttl?: string) => [text(long('s'), mark(ttl))];

test('a mark writes, and the same prefix reads; what follows is plain', () => {
  const wire = new StrictWire();
  const first = asks(wire, { system: system() });
  expect(first.written > 1000).toBe(true);
  expect(first.read).toBe(0);
  const second = asks(wire, { system: system(), messages: [user(text('Other'))] });
  expect(second).toEqual({ plain: first.plain, written: 0, read: first.written, of_an_hour: 0 });
});

test('without a mark, and below the minimum, nothing is cached', () => {
  const wire = new StrictWire();
  for (const body of [{ system: [text(long('s'))] }, { system: [text('short', mark())] }])
    for (const _round of [1, 2]) {
      const { written, read } = asks(wire, body);
      expect(written + read).toBe(0);
    }
});

test.each([
  ['5m', 299_999, true],
  ['5m', 300_000, false],
  ['1h', 3_599_999, true],
  ['1h', 3_600_000, false],
])('an entry of %s is found after %i ms: %s', (ttl, later, isFound) => {
  let now = 1000;
  const wire = new StrictWire({ now: () => now });
  const { written, of_an_hour } = asks(wire, { system: system(ttl) });
  expect(of_an_hour).toBe(ttl === '1h' ? written : 0);
  now += later;
  expect(asks(wire, { system: system(ttl) }).read > 0).toBe(isFound);
  // A read, or another write, makes the entry live on from the start of its request.
  now += later;
  expect(asks(wire, { system: system(ttl) }).read > 0).toBe(isFound);
});

test('a mark looks back over 20 blocks', () => {
  const grown = (count: number) => ({
    messages: [
      user(
        text(long('u'), count === 0 ? mark() : {}),
        ...Array.from({ length: count }, (_, n) => text(`b${n}`, n === count - 1 ? mark() : {})),
      ),
    ],
  });
  const wire = new StrictWire();
  asks(wire, grown(0));
  expect(asks(wire, grown(20)).read).toBe(0);
  const other = new StrictWire();
  asks(other, grown(0));
  expect(asks(other, grown(19)).read > 0).toBe(true);
});

test('a conversation that grows under the automatic mark is read up to its last answer', () => {
  const wire = new StrictWire();
  const body = { ...mark('1h'), system: system('1h'), messages: [user(text(long('u')))], tools: request().tools };
  const first = asks(wire, body);
  expect(first.plain).toBe(0);
  const next = asks(wire, { ...body, messages: [...body.messages, assistant(use('a')), user(result('a'))] });
  expect(next.read).toBe(first.written);
  expect(next.plain).toBe(0);
});

test.each<[string, Json, boolean]>([
  ['the tools', { tools: [] }, false],
  ['the choice of a tool', { tool_choice: { type: 'none' } }, true],
  ['the effort', { output_config: { effort: 'low' } }, true],
])('a change of %s restarts the cache of the messages; that of the system prompt stays: %s', (_what, change, stays) => {
  const wire = new StrictWire();
  const body = { ...mark(), system: system(), tools: request().tools, messages: [user(text(long('u')))] };
  const all = asks(wire, body).written;
  const { read } = asks(wire, { ...body, ...change });
  expect(read > 0).toBe(stays);
  expect(read < all).toBe(true);
});
