import type { Block, Message, MessagesRequest } from '../rehearsal/request.ts';
import { itemsOf, type Body, type Item } from './request.ts';

const texts = (content: string | readonly { type: string; text?: string; image_url?: string | null }[]): Block[] =>
  typeof content === 'string'
    ? [{ type: 'text', text: content }]
    : content.map((part) =>
        part.type === 'input_image'
          ? { type: 'image', source: imageSource(part.image_url ?? '') }
          : { type: 'text', text: part.text ?? '' },
      );

function imageSource(url: string): object {
  const [, media_type, data] = /^data:([^;]+);base64,(.*)$/.exec(url) ?? [];
  return data ? { type: 'base64', media_type, data } : { type: 'url', url };
}

function blockOf(item: Item): { role: Message['role']; content: Block[] } | undefined {
  if ('role' in item) {
    const role = item.role === 'assistant' ? 'assistant' : 'user';
    const content =
      typeof item.content === 'string' ? item.content : item.content.filter(({ type }) => type !== 'refusal');
    return { role, content: texts(content) };
  }
  if (item.type === 'function_call') {
    const input: unknown = JSON.parse(item.arguments);
    return { role: 'assistant', content: [{ type: 'tool_use', id: item.call_id, name: item.name, input }] };
  }
  if (item.type !== 'function_call_output') return undefined;
  const isError = typeof item.output === 'string' && item.output.startsWith('Error:\n');
  const content = texts(item.output);
  return {
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: item.call_id, content, ...(isError ? { is_error: true } : {}) }],
  };
}

/** The request as a player knows requests: with the messages of the Messages API. */
export function asMessages(body: Body): MessagesRequest & { max_tokens: number; system: Block[]; model: string } {
  const messages: { role: Message['role']; content: Block[] }[] = [];
  for (const item of itemsOf(body)) {
    const said = blockOf(item);
    if (!said) continue;
    const last = messages.at(-1);
    if (last?.role === said.role) last.content.push(...said.content);
    else messages.push(said);
  }
  return {
    model: body.model,
    max_tokens: body.max_output_tokens ?? 0,
    system: [{ type: 'text', text: body.instructions ?? '' }],
    tools: (body.tools ?? []).map(({ name, description, parameters, strict }) => ({
      name,
      description,
      input_schema: parameters,
      ...(strict ? { strict } : {}),
    })),
    messages,
    metadata: { user_id: body.prompt_cache_key ?? '' },
  };
}
