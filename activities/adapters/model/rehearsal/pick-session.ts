import type { RunContext } from '#workflows/domain/agent/context-block.ts';
import type { WantedWork } from '../../../ports/model.ts';
import type { ScriptedConversation } from './conversation.ts';
import type { SessionMatch, Scenario, Session } from './scenario-schema.ts';

export interface Picked {
  scenario: Scenario;
  session: Session;
}

/** The first session that matches; undefined when no scenario matches the conversation. */
export function pickSession(scenarios: readonly Scenario[], conversation: ScriptedConversation): Picked | undefined {
  for (const scenario of scenarios) {
    if (conversation.context.kind === 'phase' && !isAbout(scenario.feature.description, conversation)) continue;
    const session = scenario.sessions.find(({ match }) => fits(match, conversation.context));
    if (session) return { scenario, session };
  }
  return undefined;
}

/** Whether the rehearsal plays the work: the feature of a scenario, a ticket's only task, or any question about the code. */
export function playsWork(scenario: Scenario, { kind, title, description }: WantedWork): boolean {
  if (kind === 'question') return true;
  if (kind === 'spec') return isAbout(scenario.feature.description, { texts: [description] });
  const subject = { kind: 'task', mode: 'implementation', phase: null, attempt: 1, task_ref: null, title } as const;
  return scenario.sessions.some(({ match }) => fits(match, subject));
}

type Matched = Pick<RunContext, 'kind' | 'phase' | 'attempt' | 'task_ref' | 'mode' | 'title'>;

function fits(match: SessionMatch, context: Matched): boolean {
  const among = <T>(wanted: readonly T[] | undefined, value: T | null) =>
    wanted === undefined || (value !== null && wanted.includes(value));
  return (
    match.kind === context.kind &&
    among(match.phase, context.phase) &&
    among(match.attempt, context.attempt) &&
    among(match.task_ref, context.task_ref) &&
    among(match.mode, context.mode) &&
    (!match.title || match.title.test(context.title ?? ''))
  );
}

/** Whether the conversation is about this feature. A plan made for one feature would be wrong for another request. */
function isAbout(description: string, { texts }: Pick<ScriptedConversation, 'texts'>): boolean {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
  return texts.some((text) => plain(text).includes(plain(description)));
}
