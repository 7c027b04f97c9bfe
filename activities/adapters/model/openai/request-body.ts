import { createHash } from 'node:crypto';
import type {
  FunctionTool,
  ResponseCreateParamsStreaming,
  ResponseFunctionCallOutputItem,
  ResponseInputContent,
  ResponseInputItem,
} from 'openai/resources/responses/responses';
import { factsOf, type ModelSettings } from '#workflows/domain/agent/models.ts';
import type { ModelRequest } from '../../../ports/model.ts';
import { blocksSchema, systemSchema, toolSchema, type Block, type TextOrImage } from './blocks.ts';
import { strictSchema } from './strict-schema.ts';

/** The provider refuses a smaller limit of the output. */
const leastOutput = 16;
const longestKey = 64;

/** Requests with the same key are sent to the machine that holds their prefix. */
const cacheKey = (userId: string) =>
  userId.length <= longestKey ? userId : createHash('sha256').update(userId).digest('hex');

/**
 * The request as the Responses API takes it, without anything that the provider stores. Features that the model does
 * not have are left out, so that a server with a part of the interface refuses nothing.
 */
export function requestBody(
  request: ModelRequest,
  settings: ModelSettings,
  { summaries }: { summaries: boolean },
): ResponseCreateParamsStreaming {
  const { thinking, efforts, strict_schemas } = factsOf(request.model, settings);
  const { effort } = request;
  const thinks = thinking[0] === 'adaptive';
  const tools = request.tools.map((tool) => functionTool(tool, strict_schemas));
  return {
    model: request.model,
    instructions: systemSchema
      .parse(request.system)
      .map((block) => block.text)
      .join('\n\n'),
    ...(tools.length > 0 ? { tools, ...(request.single_call ? { parallel_tool_calls: false } : {}) } : {}),
    ...(thinks
      ? {
          reasoning: {
            ...(effort && efforts.includes(effort) ? { effort } : {}),
            // People see the progress of a long thought.
            ...(summaries ? { summary: 'auto' } : {}),
          },
          include: ['reasoning.encrypted_content'],
        }
      : {}),
    store: false,
    stream: true,
    prompt_cache_key: cacheKey(request.user_id),
    input: request.messages.flatMap(({ role, content }) => {
      const blocks = blocksSchema.parse(content);
      return role === 'assistant' ? answerItems(blocks) : userItems(blocks);
    }),
    max_output_tokens: Math.max(leastOutput, request.max_tokens),
  };
}

function functionTool(tool: unknown, strictSchemas: boolean): FunctionTool {
  const { name, description, input_schema, strict } = toolSchema.parse(tool);
  const isStrict = strict === true && strictSchemas;
  return {
    type: 'function',
    name,
    description,
    parameters: isStrict ? toolSchema.shape.input_schema.parse(strictSchema(input_schema)) : input_schema,
    // Without the field the provider makes every schema strict.
    strict: isStrict,
  };
}

const imageOf = (source: { media_type: string; data: string }) => ({
  type: 'input_image' as const,
  detail: 'high' as const,
  image_url: `data:${source.media_type};base64,${source.data}`,
});
const inputOf = (block: TextOrImage): ResponseInputContent & ResponseFunctionCallOutputItem =>
  block.type === 'text' ? { type: 'input_text', text: block.text } : imageOf(block.source);

/** The results of calls, then everything else as one message. */
function userItems(blocks: readonly Block[]): ResponseInputItem[] {
  const results = blocks.flatMap((block): ResponseInputItem[] => {
    if (block.type !== 'tool_result') return [];
    const { tool_use_id, content = '', is_error } = block;
    const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
    const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    const isText = texts.length === parts.length;
    const head = is_error ? 'Error:\n' : '';
    // Servers with a part of the interface take text only, so a list is sent only where it is needed.
    const output = isText ? head + texts.join('\n') : parts.map(inputOf);
    return [{ type: 'function_call_output', call_id: tool_use_id, output }];
  });
  const said = blocks.flatMap((block) => (block.type === 'text' || block.type === 'image' ? [inputOf(block)] : []));
  return said.length > 0 ? [...results, { type: 'message', role: 'user', content: said }] : results;
}

/**
 * The items of an answer, as they came. Reasoning that nothing follows is left out, since the provider refuses it, and
 * so is the thinking of another provider.
 */
function answerItems(blocks: readonly Block[]): ResponseInputItem[] {
  const items = blocks.flatMap((block): ResponseInputItem[] => {
    switch (block.type) {
      case 'thinking': {
        const { signature, openai } = block;
        if (!openai) return [];
        return [{ type: 'reasoning', ...openai, ...(signature ? { encrypted_content: signature } : {}) }];
      }
      case 'text': {
        const { id, phase } = block.openai ?? {};
        if (!id) return [{ role: 'assistant', content: block.text }];
        const content = [{ type: 'output_text' as const, text: block.text, annotations: [] }];
        return [{ type: 'message', role: 'assistant', id, status: 'completed', content, ...(phase ? { phase } : {}) }];
      }
      case 'tool_use': {
        const { id, name, input, openai } = block;
        const call = { type: 'function_call' as const, call_id: id, name, arguments: JSON.stringify(input) };
        return [openai ? { ...call, id: openai.id } : call];
      }
      default:
        return [];
    }
  });
  const end = items.findLastIndex((item) => item.type !== 'reasoning');
  return items.slice(0, end + 1);
}
