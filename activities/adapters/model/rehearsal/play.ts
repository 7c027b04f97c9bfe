import { createHash } from 'node:crypto';
import { answerValue } from './answer-value.ts';
import { readConversation } from './conversation.ts';
import { nextTurn } from './next-turn.ts';
import { pickSession } from './pick-session.ts';
import type { Block, MessagesRequest } from './request.ts';
import type { Scenario } from './scenario-schema.ts';
import { usageOf, type Usage } from './usage.ts';

/** A message in the form of the Messages API. */
export interface AnsweredMessage {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: Block[];
  stop_reason: 'end_turn' | 'tool_use';
  stop_sequence: null;
  usage: Usage;
}

export interface Played {
  message: AnsweredMessage;
  /** The turn belongs to an agent's session, so a person may be watching its stream. */
  watched: boolean;
}

/** The scenario's answer to a request, from the request alone; undefined when no scenario matches it. */
export function play(scenarios: readonly Scenario[], request: MessagesRequest): Played | undefined {
  const conversation = readConversation(request.messages);
  const picked = conversation && pickSession(scenarios, conversation);
  if (!picked) return undefined;

  const digest = digestOf(request);
  const tools = request.tools.map(({ name }) => name);
  const watched = picked.session.steps.length > 0;
  const turn = watched
    ? nextTurn(picked.scenario, picked.session, conversation, digest)
    : answerValue(picked.session, tools[0] ?? '', conversation, digest);
  if (!turn) return undefined;

  // Tools that the request does not offer cannot be called. Without a tool to ask a person, only the text is left.
  const calls = turn.calls.filter(({ name }) => tools.includes(name));
  const content: Block[] = [
    ...(turn.text ? [{ type: 'text', text: turn.text }] : []),
    ...calls.map((call) => ({ type: 'tool_use', ...call })),
  ];
  return {
    watched,
    message: {
      id: `msg_${digest}`,
      type: 'message',
      role: 'assistant',
      model: request.model,
      content,
      stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn',
      stop_sequence: null,
      usage: usageOf(request, content),
    },
  };
}

/** The same value for a repeated request, another one for every other request. The ids in a run are made from it. */
function digestOf({ messages, metadata }: MessagesRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([metadata?.user_id ?? null, messages]))
    .digest('hex')
    .slice(0, 16);
}
