import { z } from 'zod';
import { inboxActions } from '../inbox.ts';

/** What a button in a message at Slack carries. It says what its message showed; who presses it has their own rights. */
export const pressedSchema = z.object({
  organization_id: z.guid(),
  /** kind:ID of what waits. */
  item: z.string().max(60),
  action: z.enum(inboxActions),
  /** What the message showed of it. */
  mark: z.string().max(100),
  /** The answer that the button stands for. */
  text: z.string().optional(),
});
export type Pressed = z.infer<typeof pressedSchema>;

/** The ids of the blocks that belong to an item, and of those that link a user at Slack. */
export const slackIds = {
  words: (item: string) => `words ${item}`,
  buttons: (item: string) => `buttons ${item}`,
  code: 'code',
  link: 'link',
};

const block = z.looseObject({ type: z.string(), block_id: z.string().optional() });
const field = z.object({ value: z.string().nullish() });

/** The parts that are read of a pressed button. Slack names its parts. */
const interactionSchema = z.object({
  type: z.literal('block_actions'),
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string(), team_id: z.string().optional(), username: z.string().optional() }),
  /** Takes answers for half an hour. */
  response_url: z.url(),
  actions: z.array(z.object({ action_id: z.string(), value: z.string().optional() })).min(1),
  /** What was written into fields, by the ids of their blocks. */
  state: z.object({ values: z.record(z.string(), z.record(z.string(), field)) }).optional(),
  message: z.object({ text: z.string().default(''), blocks: z.array(block).default([]) }).optional(),
});
export type Interaction = z.output<typeof interactionSchema>;

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What Slack sends of a pressed button. @returns other for what Slack sends beside these; undefined for what is not of Slack. */
export function readInteraction(text: string): Interaction | 'other' | undefined {
  const value = json(text);
  if (!z.looseObject({ type: z.string() }).safeParse(value).success) return undefined;
  return interactionSchema.safeParse(value).data ?? 'other';
}

/** What the pressed button carries; undefined for one that is not of this version. */
export const readPressed = ({ actions: [first] }: Interaction): Pressed | undefined =>
  pressedSchema.safeParse(json(first?.value ?? '')).data;
