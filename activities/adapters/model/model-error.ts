import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import { ModelError, type ModelErrorKind } from '../../ports/model.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';

const kindOfType: Record<string, ModelErrorKind> = {
  rate_limit_error: 'rate_limited',
  overloaded_error: 'overloaded',
  api_error: 'server',
  timeout_error: 'server',
  authentication_error: 'auth',
  permission_error: 'auth',
  billing_error: 'billing',
  request_too_large: 'too_large',
  not_found_error: 'settings',
  invalid_request_error: 'invalid',
};

export function kindOfStatus(status: number): ModelErrorKind {
  if (status === 429) return 'rate_limited';
  if (status === 529 || status === 503) return 'overloaded';
  if (status === 402) return 'billing';
  if (status === 401 || status === 403) return 'auth';
  if (status === 404) return 'settings';
  if (status === 413) return 'too_large';
  return status >= 500 || status === 408 || status === 409 ? 'server' : 'invalid';
}

/** The kind of an error by its text: providers answer 400 in some cases where the request is valid. */
function kindOfWords(message: string): ModelErrorKind | undefined {
  if (tooLarge.test(message)) return 'too_large';
  if (isRefusedThinking(message)) return 'thinking';
  if (/could not process image|image dimensions exceed|image exceeds|too many images/i.test(message)) return 'image';
  return /credit balance|usage limits?\b|spend(?:ing)? limit|on hold|on_hold/i.test(message) ? 'billing' : undefined;
}

/** Services on this interface name the limit of the context differently. */
export const tooLarge =
  /(?:prompt|input|request|conversation) (?:is|was) too (?:long|large)|(?:context|input)[ _-]*(?:window|length|size)|maximum context|too many (?:input |prompt )?tokens|exceeds? .*\b(?:context|input tokens|token limit)|reduce the length/i;

/** A signature that does not match the request: after a changed message, or of another account. */
const isRefusedThinking = (message: string) =>
  /bound to a different conversation|signature`? in `?thinking|thinking`?.* blocks? .*cannot be modified/i.test(
    message,
  );

/** Seconds the provider asks to wait: `retry-after-ms`, or `retry-after` as seconds or a date. */
export function retryAfterSeconds(headers: Headers | undefined, now = Date.now()): number | undefined {
  const ms = Number(headers?.get('retry-after-ms') ?? NaN);
  if (Number.isFinite(ms)) return ms / 1000;
  const value = headers?.get('retry-after');
  if (!value) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1000);
}

export function toModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIUserAbortError) return new ModelError('aborted', 'The call was given up.');
  if (error instanceof APIConnectionTimeoutError) return new ModelError('timeout', 'The model did not answer in time.');
  if (error instanceof APIConnectionError) return connectionError(error);
  if (error instanceof APIError) {
    const detail = (error.error as { error?: { type?: string; message?: string } } | undefined)?.error;
    const message = detail?.message ?? error.message;
    const retryAfter = retryAfterSeconds(error.headers);
    const kind =
      (error.status === 400 ? kindOfWords(message) : undefined) ??
      // A provider that limits the rate says when to come back. Without that, a monthly limit is reached.
      (error.status === 429 && retryAfter === undefined ? 'billing' : undefined) ??
      (error.status ? kindOfStatus(error.status) : kindOfType[detail?.type ?? '']) ??
      'server';
    return new ModelError(
      kind,
      `The model's provider answers ${error.status ?? detail?.type ?? 'an error'}: ${cutStart(message, 500)}`,
      retryAfter,
    );
  }
  return brokenOff(error);
}

/** An error that is none of the client's own: the connection ended, or the call was given up. */
export function brokenOff(error: unknown): ModelError {
  const { name, message = 'unknown' } = (error ?? {}) as Partial<Error>;
  if (name === 'AbortError') return new ModelError('aborted', 'The call was given up.');
  return new ModelError('server', `The model's answer broke off: ${message}`);
}

export function connectionError(error: Error): ModelError {
  const cause = error.cause as { code?: string; message?: string } | undefined;
  // Our own refusal of an address that a person set: only another address helps.
  if (cause instanceof AppError) return new ModelError('settings', cause.message);
  return new ModelError('server', `The model cannot be reached: ${cause?.code ?? cause?.message ?? error.message}.`);
}
