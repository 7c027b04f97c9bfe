import { defaultPayloadConverter } from '@temporalio/common';
import type { ModelPort, ModelRequest } from '#activities/ports/model.ts';
import type { Store } from '#activities/ports/store.ts';
import { createRedactor } from '#activities/services/redact.ts';
import { loadConfig } from '#activities/services/config.ts';
import { createModels } from '#activities/services/model-providers.ts';
import { redactedModel, redactedStore } from '#activities/services/redact-ports.ts';
import { toolNames } from '#activities/tools/index.ts';
import { payloadConverter } from '#temporal/payloads.cjs';
import { redactingConverter } from '#temporal/data-converter.ts';

const token = `ghp_${'a'.repeat(36)}`;
const own = 'the-password-of-the-database';
const redact = createRedactor([own]);
const inText = `use ${token} and ${own}`;

test('no request to a model holds a secret, wherever it is; thinking and clean requests are unchanged', async () => {
  const sent: ModelRequest[] = [];
  const model = redactedModel(
    {
      provider: 'test',
      scripted: true,
      call: (request: ModelRequest) => {
        sent.push(request);
        return Promise.resolve({});
      },
    } as unknown as ModelPort,
    redact,
  );
  const thinking = { type: 'thinking', thinking: inText, signature: 'x' };
  const request: ModelRequest = {
    model: 'm',
    user_id: 'title:1',
    max_tokens: 1,
    system: [{ type: 'text', text: inText }],
    tools: [{ name: 't', description: inText }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: inText }] },
      {
        role: 'assistant',
        content: [thinking, { type: 'tool_use', id: 'x', name: 'bash', input: { command: inText, deep: [inText] } }],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'text', text: inText }] }] },
    ],
  };
  await model.call(request);
  const { messages, ...rest } = sent[0] as ModelRequest;
  expect(messages[1]?.content[0]).toEqual(thinking);
  messages[1]?.content.shift();
  for (const secret of [token, own]) expect(JSON.stringify([messages, rest])).not.toContain(secret);

  const clean = { ...request, system: [], tools: [], messages: [{ role: 'user' as const, content: [{ text: 'x' }] }] };
  await model.call(clean);
  expect(sent[1]?.messages[0]).toBe(clean.messages[0]);
});

test('the composed model has every member of its provider: work that the rehearsal model cannot play is refused', async () => {
  const parts = { config: loadConfig({ env: 'test' }, {}), toolNames, environment: {} };
  const { port, close } = await createModels('rehearsal', parts);
  const model = redactedModel(port, redact);
  const other = { kind: 'ticket' as const, title: 'Add agent.txt', description: 'A file of the agent.' };
  expect([model.provider, model.scripted]).toEqual(['rehearsal', true]);
  expect(model.refusal?.(other)).toMatch(/knows only the feature .* set ANTHROPIC_API_KEY/);
  await close?.();

  class Provider {
    readonly provider = 'made-up';
    readonly scripted = false;
    #why = 'not this';
    call = () => Promise.reject(new Error('unused'));
    refusal() {
      return this.#why;
    }
  }
  expect(redactedModel(new Provider(), redact).refusal?.(other)).toBe('not this');
});

test('no history holds a secret, and what is clean or no JSON is unchanged', async () => {
  const [codec] = redactingConverter(redact).payloadCodecs ?? [];
  const payload = (value: unknown) =>
    payloadConverter.toPayload(value) as ReturnType<typeof payloadConverter.toPayload>;
  const key = '-----BEGIN PRIVATE KEY-----';
  const values = [
    { reason: inText, by: 'ada' },
    { stop: { message: inText } },
    // A pattern that reaches over two texts must not break the JSON.
    { a: key, b: '-----END PRIVATE KEY-----' },
    'plain',
  ];
  const encoded = (await codec?.encode(values.map((value) => payload(value)!))) ?? [];
  expect(encoded.map((one) => defaultPayloadConverter.fromPayload(one))).toEqual([
    { reason: 'use [redacted] and [redacted]', by: 'ada' },
    { stop: { message: 'use [redacted] and [redacted]' } },
    values[2],
    'plain',
  ]);
  const binary = payload(new TextEncoder().encode(inText))!;
  expect(await codec?.encode([binary])).toEqual([binary]);
});

test('no door of the store for the words of people keeps a secret', async () => {
  const stored: unknown[] = [];
  const door = (...input: unknown[]) => {
    stored.push(input);
    return Promise.resolve();
  };
  const store = redactedStore(
    {
      messages: { accept: door, answer: door },
      tasks: { move: door, review: door },
      tickets: { cancel: door },
      discoveries: { record: door },
      watching: { intervene: door },
    } as unknown as Store,
    redact,
  );
  const at = new Date();
  await store.messages.accept({ content: inText, at } as never);
  await store.messages.answer('o', 'r', inText, 'ada');
  await store.tasks.move('o', 't', 'failed', { reason: inText, patch: { error_message: inText } } as never);
  await store.tickets.cancel('o', 't', { reason: inText, by: 'ada' });
  await store.discoveries.record({ description: inText, metadata: { deep: inText } } as never, {} as never);
  await store.tasks.review({ feedback: inText, evidence: [{ excerpt: inText }] } as never);
  await store.watching.intervene({ message: inText, reason: inText } as never);
  expect(stored).toHaveLength(7);
  for (const secret of [token, own]) expect(JSON.stringify(stored)).not.toContain(secret);
  expect(stored[0]).toEqual([{ content: 'use [redacted] and [redacted]', at }]);
});
