import { createHash } from 'node:crypto';
import { answerQuestion } from './answer-question.ts';
import { answerValue } from './answer-value.ts';
import { readConversation } from './conversation.ts';
import { nextTurn } from './next-turn.ts';
import { pickSession } from './pick-session.ts';
import type { PlayedAnswer } from '../strict/index.ts';
import type { MessagesRequest } from './request.ts';
import type { Scenario } from './scenario-schema.ts';

export interface Played {
  answer: PlayedAnswer;
  /** The turn belongs to an agent's session, so a person may be watching its stream. */
  watched: boolean;
}

/**
 * The scenario's answer to a request, from the request alone; undefined when no scenario matches it. A question about
 * the code is answered without one.
 */
export function play(scenarios: readonly Scenario[], request: MessagesRequest): Played | undefined {
  const conversation = readConversation(request.messages);
  if (!conversation) return undefined;
  const picked = pickSession(scenarios, conversation);
  if (!picked && conversation.context.kind !== 'explore') return undefined;

  const digest = digestOf(request);
  const tools = (request.tools ?? []).map(({ name }) => name);
  const watched = !picked || picked.session.steps.length > 0;
  const turn = !picked
    ? answerQuestion(conversation, digest)
    : watched
      ? nextTurn(picked.scenario, picked.session, conversation, digest)
      : answerValue(picked.session, tools[0] ?? '', conversation, digest);
  if (!turn) return undefined;

  // Tools that the request does not offer cannot be called. Without a tool to ask a person, only the text is left.
  const calls = turn.calls.filter(({ name }) => tools.includes(name));
  return {
    watched,
    answer: {
      id: `msg_${digest}`,
      content: [
        ...(turn.text ? [{ type: 'text' as const, text: turn.text }] : []),
        ...calls.map((call) => ({ type: 'tool_use' as const, ...call })),
      ],
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
