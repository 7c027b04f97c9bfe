type Block = { type?: unknown; text?: unknown; content?: unknown; tool_use_id?: unknown; is_error?: unknown };
interface Message {
  role?: unknown;
  content?: unknown;
}

/** A result of a tool as the program sends it to the model. */
export interface SentResult {
  tool_use_id: string;
  text: string;
  is_error: boolean;
  /** Of a command. */
  exit_code: number | null;
}

const blocksOf = ({ content }: Message): Block[] =>
  typeof content === 'string'
    ? [{ type: 'text', text: content }]
    : Array.isArray(content)
      ? (content as unknown[]).filter((block): block is Block => typeof block === 'object' && block !== null)
      : [];

const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : blocksOf({ content })
        .map((block) => (typeof block.text === 'string' ? block.text : textOf(block.content)))
        .join('\n');

/** The program says how a command failed with this line. */
const exitCode = (text: string, isError: boolean) =>
  isError ? Number(/^Exit code (\d{1,3})\b/.exec(text)?.[1] ?? NaN) || null : 0;

/**
 * Whether a request belongs to the conversation of the run: subagents, and the program's own questions, have other
 * instructions than the run's.
 */
export const isOfConversation = (body: Record<string, unknown>, instructions: string): boolean =>
  textOf(body.system).includes(instructions);

/** The part of a request after the newest answer: what the turn adds to the conversation. */
export function newContent(messages: unknown): { blocks: Block[]; text: string; results: SentResult[] } {
  const all = Array.isArray(messages) ? (messages as Message[]) : [];
  const blocks = all.slice(all.findLastIndex(({ role }) => role === 'assistant') + 1).flatMap(blocksOf);
  const results = blocks
    .filter(({ type }) => type === 'tool_result')
    .map((block) => {
      const text = textOf(block.content);
      const is_error = block.is_error === true;
      return { tool_use_id: String(block.tool_use_id), text, is_error, exit_code: exitCode(text, is_error) };
    });
  return { blocks, text: textOf(blocks), results };
}

type AnswerBlock = Record<string, unknown> & { type: string };

/** The events of the Messages API's stream that give a whole answer again. */
export function eventsOf(message: { content: unknown[]; stop_reason: string | null; usage: object }): {
  type: string;
}[] {
  const { content, stop_reason, usage, ...rest } = message;
  const begun = { ...rest, content: [], stop_reason: null, usage };
  return [
    { type: 'message_start', message: begun } as { type: string },
    ...(content as AnswerBlock[]).flatMap((block, index) => {
      const [start, ...deltas] = piecesOf(block);
      return [
        { type: 'content_block_start', index, content_block: start },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ];
    }),
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage } as { type: string },
    { type: 'message_stop' },
  ];
}

/** A block as its stream begins it, and the rest of it. */
function piecesOf(block: AnswerBlock): [object, ...object[]] {
  switch (block.type) {
    case 'text':
      return [
        { ...block, text: '' },
        { type: 'text_delta', text: block.text },
      ];
    case 'thinking':
      return [
        { ...block, thinking: '', signature: '' },
        { type: 'thinking_delta', thinking: block.thinking },
        { type: 'signature_delta', signature: block.signature },
      ];
    case 'tool_use':
      return [
        { ...block, input: {} },
        { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
      ];
    default:
      return [block];
  }
}
