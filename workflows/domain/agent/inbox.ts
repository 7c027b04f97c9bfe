/**
 * How soon a message reaches the agent: at once (the step under way is cancelled), after the running tool call, or with
 * the next model call. In requests and in the store the field is `rank`.
 */
export const urgencies = ['interrupt', 'boundary', 'turn'] as const;
export type Urgency = (typeof urgencies)[number];

export const steerKinds = ['redirect', 'refocus', 'stop', 'constraint'] as const;
type SteerKind = (typeof steerKinds)[number];

export const messageKinds = ['user_message', 'interrupt', 'guardian_nudge', 'system'] as const;
export type MessageKind = (typeof messageKinds)[number];

/**
 * The default urgency by kind: messages of an operator or the guardian act after the running call, other news with the
 * next turn.
 */
export const urgencyOf: Record<MessageKind | 'steer' | 'discovery' | 'agent_message' | 'answer', Urgency> = {
  interrupt: 'interrupt',
  steer: 'boundary',
  guardian_nudge: 'boundary',
  user_message: 'boundary',
  system: 'turn',
  discovery: 'turn',
  agent_message: 'turn',
  answer: 'turn',
};

/** A message that came to a run's workflow by signal and has no row yet. `id` becomes the id of its row. */
export interface IncomingMessage {
  id: string;
  kind: string;
  rank: Urgency;
  steer_kind?: SteerKind;
  content: string;
  actor: string;
}
