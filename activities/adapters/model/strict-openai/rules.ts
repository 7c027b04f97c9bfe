import { openAiModels } from '#workflows/domain/agent/known-openai-models.ts';
import type { FoundModel } from '#workflows/domain/agent/models.ts';
import { imageType } from '../../../support/image-type.ts';
import { isWholeImage } from '../../../support/whole-image.ts';
import { firstOf } from '../strict/refusal.ts';
import { isReasoning, itemsOf, type Body, type Item, type Problem } from './request.ts';
import { functionProblem } from './rules-schema.ts';
import { isOwnReasoning } from './reasoning-token.ts';
import { promptTokens } from './tokens.ts';

/** A rule of the wire: the refusal of a request that breaks it. */
export interface OpenAiRule {
  name: string;
  check(body: Body, model: FoundModel, account: string): Problem | undefined;
}

const first = (found: Iterable<Problem | undefined | false>): Problem | undefined => {
  for (const problem of found) if (problem) return problem;
  return undefined;
};
const refuse = (param: string | null, code: string | null, message: string): Problem => ({ param, code, message });
const tooLong = (name: string, value: string | null | undefined, limit: number) =>
  (value?.length ?? 0) > limit &&
  refuse(
    name,
    'string_above_max_length',
    `Invalid '${name}': string too long. Expected a string with maximum length ${limit}, but got a string with length ${value?.length} instead.`,
  );
const callIds = (items: readonly Item[], type: 'function_call' | 'function_call_output') =>
  items.flatMap((item) => (item.type === type ? [item.call_id] : []));
const imagesIn = (items: readonly Item[]) =>
  items.flatMap((item) => {
    const content = item.type === 'function_call_output' ? item.output : 'content' in item ? item.content : [];
    return Array.isArray(content) ? content.flatMap((part) => (part.type === 'input_image' ? [part] : [])) : [];
  });

function isImage(bytes: Buffer): boolean {
  const type = imageType(bytes);
  return type !== undefined && isWholeImage(bytes, type);
}

