import type { MessagesRequest } from './request.ts';

const CHARACTERS_A_TOKEN = 3.5;

export interface Usage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
}

const tokensOf = (value: unknown): number =>
  Math.ceil((value === undefined ? 0 : JSON.stringify(value).length) / CHARACTERS_A_TOKEN);

/**
 * The usage of a request, estimated from its text. When it contains cache_control anywhere, everything before the
 * messages since the last answer counts as read from the cache, and those messages count as written to it. Otherwise
 * everything is plain input.
 */
export function usageOf(request: MessagesRequest, answer: unknown): Usage {
  const { system, tools, messages } = request;
  const fresh = messages.findLastIndex((message) => message.role === 'assistant') + 1;
  const known = tokensOf(system) + tokensOf(tools) + tokensOf(messages.slice(0, fresh));
  const added = tokensOf(messages.slice(fresh));
  const cached = JSON.stringify(request).includes('"cache_control"');
  return {
    input_tokens: cached ? 0 : known + added,
    cache_creation_input_tokens: cached ? added : 0,
    cache_read_input_tokens: cached ? known : 0,
    output_tokens: tokensOf(answer),
  };
}
