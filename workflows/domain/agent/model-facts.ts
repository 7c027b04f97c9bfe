import { z } from 'zod';

const thinkingKinds = ['adaptive', 'between_tools', 'disabled', 'enabled'] as const;
export const effortLevels = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof effortLevels)[number];

const tokens = z.number().int().positive();
const money = z.number().nonnegative();

/** USD per million tokens. */
const pricesSchema = z.strictObject({
  /** The prices hold for prompts of at most this many tokens, with cached ones. Absent: for all longer prompts. */
  up_to: tokens.optional(),
  input: money,
  output: money,
  cache_write_5m: money,
  cache_write_1h: money,
  cache_read: money,
});

/** What a model accepts and costs. */
export const modelFactsSchema = z.strictObject({
  /** Tokens of a request and its answer together. */
  window: tokens,
  max_output: tokens,
  /** By the length of the prompt, shortest first. */
  prices: z.array(pricesSchema).min(1),
  /** Day on which the prices were read, as an ISO date. */
  priced_on: z.iso.date().optional(),
  /** Kinds of thinking that a request may name. The first one is the kind to ask for; empty: name none. */
  thinking: z.array(z.enum(thinkingKinds)),
  /** The model thinks where a request names no kind. */
  thinks_by_default: z.boolean(),
  /** How an answer shows the thinking where a request does not say: as empty blocks or as summaries. */
  display: z.enum(['omitted', 'summarized']),
  /** Levels of effort that a request may name, and the one that holds otherwise. Empty: name none. */
  efforts: z.array(z.enum(effortLevels)),
  default_effort: z.enum(effortLevels).optional(),
  /** A request may force the call of a tool. */
  forced_tools: z.boolean(),
  /** A tool may demand that its input follows the schema. */
  strict_schemas: z.boolean(),
  /** A tool may ask for its input as it is written. */
  eager_inputs: z.boolean(),
  /** A thinking block is refused behind a changed prefix. */
  binds_thinking: z.boolean(),
  /** A conversation may contain messages of the role `system`. */
  system_messages: z.boolean(),
  /** A request may mark the parts that are cached. */
  cache_marks: z.boolean(),
  /** Tokens below which nothing is cached. */
  min_cache: tokens,
  /** An image is scaled to these limits before it is counted. `per_request`: images in a request. */
  images: z.strictObject({ max_side: tokens, max_tokens: tokens, per_request: tokens }),
  /** Day from which the provider may end the model; `announced`: on which it ends. */
  retires: z.strictObject({ on: z.iso.date(), announced: z.boolean() }).optional(),
});
export type ModelFacts = z.output<typeof modelFactsSchema>;
export type Prices = z.output<typeof pricesSchema>;

/** USD per million tokens; the cache's prices follow from the input's unless they are given. */
export const priceSettingSchema = pricesSchema
  .omit({ up_to: true })
  .partial({ cache_write_5m: true, cache_write_1h: true, cache_read: true });
export type PriceSetting = z.output<typeof priceSettingSchema>;
