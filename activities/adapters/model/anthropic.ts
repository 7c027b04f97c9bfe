import Anthropic from '@anthropic-ai/sdk';
import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { ModelSettings } from '#workflows/domain/agent/models.ts';
import {
  ModelError,
  type ModelHooks,
  type ModelPort,
  type ModelRequest,
  type ModelResponse,
} from '../../ports/model.ts';
import { MessageAssembler } from './assemble.ts';
import { proxyAgent, type ProxyVariables } from './proxy.ts';
import { storableValue } from '#workflows/domain/text.ts';
import { toModelError } from './model-error.ts';
import { requestBody } from './request-body.ts';
import { withUniqueIds } from './unique-ids.ts';

export interface AnthropicOptions {
  api_key: string;
  base_url?: string;
  /** Seconds without a byte after which a call counts as hung. A ping is a sign of life. */
  idle_timeout: number;
  /** Seconds in which the answer must begin. */
  call_timeout: number;
  provider: string;
  scripted: boolean;
  models?: ModelSettings;
  /** Source of HTTPS_PROXY, HTTP_PROXY and NO_PROXY; absent: no proxy. */
  environment?: ProxyVariables;
}

/** Connects to the Messages API, or to any service with the same interface. */
export function createAnthropicModel(options: AnthropicOptions): ModelPort {
  const dispatcher = proxyAgent(options.environment ?? {});
  const client = new Anthropic({
    apiKey: options.api_key,
    // Always set explicitly, so that the SDK does not read it from the environment: the settings decide.
    baseURL: options.base_url ?? 'https://api.anthropic.com',
    authToken: null,
    // The client sends the key as a bearer token. Other services on this interface may expect the older header.
    ...(options.base_url ? { defaultHeaders: { 'x-api-key': options.api_key } } : {}),
    // The workflow owns retries; a second owner would multiply them.
    maxRetries: 0,
    timeout: options.call_timeout * 1000,
    ...(dispatcher ? { fetchOptions: { dispatcher } } : {}),
  });

  async function call(request: ModelRequest, hooks: ModelHooks = {}): Promise<ModelResponse> {
    const abort = new AbortController();
    let hung = false;
    let idle: NodeJS.Timeout | undefined;
    const alive = () => {
      clearTimeout(idle);
      idle = setTimeout(() => {
        hung = true;
        abort.abort();
      }, options.idle_timeout * 1000);
    };
    const onAbort = () => abort.abort();
    hooks.signal?.addEventListener('abort', onAbort, { once: true });
    if (hooks.signal?.aborted) abort.abort();
    const assembler = new MessageAssembler();
    try {
      alive();
      const stream = await client
        .withOptions({ fetch: watchedFetch(alive) })
        // The API refuses half of a surrogate pair anywhere in a request, so only text that can be stored is sent.
        .messages.create(requestBody(storableValue(request), options.models ?? {}), { signal: abort.signal });
      for await (const event of stream as AsyncIterable<RawMessageStreamEvent>) {
        const delta = assembler.add(event);
        if (delta) hooks.onDelta?.(delta);
        if (event.type === 'message_start' || event.type === 'message_delta') hooks.onUsage?.(assembler.usage);
      }
      if (hung) throw new ModelError('timeout', `The model sent nothing for ${options.idle_timeout} s.`);
      if (hooks.signal?.aborted) throw new ModelError('aborted', 'The call was given up.');
      return withUniqueIds(assembler.finish(), request.messages);
    } catch (error) {
      if (assembler.hasBegun) hooks.onUsage?.(assembler.lostUsage());
      if (hung) throw new ModelError('timeout', `The model sent nothing for ${options.idle_timeout} s.`);
      throw toModelError(error);
    } finally {
      clearTimeout(idle);
      hooks.signal?.removeEventListener('abort', onAbort);
    }
  }

  return { provider: options.provider, scripted: options.scripted, call };
}

/** Fetches, and reports each byte of the answer. The client itself hides pings, so its events show no sign of life. */
function watchedFetch(alive: () => void): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    alive();
    const watched = response.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          alive();
          controller.enqueue(chunk);
        },
      }),
    );
    const { status, statusText, headers } = response;
    return new Response(watched, { status, statusText, headers });
  };
}