/** Every rule of docs/openai-wire.md, section 10, in the order in which a request is checked. */
export const openAiRules: readonly OpenAiRule[] = [
  {
    name: 'effort',
    check: ({ reasoning }, { efforts, id }) => {
      const effort = reasoning?.effort;
      if (!effort || efforts.some((known) => known === effort)) return undefined;
      return refuse(
        'reasoning.effort',
        'unsupported_value',
        `Unsupported value: '${effort}' is not supported with the '${id}' model. Supported values are: ${efforts.map((one) => `'${one}'`).join(', ')}.`,
      );
    },
  },
  {
    name: 'sampling',
    check: (body) =>
      first(
        (['temperature', 'top_p', 'top_logprobs'] as const).map(
          (name) =>
            typeof body[name] === 'number' &&
            refuse(name, 'unsupported_parameter', `Unsupported parameter: '${name}' is not supported with this model.`),
        ),
      ),
  },
  {
    name: 'output limit',
    check: ({ max_output_tokens: limit }, { max_output }) =>
      first([
        typeof limit === 'number' &&
          limit < 16 &&
          refuse(
            'max_output_tokens',
            'integer_below_min_value',
            `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${limit} instead.`,
          ),
        typeof limit === 'number' &&
          limit > max_output &&
          refuse(
            'max_output_tokens',
            'integer_above_max_value',
            `Invalid 'max_output_tokens': integer above maximum value. Expected a value <= ${max_output}, but got ${limit} instead.`,
          ),
      ]),
  },
  {
    name: 'cache retention',
    check: ({ prompt_cache_retention }) =>
      prompt_cache_retention === 'in_memory'
        ? refuse('prompt_cache_retention', 'unsupported_value', 'Only 24h is supported with this model.')
        : undefined,
  },
  {
    name: 'lengths of keys',
    check: ({ prompt_cache_key, safety_identifier }) =>
      first([tooLong('prompt_cache_key', prompt_cache_key, 64), tooLong('safety_identifier', safety_identifier, 64)]),
  },
  {
    name: 'tool names',
    check: ({ tools = [] }) =>
      first(
        tools.map(
          ({ name }, at) =>
            !/^[a-zA-Z0-9_-]{1,64}$/.test(name) &&
            refuse(
              `tools[${at}].name`,
              'invalid_value',
              `Invalid 'tools[${at}].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
            ),
        ),
      ),
  },
  {
    name: 'tool schemas',
    check: ({ tools = [] }) => {
      const found = firstOf(
        tools.map(({ name, parameters, strict }) =>
          // Without the field the provider makes the schema strict.
          strict === false ? undefined : functionProblem(name, parameters ?? {}),
        ),
      );
      return found ? refuse('tools', 'invalid_function_parameters', found) : undefined;
    },
  },
  {
    name: 'chosen tool',
    check: ({ tools = [], tool_choice }) =>
      typeof tool_choice === 'object' && 'name' in tool_choice && !tools.some(({ name }) => name === tool_choice.name)
        ? refuse('tool_choice', null, "Tool choice 'function' not found in 'tools' parameter.")
        : undefined,
  },
  {
    name: 'earlier response',
    check: ({ previous_response_id: id }) =>
      id
        ? refuse('previous_response_id', 'previous_response_not_found', `Previous response with id '${id}' not found.`)
        : undefined,
  },
  {
    name: 'input',
    check: (body) =>
      itemsOf(body).length === 0
        ? refuse('input', 'missing_required_parameter', "Missing required parameter: 'input'.")
        : undefined,
  },
  {
    name: 'stored reasoning',
    check: (body) =>
      first(
        itemsOf(body).map(
          (item) =>
            isReasoning(item) &&
            !item.encrypted_content && {
              ...refuse(
                'input',
                null,
                `Item with id '${item.id}' not found. Items are not persisted when \`store\` is set to false.`,
              ),
              status: 404,
            },
        ),
      ),
  },
  {
    name: 'encrypted reasoning',
    check: (body, _model, account) =>
      first(
        itemsOf(body).map(
          (item) =>
            isReasoning(item) &&
            !isOwnReasoning(item.encrypted_content ?? '', account) &&
            refuse(
              null,
              'invalid_encrypted_content',
              `The encrypted content ${item.encrypted_content?.slice(0, 4)}... could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
            ),
        ),
      ),
  },
  {
    name: 'reasoning alone',
    check: (body) => {
      const items = itemsOf(body);
      const alone = items.find((item, at) => {
        const next = items.slice(at + 1).find((later) => !isReasoning(later));
        return isReasoning(item) && !(next && (next.type === 'function_call' || isAnswer(next)));
      });
      return alone && isReasoning(alone)
        ? refuse(
            'input',
            null,
            `Item '${alone.id}' of type 'reasoning' was provided without its required following item.`,
          )
        : undefined;
    },
  },
  {
    name: 'results of calls',
    check: (body) => {
      const items = itemsOf(body);
      const results = callIds(items, 'function_call_output');
      const open = callIds(items, 'function_call').find((id) => !results.includes(id));
      return open ? refuse('input', null, `No tool output found for function call ${open}.`) : undefined;
    },
  },
  {
    name: 'result without call',
    check: (body) => {
      const items = itemsOf(body);
      const known = callIds(items, 'function_call');
      const foreign = callIds(items, 'function_call_output').find((id) => !known.includes(id));
      return foreign
        ? refuse('input', null, `No tool call found for function call output with call_id ${foreign}.`)
        : undefined;
    },
  },
  {
    name: 'images',
    check: (body, { images }) => {
      const sent = imagesIn(itemsOf(body));
      return first([
        sent.length > images.per_request &&
          refuse('input', 'invalid_value', `Too many images: ${sent.length} > ${images.per_request}.`),
        ...sent.map(({ image_url }) => {
          const data = /^data:image\/[a-z]+;base64,(.*)$/.exec(image_url ?? '')?.[1];
          return (
            data !== undefined &&
            !isImage(Buffer.from(data, 'base64')) &&
            refuse('input', 'image_parse_error', 'The image data you provided does not represent a valid image.')
          );
        }),
      ]);
    },
  },
  {
    name: 'prompt length',
    check: (body, model) =>
      promptTokens(body, model) > model.window - 128_000
        ? refuse(
            'input',
            'context_length_exceeded',
            'Your input exceeds the context window of this model. Please adjust your input and try again.',
          )
        : undefined,
  },
];

const isAnswer = (item: Item) => 'role' in item && item.role === 'assistant';

export const isOffered = (model: string): boolean => model in openAiModels;
