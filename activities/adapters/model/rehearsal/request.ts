import { z } from 'zod';

/** The parts of a Messages API request that the rehearsal reads. All other fields are allowed. */
const block = z.looseObject({ type: z.string() });

export const requestSchema = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.number(),
  messages: z
    .array(
      z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content: z.union([z.string(), z.array(block)]) }),
    )
    .min(1),
  system: z.unknown().optional(),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
  metadata: z.looseObject({ user_id: z.string().nullish() }).optional(),
  stream: z.boolean().default(false),
});

export type MessagesRequest = z.output<typeof requestSchema>;
export type Block = z.output<typeof block>;
export type Message = MessagesRequest['messages'][number];

/** The content of a message as blocks; plain text becomes one text block. */
export function blocksOf({ content }: Message): Block[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

/** The texts of a message, or of a tool result; pictures and the like are left out. */
export function textsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((one) => (one.type === 'text' && typeof one.text === 'string' ? [one.text] : []));
}
