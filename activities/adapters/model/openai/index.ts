import OpenAI, { APIError } from 'openai';
import { factsOf } from '#workflows/domain/agent/models.ts';
import { storableValue } from '#workflows/domain/text.ts';
import { contentTokens } from '../../../support/content-tokens.ts';
import {
  ModelError,
  type ModelHooks,
  type ModelPort,
  type ModelRequest,
  type ModelResponse,
} from '../../../ports/model.ts';
import { proxyAgent } from '../proxy.ts';
import { withUniqueIds } from '../unique-ids.ts';
import { watchedCall, type CallWatch, type WireOptions } from '../watched-call.ts';
import { ResponseAssembler } from './assemble.ts';
import { toolSchema } from './blocks.ts';
import { isRefusalCode, isRefusedSummary, toModelError } from './openai-error.ts';
import { requestBody } from './request-body.ts';

export interface OpenAiOptions extends WireOptions {
  api_key: string;
  base_url?: string;
}

/** Connects to the Responses API, or to any server with the same interface. docs/openai-wire.md describes it. */
export function createOpenAiModel(options: OpenAiOptions): ModelPort {
  const dispatcher = proxyAgent(options.environment ?? {});
  const settings = options.models ?? {};
  const client = new OpenAI({
    apiKey: options.api_key,
    // Always set explicitly, so that the SDK reads none of them from the environment: the settings decide.
    baseURL: options.base_url ?? 'https://api.openai.com/v1',
    organization: null,
    project: null,
    webhookSecret: null,
    // The workflow owns retries; a second owner would multiply them.
    maxRetries: 0,
    timeout: options.call_timeout * 1000,
    ...(dispatcher ? { fetchOptions: { dispatcher } } : {}),
  });
  let summaries = true;

  async function call(request: ModelRequest, hooks: ModelHooks = {}): Promise<ModelResponse> {
    if (request.passed_on)
      throw new ModelError(
        'invalid',
        `The provider ${options.provider} has no Messages API, which this request is for.`,
      );
    const body = requestBody(storableValue(request), settings, { summaries });
    const sent = JSON.stringify([request.system, request.tools, ...request.messages.map(({ content }) => content)]);
    const tools = request.tools.map((tool) => toolSchema.parse(tool)).filter(({ strict }) => strict);
    const assembler = new ResponseAssembler(
      contentTokens(sent, factsOf(request.model, settings)),
      new Map(tools.map(({ name, input_schema }) => [name, input_schema])),
    );
    const work = async ({ signal, fetch, check }: CallWatch) => {
      const stream = await client.withOptions({ fetch }).responses.create(body, { signal });
      for await (const event of stream) {
        if (!assembler.hasBegun) hooks.onFirst?.();
        const delta = assembler.add(event);
        if (delta) hooks.onDelta?.(delta);
      }
      check();
      return withUniqueIds(assembler.finish(), request.messages);
    };
    try {
      return await watchedCall(options, hooks, work, (error) => {
        if (assembler.hasBegun) hooks.onUsage?.(assembler.lostUsage());
        if (error instanceof APIError && isRefusalCode(error.code)) throw error;
        if (!isRefusedSummary(error)) return toModelError(error);
        // The next try asks for none.
        summaries = false;
        return new ModelError('server', toModelError(error).message);
      });
    } catch (error) {
      if (error instanceof APIError) return refused(error, request.model);
      throw error;
    }
  }

  return { provider: options.provider, scripted: options.scripted, call };
}

/** A prompt that the provider refuses before it answers. Nothing of it is billed. */
const refused = ({ requestID, message }: APIError, model: string): ModelResponse => ({
  id: requestID ?? '',
  model,
  stop_reason: 'refusal',
  refusal: message,
  content: [],
  malformed: [],
  usage: { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 },
});
