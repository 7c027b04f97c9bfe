import { z } from 'zod';

/**
 * Content blocks of a stored conversation. A block that came from this provider keeps the parts of its item that the
 * block itself has no place for in `openai`, so that the item is sent back as it came.
 */
const text = z.looseObject({
  type: z.literal('text'),
  text: z.string(),
  openai: z.object({ id: z.string(), phase: z.enum(['commentary', 'final_answer']).optional() }).optional(),
});
const image = z.looseObject({
  type: z.literal('image'),
  source: z.looseObject({ media_type: z.string(), data: z.string() }),
});
const thinking = z.looseObject({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: z.string(),
  openai: z
    .object({
      id: z.string(),
      summary: z.array(z.object({ type: z.literal('summary_text'), text: z.string() })),
      content: z.array(z.object({ type: z.literal('reasoning_text'), text: z.string() })).optional(),
    })
    .optional(),
});
const toolUse = z.looseObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.unknown(),
  openai: z.object({ id: z.string() }).optional(),
});
const toolResult = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image]))]).optional(),
  is_error: z.boolean().optional(),
});
const other = z.looseObject({ type: z.literal('redacted_thinking') });

export const blocksSchema = z.array(z.discriminatedUnion('type', [text, image, thinking, toolUse, toolResult, other]));
export const toolSchema = z.looseObject({
  name: z.string(),
  description: z.string().optional(),
  input_schema: z.record(z.string(), z.unknown()),
  strict: z.boolean().optional(),
});
export const systemSchema = z.array(text);

export type Block = z.output<typeof blocksSchema>[number];
export type TextOrImage = Extract<Block, { type: 'text' | 'image' }>;
