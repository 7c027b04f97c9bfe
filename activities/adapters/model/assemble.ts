import type { RawContentBlockDelta, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { estimateTokens } from '#workflows/domain/billing/prices.ts';
import { ModelError, type ModelResponse, type ModelUsage, type StopReason } from '../../ports/model.ts';
import { LostThinking } from './lost-thinking.ts';
import { storableCount } from './storable-count.ts';

type Block = Record<string, unknown>;

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The API refuses text of white space alone, and a thought that was cut off before its signature. */
const canBeSentBack = (block: Block) =>
  block.type === 'text'
    ? textOf(block.text).trim() !== ''
    : block.type !== 'thinking' || textOf(block.signature) !== '';

/**
 * Assembles a streamed answer, block by block as it must be sent back. Tool input is parsed only when its block ends.
 * Input that is not JSON is kept separately with the original text, and the block gets an empty object.
 */
export class MessageAssembler {
  readonly usage: ModelUsage = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };
  private id = '';
  private model = '';
  private stopReason: StopReason | undefined;
  private refusal: string | undefined;
  private stopped = false;
  /** Characters of output that arrived, for an estimate where the answer breaks off. */
  private received = 0;
  private readonly thinking = new LostThinking();
  private readonly blocks: Block[] = [];
  private readonly inputText = new Map<number, string>();
  private readonly malformed: { index: number; text: string }[] = [];

  get hasBegun(): boolean {
    return this.id !== '';
  }

  /** The usage of an answer that broke off: the provider reports output only at the end, but bills what it wrote. */
  lostUsage(): ModelUsage {
    const output = estimateTokens(this.received) + this.thinking.tokens();
    return { ...this.usage, output_tokens: Math.max(this.usage.output_tokens, output) };
  }

  /** Adds an event of the stream. @returns the text that it adds, for live display. */
  add(event: RawMessageStreamEvent): string | undefined {
    switch (event.type) {
      case 'message_start':
        this.id = event.message.id;
        this.model = event.message.model;
        this.count(event.message.usage);
        return undefined;
      case 'content_block_start':
        this.blocks[event.index] = { ...event.content_block } as Block;
        if (event.content_block.type === 'thinking') this.thinking.begin();
        return event.content_block.type === 'text' ? event.content_block.text : undefined;
      case 'content_block_delta':
        return this.grow(event.index, event.delta);
      case 'content_block_stop':
        if (this.blocks[event.index]?.type === 'thinking') this.thinking.end();
        this.close(event.index);
        return undefined;
      case 'message_delta': {
        if (event.delta.stop_reason) this.stopReason = event.delta.stop_reason;
        const details = (event.delta as { stop_details?: { category?: string; explanation?: string } | null })
          .stop_details;
        if (details) this.refusal = [details.category, details.explanation].filter(Boolean).join(': ') || undefined;
        this.count(event.usage);
        return undefined;
      }
      case 'message_stop':
        this.stopped = true;
        return undefined;
      default:
        return undefined;
    }
  }

  private grow(index: number, delta: RawContentBlockDelta): string | undefined {
    const block = (this.blocks[index] ??= { type: 'text', text: '' });
    switch (delta.type) {
      case 'text_delta':
        block.text = textOf(block.text) + delta.text;
        this.received += delta.text.length;
        return delta.text;
      case 'input_json_delta':
        this.inputText.set(index, (this.inputText.get(index) ?? '') + delta.partial_json);
        this.received += delta.partial_json.length;
        return undefined;
      case 'thinking_delta':
        block.thinking = textOf(block.thinking) + delta.thinking;
        this.thinking.show(delta.thinking);
        return delta.thinking || undefined;
      case 'signature_delta':
        block.signature = delta.signature;
        return undefined;
      case 'citations_delta':
        block.citations = [...(Array.isArray(block.citations) ? (block.citations as unknown[]) : []), delta.citation];
        return undefined;
      default:
        return undefined;
    }
  }

  private close(index: number): void {
    const block = this.blocks[index];
    const text = this.inputText.get(index);
    if (!block || block.type !== 'tool_use') return;
    try {
      // Without a delta the input is that of the block's start, which a proxy may send as text, null or a list.
      const input: unknown = text ? JSON.parse(text) : block.input;
      if (!isObject(input)) throw new Error('not an object');
      block.input = input;
    } catch {
      this.malformed.push({ index, text: text || (JSON.stringify(block.input) ?? '') });
      block.input = {};
    }
  }

  // Later reports are totals, not increments; a missing field keeps its previous value.
  private count(
    usage:
      | {
          input_tokens?: number | null;
          output_tokens?: number | null;
          cache_read_input_tokens?: number | null;
          cache_creation_input_tokens?: number | null;
        }
      | undefined,
  ): void {
    if (!usage) return;
    this.usage.input_tokens = storableCount(usage.input_tokens) ?? this.usage.input_tokens;
    this.usage.output_tokens = storableCount(usage.output_tokens) ?? this.usage.output_tokens;
    this.usage.cache_read_tokens = storableCount(usage.cache_read_input_tokens) ?? this.usage.cache_read_tokens;
    this.usage.cache_write_tokens = storableCount(usage.cache_creation_input_tokens) ?? this.usage.cache_write_tokens;
  }

  /** @returns the complete answer. @throws ModelError('server') when the stream ended before the message did. */
  finish(): ModelResponse {
    if (!this.stopped || !this.stopReason)
      throw new ModelError('server', "The model's answer broke off before its end.");
    // A call that was cut off at the output limit never closed its block, and some services send other values.
    for (const block of this.blocks) if (block?.type === 'tool_use' && !isObject(block.input)) block.input = {};
    const kept = this.blocks.filter((block) => block !== undefined && canBeSentBack(block));
    const position = new Map(this.blocks.map((block, index) => [index, kept.indexOf(block)]));
    return {
      id: this.id,
      model: this.model,
      stop_reason: this.stopReason,
      refusal: this.refusal,
      content: kept,
      malformed: this.malformed.map(({ index, text }) => ({ index: position.get(index) ?? index, text })),
      usage: this.usage,
    };
  }
}
