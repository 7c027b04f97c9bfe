import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages';
import { factsOf, type ModelSettings } from '#workflows/domain/agent/models.ts';
import type { ModelRequest } from '../../ports/model.ts';

/**
 * The request as the provider takes it. Features that the model does not have are left out, so that it refuses nothing.
 * Fields that a conversation repeats come first and varying ones last, so that the shared prefix is byte-identical.
 */
export function requestBody(request: ModelRequest, settings: ModelSettings): MessageCreateParamsStreaming {
  const body = request.passed_on ? passedBody(request, request.passed_on.body) : ownBody(request, settings);
  // The port passes tools and messages on as stored JSON, which the API checks.
  return body as unknown as MessageCreateParamsStreaming;
}

const passedBody = ({ model, max_tokens, user_id }: ModelRequest, body: object) => ({
  ...body,
  model,
  max_tokens,
  metadata: { user_id },
  stream: true,
});

function ownBody(request: ModelRequest, settings: ModelSettings) {
  const { thinking, efforts, eager_inputs, cache_marks } = factsOf(request.model, settings);
  const { effort } = request;
  const tools = eager_inputs ? request.tools.map(eager) : request.tools;
  return {
    model: request.model,
    system: cache_marks ? request.system : request.system.map(unmarked),
    ...(tools.length > 0 ? { tools } : {}),
    ...(request.single_call ? { tool_choice: { type: 'auto', disable_parallel_tool_use: true } } : {}),
    // Summaries, so that people see the progress of a long thought.
    ...(thinking[0] === 'adaptive' ? { thinking: { type: 'adaptive', display: 'summarized' } } : {}),
    ...(effort && efforts.includes(effort) ? { output_config: { effort } } : {}),
    metadata: { user_id: request.user_id },
    stream: true,
    ...(request.cache_ttl && cache_marks ? { cache_control: { type: 'ephemeral', ttl: request.cache_ttl } } : {}),
    messages: request.messages
      .map(ownMessage)
      .map((message) => (cache_marks ? message : { ...message, content: message.content.map(unmarked) })),
    max_tokens: request.max_tokens,
  };
}

function unmarked(block: unknown): unknown {
  const { cache_control: _, ...rest } = block as Record<string, unknown>;
  return rest;
}

/** A message without the parts that only another provider understands; the same object where it has none. */
function ownMessage(message: ModelRequest['messages'][number]): ModelRequest['messages'][number] {
  const isForeign = (block: unknown) => typeof block === 'object' && block !== null && 'openai' in block;
  if (!message.content.some(isForeign)) return message;
  const content = (message.content as Record<string, unknown>[])
    .filter((block) => block.type !== 'thinking' || !isForeign(block))
    .map(({ openai: _, ...block }) => block);
  return { ...message, content };
}

/** Without this field the server is silent until a large input is complete. A strict tool waits for its check. */
function eager(tool: unknown): unknown {
  const known = tool as { strict?: boolean };
  return known.strict ? known : { ...known, eager_input_streaming: true };
}
