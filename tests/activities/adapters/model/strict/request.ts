import { StrictWire, type StrictOptions } from '#activities/adapters/model/strict/index.ts';

export type Json = Record<string, unknown>;

export const headers: Record<string, string | undefined> = {
  authorization: 'Bearer key',
  'anthropic-version': '2026-10-21',
};
export const sonnet = 'claude-sonnet-5-5';
export const haiku = 'claude-haiku-5-5';

export const text = (value: string, more: Json = {}) => ({ type: 'text', text: value, ...more });
export const user = (...content: unknown[]) => ({ role: 'user', content });
export const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
export const use = (id: string, name = 'bash') => ({ type: 'tool_use', id, name, input: { command: 'ls' } });
export const result = (id: string, content: unknown = 'ok') => ({ type: 'tool_result', tool_use_id: id, content });
export const tool = (name: string, more: Json = {}) => ({
  name,
  description: 'Runs a command.',
  input_schema: {
    type: 'object',
    properties: { command: { type: 'string' } },
    required: ['command'],
    additionalProperties: false,
  },
  ...more,
});
export const strictTool = (properties: Json, more: Json = {}) =>
  tool('answer', {
    strict: true,
    input_schema: {
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
      ...more,
    },
  });

/** A request that every rule accepts. */
export const request = (more: Json = {}): Json => ({
  model: sonnet,
  max_tokens: 1000,
  system: [text('You are an agent.')],
  tools: [tool('bash')],
  messages: [user(text('Hello'))],
  ...more,
});

/** What the wire says of a request: undefined, or status and message. */
export function refusalOf(body: unknown, given = headers, options: StrictOptions = {}): string | undefined {
  const raw = typeof body === 'string' ? body : JSON.stringify(body);
  const admitted = new StrictWire(options).admit(given, raw);
  return 'refused' in admitted ? `${admitted.refused.status} ${admitted.refused.message}` : undefined;
}
