import { z } from 'zod';

/**
 * The body of a request, field by field as in the types of the SDK. A test compares the names with those types. Tools
 * that run at the provider, and items of such tools, are not among them: a player could not play them.
 */
const breakpoint = { prompt_cache_breakpoint: z.unknown().optional() };
const inputText = z.strictObject({ type: z.literal('input_text'), text: z.string(), ...breakpoint });
const inputImage = z.strictObject({
  type: z.literal('input_image'),
  detail: z.enum(['low', 'high', 'auto', 'original']).nullish(),
  file_id: z.string().nullish(),
  image_url: z.string().nullish(),
  ...breakpoint,
});
const outputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()),
  logprobs: z.array(z.unknown()).optional(),
});
const outputRefusal = z.strictObject({ type: z.literal('refusal'), refusal: z.string() });
const phase = z.enum(['commentary', 'final_answer']).nullish();
const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();
const said = z.union([z.string(), z.array(z.discriminatedUnion('type', [inputText, inputImage]))]);
const userMessage = z.strictObject({
  type: z.literal('message').optional(),
  role: z.enum(['user', 'system', 'developer']),
  content: said,
  phase,
  status,
});
const assistantMessage = z.strictObject({
  type: z.literal('message').optional(),
  role: z.literal('assistant'),
  id: z.string().optional(),
  status,
  phase,
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [outputText, outputRefusal]))]),
});
const caller = { caller: z.unknown().optional() };
const functionCall = z.strictObject({
  type: z.literal('function_call'),
  id: z.string().optional(),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
  namespace: z.string().nullish(),
  status,
  ...caller,
});
const functionOutput = z.strictObject({
  type: z.literal('function_call_output'),
  id: z.string().nullish(),
  call_id: z.string(),
  output: said,
  status,
  ...caller,
});
const part = <T extends string>(type: T) => z.strictObject({ type: z.literal(type), text: z.string() });
const reasoningItem = z.strictObject({
  type: z.literal('reasoning'),
  id: z.string(),
  summary: z.array(part('summary_text')),
  content: z.array(part('reasoning_text')).optional(),
  encrypted_content: z.string().nullish(),
  status,
});
const item = z.union([
  z.discriminatedUnion('role', [userMessage, assistantMessage]),
  z.discriminatedUnion('type', [functionCall, functionOutput, reasoningItem]),
]);
const functionTool = z.strictObject({
  type: z.literal('function'),
  name: z.string(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
  strict: z.boolean().nullish(),
  allowed_callers: z.array(z.string()).nullish(),
  defer_loading: z.boolean().optional(),
  output_schema: z.record(z.string(), z.unknown()).nullish(),
});
const reasoning = z.strictObject({
  effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
  generate_summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
  context: z.unknown().optional(),
  mode: z.string().optional(),
});

export const bodySchema = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item)]).optional(),
  instructions: z.string().nullish(),
  tools: z.array(functionTool).optional(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.strictObject({ type: z.literal('function'), name: z.string() }),
      z.looseObject({ type: z.literal('allowed_tools') }),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning: reasoning.nullish(),
  include: z
    .array(
      z.enum([
        'reasoning.encrypted_content',
        'message.input_image.image_url',
        'message.output_text.logprobs',
        'file_search_call.results',
        'web_search_call.results',
        'web_search_call.action.sources',
        'computer_call_output.output.image_url',
        'code_interpreter_call.outputs',
      ]),
    )
    .nullish(),
  max_output_tokens: z.number().int().nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_options: z
    .strictObject({ mode: z.enum(['implicit', 'explicit']).optional(), ttl: z.enum(['30m', '12h']).optional() })
    .optional(),
  prompt_cache_retention: z.enum(['in_memory', '24h']).nullish(),
  safety_identifier: z.string().nullish(),
  user: z.string().optional(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  text: z.looseObject({}).optional(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_logprobs: z.number().nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  previous_response_id: z.string().nullish(),
  service_tier: z.string().nullish(),
  background: z.boolean().nullish(),
  conversation: z.unknown().optional(),
  context_management: z.unknown().optional(),
  moderation: z.unknown().optional(),
  prompt: z.unknown().optional(),
});

/** For the test that compares the names of the fields with the SDK's. */
export const partSchemas = { inputText, inputImage, functionCall, functionOutput, reasoningItem, functionTool };

export type Body = z.output<typeof bodySchema>;
export type Item = z.output<typeof item>;

export const itemsOf = ({ input = [] }: Body): readonly Item[] =>
  typeof input === 'string' ? [{ role: 'user', content: input }] : input;

export const isReasoning = (value: Item): value is z.output<typeof reasoningItem> => value.type === 'reasoning';

export interface Problem {
  status?: number;
  code: string | null;
  param: string | null;
  message: string;
}

/** The most precise of the issues. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const all = issues.map((issue) => {
    const inner = issue.code === 'invalid_union' ? deepest(issue.errors.flat()) : undefined;
    return inner ? { ...inner, path: [...issue.path, ...inner.path] } : issue;
  });
  return all.sort((a, b) => b.path.length - a.path.length)[0];
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? String(key) : `.${String(key)}`)).join('');

/** The first thing that is wrong with the form of a body, in the provider's wording. */
export function formProblem(error: z.ZodError): Problem {
  const issue = deepest(error.issues);
  if (!issue) return { code: null, param: null, message: 'The request is not valid.' };
  if (issue.code === 'unrecognized_keys') {
    const param = pathOf([...issue.path, ...issue.keys.slice(0, 1)]);
    return { code: 'unknown_parameter', param, message: `Unknown parameter: '${param}'.` };
  }
  const param = pathOf(issue.path);
  if (issue.code === 'invalid_value')
    return { code: 'invalid_value', param, message: `Invalid value for '${param}'. ${issue.message}` };
  return { code: 'invalid_type', param, message: `Invalid type for '${param}': ${issue.message}` };
}
