import type { ModelSettings } from '#workflows/domain/agent/models.ts';
import { ModelError, type ModelHooks } from '../../ports/model.ts';
import type { ProxyVariables } from './proxy.ts';

/** The settings that every wire has. */
export interface WireOptions {
  /** Seconds without a byte after which a call counts as hung. A ping is a sign of life. */
  idle_timeout: number;
  /** Seconds in which the answer must begin. */
  call_timeout: number;
  provider: string;
  scripted: boolean;
  models?: ModelSettings;
  /** Source of HTTPS_PROXY, HTTP_PROXY and NO_PROXY; absent: no proxy. */
  environment?: ProxyVariables;
  /** Calls an address that a person set, without a proxy. Absent: Node's own. */
  fetch?: typeof fetch;
}

/** What a streamed call needs from its watch. */
export interface CallWatch {
  signal: AbortSignal;
  fetch: typeof fetch;
  /** The client ends its stream silently when a call is given up. @throws ModelError where the call was given up. */
  check(): void;
}

/**
 * Makes one streamed call, and gives it up after so many seconds without a byte, or when the caller does.
 * @param toError the kind of an error of the client.
 * @throws ModelError
 */
export async function watchedCall<T>(
  { idle_timeout: idleSeconds, fetch: send = fetch }: Pick<WireOptions, 'idle_timeout' | 'fetch'>,
  { signal }: Pick<ModelHooks, 'signal'>,
  call: (watch: CallWatch) => Promise<T>,
  toError: (error: unknown) => ModelError,
): Promise<T> {
  const abort = new AbortController();
  let hung = false;
  let idle: NodeJS.Timeout | undefined;
  const alive = () => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      hung = true;
      abort.abort();
    }, idleSeconds * 1000);
  };
  const silent = () => new ModelError('timeout', `The model sent nothing for ${idleSeconds} s.`);
  const check = () => {
    if (hung) throw silent();
    if (signal?.aborted) throw new ModelError('aborted', 'The call was given up.');
  };
  const onAbort = () => abort.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) abort.abort();
  try {
    alive();
    return await call({ signal: abort.signal, fetch: watchedFetch(send, alive), check });
  } catch (error) {
    const failure = toError(error);
    throw hung ? silent() : failure;
  } finally {
    clearTimeout(idle);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Fetches, and reports each byte of the answer. The client itself hides pings, so its events show no sign of life. */
function watchedFetch(send: typeof fetch, alive: () => void): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init);
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
