import Anthropic, {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
} from '@anthropic-ai/sdk';
import type { MessageCreateParamsStreaming, RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import {
  ModelError,
  type ModelErrorKind,
  type ModelHooks,
  type ModelPort,
  type ModelRequest,
  type ModelResponse,
} from '../../ports/model.ts';
import { MessageAssembler } from './assemble.ts';
import { proxyAgent, type ProxyVariables } from './proxy.ts';
import { cutStart, storableValue } from '#workflows/domain/text.ts';

export interface AnthropicOptions {
  api_key: string;
  base_url?: string;
  /** Seconds without an event after which a stream counts as hung. */
  idle_timeout: number;
  /** Total seconds that a call may take. */
  call_timeout: number;
  provider: string;
  scripted: boolean;
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
    try {
      alive();
      const stream = await client.messages.create(body(storableValue(request)), { signal: abort.signal });
      const assembler = new MessageAssembler();
      for await (const event of stream as AsyncIterable<RawMessageStreamEvent>) {
        alive();
        const delta = assembler.add(event);
        if (delta) hooks.onDelta?.(delta);
        if (event.type === 'message_start' || event.type === 'message_delta') hooks.onUsage?.(assembler.usage);
      }
      if (hung) throw new ModelError('timeout', `The model sent nothing for ${options.idle_timeout} s.`);
      if (hooks.signal?.aborted) throw new ModelError('aborted', 'The call was given up.');
      return assembler.finish();
    } catch (error) {
      if (hung) throw new ModelError('timeout', `The model sent nothing for ${options.idle_timeout} s.`);
      throw toModelError(error);
    } finally {
      clearTimeout(idle);
      hooks.signal?.removeEventListener('abort', onAbort);
    }
  }

  return { provider: options.provider, scripted: options.scripted, call };
}

// The API refuses half of a surrogate pair anywhere in a request, so the port sends only text that can be stored.
// Fields that a conversation repeats come first and varying ones last, so that the shared prefix is byte-identical.
function body(request: ModelRequest): MessageCreateParamsStreaming {
  return {
    model: request.model,
    system: request.system,
    ...(request.tools.length > 0 ? { tools: request.tools } : {}),
    ...(request.tool_choice ? { tool_choice: request.tool_choice } : {}),
    ...(request.thinking ? { thinking: request.thinking } : {}),
    metadata: { user_id: request.user_id },
    stream: true,
    ...(request.cache_ttl ? { cache_control: { type: 'ephemeral', ttl: request.cache_ttl } } : {}),
    messages: request.messages,
    max_tokens: request.max_tokens,
    // The port passes tools and messages on as stored JSON, which the API checks.
  } as unknown as MessageCreateParamsStreaming;
}

const kindOfType: Record<string, ModelErrorKind> = {
  rate_limit_error: 'rate_limited',
  overloaded_error: 'overloaded',
  api_error: 'server',
  timeout_error: 'server',
  authentication_error: 'auth',
  permission_error: 'auth',
  billing_error: 'billing',
  request_too_large: 'too_large',
  not_found_error: 'invalid',
  invalid_request_error: 'invalid',
};

function kindOfStatus(status: number): ModelErrorKind {
  if (status === 429) return 'rate_limited';
  if (status === 529 || status === 503) return 'overloaded';
  if (status === 402) return 'billing';
  if (status === 401 || status === 403) return 'auth';
  if (status === 413) return 'too_large';
  return status >= 500 || status === 408 || status === 409 ? 'server' : 'invalid';
}

/** The kind of an error by its text: providers answer 400 in some cases where the request is valid. */
function kindOfWords(message: string): ModelErrorKind | undefined {
  if (/prompt is too long|context (window|length)/i.test(message)) return 'too_large';
  if (isRefusedThinking(message)) return 'thinking';
  return /credit balance is too low|usage limits?\b.*\bregain access/i.test(message) ? 'billing' : undefined;
}

/** A signature that does not match the request: after a changed message, or of another account. */
const isRefusedThinking = (message: string) =>
  /bound to a different conversation|signature`? in `?thinking|thinking`?.* blocks? .*cannot be modified/i.test(
    message,
  );

/** Seconds the provider asks to wait: `retry-after-ms`, or `retry-after` as seconds or a date. */
function retryAfterSeconds(headers: Headers | undefined, now = Date.now()): number | undefined {
  const ms = Number(headers?.get('retry-after-ms') ?? NaN);
  if (Number.isFinite(ms)) return ms / 1000;
  const value = headers?.get('retry-after');
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1000);
}

function toModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIUserAbortError) return new ModelError('aborted', 'The call was given up.');
  if (error instanceof APIConnectionTimeoutError) return new ModelError('timeout', 'The model did not answer in time.');
  if (error instanceof APIConnectionError)
    return new ModelError('server', `The model cannot be reached: ${causeOf(error)}.`);
  if (error instanceof APIError) {
    const detail = (error.error as { error?: { type?: string; message?: string } } | undefined)?.error;
    const message = detail?.message ?? error.message;
    const kind =
      (error.status === 400 ? kindOfWords(message) : undefined) ??
      (error.status ? kindOfStatus(error.status) : kindOfType[detail?.type ?? '']) ??
      'server';
    return new ModelError(
      kind,
      `The model's provider answers ${error.status ?? detail?.type ?? 'an error'}: ${cutStart(message, 500)}`,
      retryAfterSeconds(error.headers),
    );
  }
  if ((error as Error).name === 'AbortError') return new ModelError('aborted', 'The call was given up.');
  return new ModelError('server', `The model's answer broke off: ${(error as Error).message}`);
}

function causeOf(error: Error): string {
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
