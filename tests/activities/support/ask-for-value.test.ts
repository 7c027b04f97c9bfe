import { z } from 'zod';
import { ModelError, type ModelRequest, type ModelResponse } from '#activities/ports/model.ts';
import { askForValue, type ValueServices } from '#activities/support/ask-for-value.ts';
import { strictSchema } from '#activities/support/strict-schema.ts';
import { conductorSchema } from '#workflows/domain/watch/conductor.ts';
import { guardianSchema } from '#workflows/domain/watch/guardian.ts';

const schema = z.object({ score: z.number().min(0).max(1), reason: z.string().min(1).max(20) });
const good = { score: 0.5, reason: 'It is half done.' };

type Answer = Partial<ModelResponse> | ModelError;
type Refused = Parameters<ValueServices['store']['costs']['requestRefused']>[0];

const text = (words: string) => ({ content: [{ type: 'text', text: words }], stop_reason: 'end_turn' as const });
const call = (input: unknown) => ({
  content: [{ type: 'tool_use', id: 'toolu_1', name: 'give_score', input }],
  stop_reason: 'tool_use' as const,
});

/** Asks a model that gives these answers in order. */
async function ask(...answers: Answer[]) {
  const requests: ModelRequest[] = [];
  const refused: Refused[] = [];
  const kept: unknown[] = [];
  let recorded = 0;
  const services: ValueServices = {
    store: {
      costs: {
        answer: async () => null,
        record: async () => (recorded += 1) > 0,
        keepAnswer: async (answer) => void kept.push(answer.value),
        requestRefused: async (facts) => void refused.push(facts),
      },
      budgets: { reserve: async () => ({ ok: true, held_micros: 1 }), release: async () => [] },
    },
    model: {
      provider: 'played',
      call: async (request) => {
        requests.push(structuredClone(request));
        const answer = answers[requests.length - 1] ?? new Error('There is no such answer.');
        if (answer instanceof Error) throw answer;
        const usage = { input_tokens: 1, output_tokens: 1, cache_read_tokens: 0, cache_write_tokens: 0 };
        return {
          id: 'msg',
          model: 'claude-haiku-5-5',
          stop_reason: 'end_turn',
          content: [],
          malformed: [],
          usage,
          ...answer,
        };
      },
    },
    permits: { take: async () => ({ give: () => undefined }) },
    config: { model: { prices: {} } },
    log: { warn: () => {}, error: () => {} },
  };
  const answered = await askForValue(services, {
    key: 'judge:1:1',
    subject: '1',
    context: { kind: 'judge' },
    model: 'claude-sonnet-5-5',
    system: 'You judge.',
    prompt: 'How good is it?',
    tool: { name: 'give_score', description: 'The score.' },
    schema,
    scope: { organization_id: 'o', project_id: 'p', spec_id: 's' },
  });
  return { answered, requests, refused, kept, recorded };
}

test('a value is asked for by name: its tool is strict, offered and not forced, with room for thinking', async () => {
  const { answered, requests } = await ask(call(good));
  expect(answered).toEqual({ available: true, value: good });
  expect(requests[0]).toMatchObject({
    single_call: true,
    tools: [{ name: 'give_score', strict: true }],
  });
  expect(JSON.stringify(requests[0]?.messages)).toContain('Call the tool give_score once');
  expect(requests[0]?.max_tokens).toBeGreaterThanOrEqual(8000);
});

test.each([
  ['alone', JSON.stringify(good)],
  ['in a block', `Here it is:\n\`\`\`json\n${JSON.stringify(good, null, 2)}\n\`\`\`\n`],
  ['between sentences', `My answer is ${JSON.stringify(good)}, as you asked.`],
])('JSON in text %s counts as the answer', async (_where, words) => {
  const { answered, requests, kept } = await ask(text(words));
  expect(answered).toEqual({ available: true, value: good });
  expect(requests).toHaveLength(1);
  expect(kept).toEqual([good]);
});

test('text without JSON is answered by one more request, then the value is unavailable', async () => {
  const { answered, requests, recorded } = await ask(text('It is fine.'), text('It is fine.'));
  expect(answered).toEqual({ available: false, reason: 'the answer did not fit: no call of give_score' });
  expect(requests[1]?.messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user']);
  expect(JSON.stringify(requests[1]?.messages[2])).toContain('Call give_score once more');
  expect(recorded).toBe(2);
});

test('limits that a strict schema cannot hold are checked in code', async () => {
  const { answered, requests } = await ask(call({ score: 7, reason: 'Good.' }), call(good));
  expect(answered).toEqual({ available: true, value: good });
  expect(requests[1]?.messages[2]?.content[0]).toMatchObject({
    type: 'tool_result',
    tool_use_id: 'toolu_1',
    is_error: true,
  });
});

test('an answer that was cut off while it thought is asked for again with more room, and is not sent back', async () => {
  const { answered, requests } = await ask(
    { content: [{ type: 'thinking', thinking: 'Hm', signature: '' }], stop_reason: 'max_tokens' },
    call(good),
  );
  expect(answered.available).toBe(true);
  expect(requests[1]?.messages).toEqual(requests[0]?.messages);
  expect(requests[1]?.max_tokens).toBe(2 * (requests[0]?.max_tokens ?? 0));
});

test('an answer that was refused is neither used nor asked for again', async () => {
  const { answered, requests, kept } = await ask({ ...call(good), stop_reason: 'refusal', refusal: 'cyber' });
  expect(answered).toEqual({ available: false, reason: 'the model refused to answer: cyber' });
  expect(requests).toHaveLength(1);
  expect(kept).toEqual([]);
});

test.each(['invalid', 'auth', 'billing', 'too_large'] as const)(
  'a request that the provider refuses as %s is an alarm with its reason',
  async (kind) => {
    const { answered, refused } = await ask(new ModelError(kind, 'tool_choice is not supported'));
    expect(answered).toEqual({ available: false, reason: 'tool_choice is not supported' });
    expect(refused).toEqual([
      {
        organization_id: 'o',
        project_id: 'p',
        spec_id: 's',
        kind: 'judge',
        subject: '1',
        model: 'claude-sonnet-5-5',
        reason: 'tool_choice is not supported',
      },
    ]);
  },
);

test.each(['rate_limited', 'overloaded', 'server', 'timeout'] as const)(
  'a provider that is away for a while (%s) is no alarm',
  async (kind) => {
    const { answered, refused } = await ask(new ModelError(kind, 'Later.'));
    expect(answered).toEqual({ available: false, reason: 'Later.' });
    expect(refused).toEqual([]);
  },
);

test('every object of a strict schema is closed, and no limit is left in it', () => {
  const seen: Record<string, unknown>[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    seen.push(value as Record<string, unknown>);
    Object.values(value).forEach(collect);
  };
  for (const one of [guardianSchema, conductorSchema, schema]) collect(strictSchema(one));
  const objects = seen.filter((part) => part.type === 'object');
  expect(objects.length).toBeGreaterThan(3);
  for (const object of objects) expect(object.additionalProperties).toBe(false);
  for (const part of seen)
    expect(Object.keys(part)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(min|max|exclusive|multiple|unique|pattern)/i)]),
    );
  expect(strictSchema(schema)).toEqual({
    type: 'object',
    properties: {
      score: { type: 'number', description: 'minimum 0, maximum 1' },
      reason: { type: 'string', description: 'minLength 1, maxLength 20' },
    },
    required: ['score', 'reason'],
    additionalProperties: false,
  });
});
