import { z } from 'zod';

/** How soon a message reaches the agent: now, after the tool call that runs, or with the next model call. */
export const ranks = ['interrupt', 'boundary', 'turn'] as const;
export type Rank = (typeof ranks)[number];

export const steerKinds = ['redirect', 'refocus', 'stop', 'constraint'] as const;
export type SteerKind = (typeof steerKinds)[number];

export const messageKinds = ['user_message', 'interrupt', 'guardian_nudge', 'system'] as const;
export type MessageKind = (typeof messageKinds)[number];

const words = z.string().trim().min(1, 'must not be empty').max(20_000);

/** Input of the signal `steer`. */
export const steerInput = z.strictObject({
  kind: z.enum(steerKinds),
  message: words,
  actor: z.string().max(200).optional(),
});

/** Input of the signal `userMessage`. */
export const userMessageInput = z.strictObject({
  kind: z.enum(messageKinds).default('user_message'),
  content: words,
  actor: z.string().max(200).optional(),
});

/** Where a kind of message ranks: an operator's or guardian's word acts after the running call, news with the next turn. */
export const rankOf: Record<MessageKind | 'steer' | 'discovery' | 'answer', Rank> = {
  interrupt: 'interrupt',
  steer: 'boundary',
  guardian_nudge: 'boundary',
  user_message: 'boundary',
  system: 'turn',
  discovery: 'turn',
  answer: 'turn',
};

/** A message as the workflow takes it in; `id` names its row. */
export interface IncomingMessage {
  id: string;
  kind: string;
  rank: Rank;
  steer_kind?: SteerKind;
  content: string;
  actor: string;
  /** Its row exists already (it came by REST): the signal only wakes the loop. */
  stored: boolean;
}
