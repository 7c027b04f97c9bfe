import { createHash } from 'node:crypto';
import { answerValue } from './answer-value.ts';
import { readConversation } from './conversation.ts';
import { nextTurn } from './next-turn.ts';
import { pickSession } from './pick-session.ts';
import type { Block, MessagesRequest } from './request.ts';
import type { Scenario } from './scenario-schema.ts';
import { usageOf, type Usage } from './usage.ts';

/** A message as the Messages API answers with it. */
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
  /** A turn of an agent's session, which somebody may be watching. */
  watched: boolean;
}

/** The scenario's answer to a request, by the request alone; undefined when no scenario knows what it is about. */
export function play(scenarios: readonly Scenario[], request: MessagesRequest): Played | undefined {
  const conversation = readConversation(request.messages);
  const picked = conversation && pickSession(scenarios, conversation);
  if (!picked) return undefined;

  const digest = digestOf(request);
  const tools = request.tools.map(({ name }) => name);
  const watched = picked.session.steps.length > 0;
  const turn = watched
    ? nextTurn(picked.scenario, picked.session, conversation, digest)
    : answerValue(picked.session, request.tool_choice?.name ?? tools[0] ?? '', conversation, digest);
  if (!turn) return undefined;

  // What is not offered cannot be called: where nobody can be asked, the words alone are left.
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

/** The same for a repeated request, another for every other one: ids of a run are made of it. */
function digestOf({ messages, metadata }: MessagesRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([metadata?.user_id ?? null, messages]))
    .digest('hex')
    .slice(0, 16);
}
