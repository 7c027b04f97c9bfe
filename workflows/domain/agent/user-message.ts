import { asData } from './untrusted.ts';

export interface AnsweredCall {
  tool_use_id: string;
  result: string | null;
  is_error: boolean;
  image?: { media_type: string; data: string };
}

export interface InboxItem {
  kind: string;
  steer_kind: string | null;
  content: string;
  actor: string;
}

type Block = Record<string, unknown>;

/** A message as its agent reads it. */
function messageText(item: InboxItem): string {
  if (item.kind === 'discovery') return `[Report from another agent]\n${asData(item.actor, item.content)}`;
  if (item.kind === 'agent_message') return `[Message from another agent]\n${asData(item.actor, item.content)}`;
  if (item.kind === 'guardian_nudge') return item.content;
  if (item.steer_kind === 'constraint')
    return `[Constraint from ${item.actor}; it stays in force until it is lifted]\n${item.content}`;
  if (item.kind === 'steer') return `[Steering from ${item.actor}: ${item.steer_kind ?? 'note'}]\n${item.content}`;
  if (item.kind === 'interrupt') return `[${item.actor} interrupted you]\n${item.content}`;
  if (item.kind === 'system') return `[OmoiOS] ${item.content}`;
  return `[Message from ${item.actor}]\n${item.content}`;
}

/** The same with its id, by which the gateway sees in a request that a program in the sandbox has given it to its agent. */
export const messageWithId = (item: InboxItem & { id: string }): string => `${messageText(item)}\n(message ${item.id})`;

/**
 * Content of the user message that opens a turn: every result of the turn before in the order of its calls, then the
 * opening of an iteration, then instructions of folders, messages and notices. A call without a result gets one that
 * says so, since the API refuses a conversation with an open call.
 */
export function userContent(parts: {
  calls: AnsweredCall[];
  opening: string | null;
  cache?: object;
  instructions: string[];
  messages: InboxItem[];
  /** Texts, not codes. */
  notices: string[];
}): Block[] {
  const results = parts.calls.map((call): Block => {
    const text = call.result ?? 'The result of this call was lost. Look at the state before you call it again.';
    const content = call.image
      ? [
          { type: 'text', text },
          { type: 'image', source: { type: 'base64', ...call.image } },
        ]
      : text === ''
        ? '(empty)'
        : text;
    return {
      type: 'tool_result',
      tool_use_id: call.tool_use_id,
      content,
      ...(call.is_error || call.result === null ? { is_error: true } : {}),
    };
  });
  const opening =
    parts.opening === null
      ? []
      : [{ type: 'text', text: parts.opening, ...(parts.cache ? { cache_control: parts.cache } : {}) }];
  const instructions = parts.instructions.map((text) => ({ type: 'text', text }));
  const messages = parts.messages.map((item) => ({ type: 'text', text: messageText(item) }));
  const notices = parts.notices.map((text) => ({ type: 'text', text }));
  return [...results, ...opening, ...instructions, ...messages, ...notices];
}
