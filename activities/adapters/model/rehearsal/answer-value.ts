import { callId, type ScriptedConversation } from './conversation.ts';
import { fillIn } from './fill-in.ts';
import type { ModelTurn } from './next-turn.ts';
import type { Session } from './scenario-schema.ts';

/** The value of the first answer whose conditions match the request's text; undefined when none matches. */
export function answerValue(
  { answers }: Session,
  tool: string,
  conversation: ScriptedConversation,
  digest: string,
): ModelTurn | undefined {
  const text = conversation.texts.join('\n');
  for (const answer of answers) {
    const found = answer.if.map((condition) => condition.exec(text));
    if (found.includes(null)) continue;
    const groups: Record<string, string> = Object.assign({}, ...found.map((match) => match?.groups));
    const input = fillIn(answer.value, conversation, groups) as Record<string, unknown>;
    // A summary is asked for with the tools of its run, and given in text.
    if (conversation.context.kind === 'compaction') return { text: String(input.summary), calls: [] };
    return { text: '', calls: [{ id: callId(digest, 0, 'answer'), name: tool, input }] };
  }
  return undefined;
}
