import Anthropic from '@anthropic-ai/sdk';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { ModelHooks, ModelPort, ModelRequest, ModelResponse } from '../../ports/model.ts';
import { MessageAssembler } from './assemble.ts';
import { proxyAgent } from './proxy.ts';
import { storableValue } from '#workflows/domain/text.ts';
import { toModelError } from './model-error.ts';
import { requestBody } from './request-body.ts';
import { withUniqueIds } from './unique-ids.ts';
import { watchedCall, type CallWatch, type WireOptions } from './watched-call.ts';

export interface AnthropicOptions extends WireOptions {
  api_key?: string;
  /** Sent as Bearer instead of the key, which then goes as x-api-key alone. */
  auth_token?: string;
  base_url?: string;
}

/** Connects to the Messages API, or to any service with the same interface. */
export function createAnthropicModel(options: AnthropicOptions): ModelPort {
  const dispatcher = proxyAgent(options.environment ?? {});
  const bearer = options.auth_token ?? options.api_key ?? 'none';
  const client = new Anthropic({
    apiKey: bearer,
    // Always set explicitly, so that the SDK does not read it from the environment: the settings decide.
    baseURL: options.base_url ?? 'https://api.anthropic.com',
    authToken: null,
    // The client sends the key as a bearer token. Other services on this interface may expect the older header.
    ...(options.base_url && options.api_key ? { defaultHeaders: { 'x-api-key': options.api_key } } : {}),
    // The workflow owns retries; a second owner would multiply them.
    maxRetries: 0,
    timeout: options.call_timeout * 1000,
    ...(dispatcher ? { fetchOptions: { dispatcher } } : {}),
  });

  async function call(request: ModelRequest, hooks: ModelHooks = {}): Promise<ModelResponse> {
    const assembler = new MessageAssembler();
    const work = async ({ signal, fetch, check }: CallWatch) => {
      const stream = await client
        .withOptions({ fetch })
        // The API refuses half of a surrogate pair anywhere in a request, so only text that can be stored is sent.
        .messages.create(requestBody(storableValue(request), options.models ?? {}), {
          signal,
          headers: headersOf(request),
        });
      for await (const event of stream as AsyncIterable<RawMessageStreamEvent>) {
        if (!assembler.hasBegun) hooks.onFirst?.();
        const delta = assembler.add(event);
        if (delta) hooks.onDelta?.(delta);
        hooks.onEvent?.(event);
        if (event.type === 'message_start' || event.type === 'message_delta') hooks.onUsage?.(assembler.usage);
      }
      check();
      return withUniqueIds(assembler.finish(), request.messages);
    };
    return watchedCall(options, hooks, work, (error) => {
      if (assembler.hasBegun) hooks.onUsage?.(assembler.lostUsage());
      return toModelError(error);
    });
  }

  return { provider: options.provider, scripted: options.scripted, call };
}

const headersOf = ({ passed_on: passed }: ModelRequest) =>
  passed && passed.betas.length > 0 ? { 'anthropic-beta': passed.betas.join(',') } : undefined;
