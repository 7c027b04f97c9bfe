import type {
  Response,
  ResponseOutputItem,
  ResponseReasoningItem,
  ResponseStreamEvent,
  ResponseUsage,
} from 'openai/resources/responses/responses';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import { ModelError, type ModelResponse, type ModelUsage, type StopReason } from '../../../ports/model.ts';
import { storableCount } from '../storable-count.ts';
import { LostThinking } from '../lost-thinking.ts';
import { errorOfCode, isRefusalCode } from './openai-error.ts';
import { withoutNulls } from './strict-schema.ts';

type Block = ModelResponse['content'][number];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Assembles the events of a response into the blocks of a stored conversation. Each item is kept as it came. */
export class ResponseAssembler {
  private id = '';
  private model = '';
  private ended: Response | undefined;
  private readonly items: (ResponseOutputItem | undefined)[] = [];
  private received = 0;
  private readonly thinking = new LostThinking();

  /**
   * @param prompt estimated tokens of the request, for an answer that breaks off: usage comes with its end only.
   * @param schemas of the strict tools by name, as they were before this provider's form of them.
   */
  constructor(
    private readonly prompt: number,
    private readonly schemas: ReadonlyMap<string, unknown>,
  ) {}

  get hasBegun(): boolean {
    return this.id !== '';
  }

  lostUsage(): ModelUsage {
    if (this.ended?.usage) return usageOf(this.ended.usage);
    const output = estimateTokens(this.received) + this.thinking.tokens();
    return { input_tokens: this.prompt, output_tokens: output, cache_read_tokens: 0, cache_write_tokens: 0 };
  }

  /** Adds an event. @returns the text that it adds, for live display. @throws ModelError for an error of the provider. */
  add(event: ResponseStreamEvent): string | undefined {
    switch (event.type) {
      case 'response.created':
      case 'response.in_progress':
        this.id = event.response.id;
        this.model = event.response.model;
        return undefined;
      case 'response.output_item.added':
        if (event.item.type === 'reasoning') this.thinking.begin();
        return undefined;
      case 'response.output_item.done':
        if (event.item.type === 'reasoning') this.thinking.end();
        this.items[event.output_index] = event.item;
        return undefined;
      case 'response.output_text.delta':
        this.received += event.delta.length;
        return event.delta;
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        this.thinking.show(event.delta);
        return event.delta;
      case 'response.function_call_arguments.delta':
        this.received += event.delta.length;
        return undefined;
      case 'response.completed':
      case 'response.incomplete':
        this.ended = event.response;
        return undefined;
      case 'response.failed': {
        const { code = 'server_error', message = 'The response failed.' } = event.response.error ?? {};
        if (!isRefusalCode(code)) throw errorOfCode(code, message);
        this.ended = event.response;
        return undefined;
      }
      case 'error':
        throw errorOfCode(event.code, event.message);
      default:
        return undefined;
    }
  }

  /** @returns the complete answer. @throws ModelError('server') when the stream ended before the response did. */
  finish(): ModelResponse {
    const { ended } = this;
    if (!ended) throw new ModelError('server', "The model's answer broke off before its end.");
    // Some servers repeat the items only at the end, others only before it.
    const items = Array.from({ length: Math.max(this.items.length, ended.output.length) }, (_, at) => {
      return this.items[at] ?? ended.output[at];
    }).filter((item) => item !== undefined);
    const malformed: ModelResponse['malformed'] = [];
    const content: Block[] = [];
    let refusal = refusalOf(ended);
    for (const item of items) {
      if (item.type === 'reasoning') content.push(...thoughtOf(item));
      if (item.type === 'message') {
        const text = item.content.flatMap((part) => (part.type === 'output_text' ? [part.text] : [])).join('');
        refusal ??= item.content.flatMap((part) => (part.type === 'refusal' ? [part.refusal] : []))[0];
        const openai = { id: item.id, ...(item.phase ? { phase: item.phase } : {}) };
        if (text.trim()) content.push({ type: 'text', text, openai });
      }
      if (item.type === 'function_call') {
        const input = this.inputOf(item.name, item.arguments);
        if (!input) malformed.push({ index: content.length, text: item.arguments });
        const openai = item.id ? { openai: { id: item.id } } : {};
        content.push({ type: 'tool_use', id: item.call_id, name: item.name, input: input ?? {}, ...openai });
      }
    }
    const calls = content.some(({ type }) => type === 'tool_use');
    return {
      id: this.id || ended.id,
      model: this.model || ended.model,
      stop_reason: stopReason(ended, refusal, calls),
      refusal,
      content,
      malformed,
      usage: ended.usage ? usageOf(ended.usage) : this.lostUsage(),
    };
  }

  private inputOf(tool: string, text: string): Record<string, unknown> | undefined {
    if (text.trim() === '') return {};
    try {
      const input = withoutNulls(this.schemas.get(tool), JSON.parse(text));
      return isObject(input) ? input : undefined;
    } catch {
      return undefined;
    }
  }
}

/** The reasoning of an item that can be sent back: encrypted, or as text by servers that encrypt nothing. */
function thoughtOf({ id, summary, content, encrypted_content }: ResponseReasoningItem): Block[] {
  if (!encrypted_content && !content?.length) return [];
  const thinking = [...summary, ...(content ?? [])].map((part) => part.text).join('\n\n');
  const openai = { id, summary, ...(content?.length ? { content } : {}) };
  return [{ type: 'thinking', thinking, signature: encrypted_content ?? '', openai }];
}

function refusalOf({ status, error, incomplete_details }: Response): string | undefined {
  if (status === 'failed') return error?.message;
  return incomplete_details?.reason === 'content_filter' ? 'content_filter' : undefined;
}

function stopReason({ incomplete_details }: Response, refusal: string | undefined, calls: boolean): StopReason {
  if (refusal !== undefined) return 'refusal';
  if (incomplete_details) return 'max_tokens';
  return calls ? 'tool_use' : 'end_turn';
}

/** The provider counts cached tokens in the input; a server may count nothing. */
function usageOf({ input_tokens, input_tokens_details: details, output_tokens }: ResponseUsage): ModelUsage {
  const cached: { cached_tokens?: unknown; cache_write_tokens?: unknown } = details ?? {};
  const read = storableCount(cached.cached_tokens) ?? 0;
  const written = storableCount(cached.cache_write_tokens) ?? 0;
  return {
    input_tokens: Math.max(0, (storableCount(input_tokens) ?? 0) - read - written),
    output_tokens: storableCount(output_tokens) ?? 0,
    cache_read_tokens: read,
    cache_write_tokens: written,
  };
}
