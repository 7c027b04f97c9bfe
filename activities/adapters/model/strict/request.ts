import { z } from 'zod';

/**
 * The body of a request, field by field as in the types of the SDK. A test compares the names with those types. The
 * fields of a beta are named as well; the rule `beta` refuses them without the header of their beta.
 */
const mark = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish();
const text = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control: mark,
  citations: z.array(z.unknown()).nullish(),
});
const image = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: z.string(),
    }),
    z.strictObject({ type: z.literal('url'), url: z.string() }),
    z.strictObject({ type: z.literal('file'), file_id: z.string() }),
  ]),
  cache_control: mark,
  transformations: z.unknown().optional(),
});
const document = z.strictObject({
  type: z.literal('document'),
  source: z.looseObject({ type: z.string() }),
  cache_control: mark,
  citations: z.unknown().optional(),
  context: z.string().nullish(),
  title: z.string().nullish(),
});
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const redacted = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/, 'String should match pattern ^[a-zA-Z0-9_-]+$'),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  cache_control: mark,
  caller: z.unknown().optional(),
  toolset_name: z.string().nullish(),
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image, document]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control: mark,
  toolset_name: z.string().nullish(),
});
const block = z.discriminatedUnion('type', [text, image, document, thinking, redacted, toolUse, toolResult]);
const message = z.strictObject({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(block)]),
  clear_at: z.string().optional(),
});
const tool = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, 'String should match pattern ^[a-zA-Z0-9_-]{1,128}$'),
  input_schema: z.looseObject({ type: z.literal('object') }),
  description: z.string().optional(),
  type: z.literal('custom').nullish(),
  strict: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullish(),
  cache_control: mark,
  allowed_callers: z.array(z.string()).optional(),
  defer_loading: z.boolean().optional(),
  input_examples: z.array(z.record(z.string(), z.unknown())).optional(),
});
const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const display = z.enum(['summarized', 'omitted', 'updates']).nullish();

const parts = {
  thinking: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('adaptive'),
      display,
      block_binding: z
        .strictObject({ prefix_mismatch_behavior: z.enum(['error', 'drop_block']).optional() })
        .optional(),
    }),
    z.strictObject({ type: z.literal('between_tools') }),
    z.strictObject({ type: z.literal('disabled') }),
    z.strictObject({ type: z.literal('enabled'), budget_tokens: z.number().int().min(1024), display }),
  ]),
  tool_choice: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('auto'), ...parallel }),
    z.strictObject({ type: z.literal('any'), ...parallel }),
    z.strictObject({ type: z.literal('tool'), name: z.string(), ...parallel }),
    z.strictObject({ type: z.literal('none') }),
  ]),
  output_config: z.strictObject({
    effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
    format: z.strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).nullish(),
  }),
};

/** Fields of betas beside those of the stable types. */
export const betaFields = { context_management: z.unknown().optional(), fallbacks: z.unknown().optional() };

export const bodySchema = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.number().int().min(0),
  messages: z.array(message),
  system: z.union([z.string(), z.array(text)]).optional(),
  tools: z.array(tool).optional(),
  tool_choice: parts.tool_choice.optional(),
  thinking: parts.thinking.optional(),
  output_config: parts.output_config.optional(),
  cache_control: mark,
  metadata: z.strictObject({ user_id: z.string().max(256).nullish() }).optional(),
  stop_sequences: z.array(z.string()).optional(),
  stream: z.boolean().optional(),
  container: z.unknown().optional(),
  diagnostics: z.strictObject({ previous_message_id: z.string().nullish() }).nullish(),
  inference_geo: z.string().nullish(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  speed: z.enum(['standard', 'fast']).nullish(),
  user_profile_id: z.string().optional(),
  workspace_id: z.string().optional(),
  ...betaFields,
});

/** For the test that compares the names of the fields with the SDK's. */
export const partSchemas = { text, image, document, thinking, redacted, toolUse, toolResult, tool };

export type Body = z.output<typeof bodySchema>;
export type Block = z.output<typeof block>;
export type Message = z.output<typeof message>;
export type Tool = z.output<typeof tool>;

/** A request that the schema accepts, with the parts of its headers that rules read. */
export interface StrictRequest {
  body: Body;
  betas: readonly string[];
}

export const blocksOf = ({ content }: Message): readonly Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

/** The most precise of the issues: a text that is no list says less than a field of a block in the list. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const all = issues.map((issue) => {
    const inner = issue.code === 'invalid_union' ? deepest(issue.errors.flat()) : undefined;
    return inner ? { ...inner, path: [...issue.path, ...inner.path] } : issue;
  });
  return all.sort((a, b) => b.path.length - a.path.length)[0];
}

/** The first thing that is wrong with the form of a body, in the provider's wording. */
export function formProblem(error: z.ZodError): string {
  const issue = deepest(error.issues);
  if (!issue) return 'The request is not valid.';
  const path = [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])].join('.');
  return `${path}: ${issue.code === 'unrecognized_keys' ? 'Extra inputs are not permitted' : issue.message}`;
}
