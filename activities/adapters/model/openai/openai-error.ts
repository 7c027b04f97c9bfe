import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'openai';
import { cutStart } from '#workflows/domain/text.ts';
import { ModelError, type ModelErrorKind } from '../../../ports/model.ts';
import { brokenOff, connectionError, kindOfStatus, retryAfterSeconds, tooLarge } from '../model-error.ts';

/** Codes that say more than the status of their answer. docs/openai-wire.md, section 7. */
const kindOfCode: Record<string, ModelErrorKind> = {
  insufficient_quota: 'billing',
  credit_balance_exhausted: 'billing',
  organization_spend_limit_exceeded: 'billing',
  project_spend_limit_exceeded: 'billing',
  organization_usage_limit_exceeded: 'billing',
  billing_hard_limit_reached: 'billing',
  billing_not_active: 'billing',
  rate_limit_exceeded: 'rate_limited',
  slow_down: 'rate_limited',
  server_is_overloaded: 'overloaded',
  server_error: 'server',
  vector_store_timeout: 'server',
  invalid_api_key: 'auth',
  model_not_found: 'settings',
  context_length_exceeded: 'too_large',
  invalid_encrypted_content: 'thinking',
};

/** The provider refuses to answer, as it also does with a part of an answer. */
const refusals = ['invalid_prompt', 'content_filter', 'content_policy_violation', 'cyber_policy', 'bio_policy'];
export const isRefusalCode = (code: string | null | undefined): boolean =>
  typeof code === 'string' && (refusals.includes(code) || code.endsWith('_policy_violation'));

/** Reasoning that cannot be sent back: alone, unknown to the provider, or encrypted for another organization. */
const refusedReasoning =
  /encrypted content .*could not be (?:verified|decrypted)|of type 'reasoning' was provided without|Items? with id 'rs_/i;
/** Organizations that are not verified get no summaries. */
const refusedSummary = /verified to (?:generate|use|stream) .*reasoning summar/i;
/** "Please try again in 1.5s", "in 20ms", "in 6m0s": some answers have no header. */
const tryAgain = /try again in (?:(\d+)m(?!s))?(?:([\d.]+)(ms|s))?/i;

function secondsIn(message: string): number | undefined {
  const [, minutes, amount, unit] = tryAgain.exec(message) ?? [];
  if (!minutes && !amount) return undefined;
  return Number(minutes ?? 0) * 60 + Number(amount ?? 0) / (unit === 'ms' ? 1000 : 1);
}

function kindOf(status: number | undefined, codes: unknown[], message: string): ModelErrorKind {
  const known = codes.flatMap((code) => (typeof code === 'string' && kindOfCode[code] ? [kindOfCode[code]] : []))[0];
  if (known) return known;
  if (refusedReasoning.test(message)) return 'thinking';
  if ((status === undefined || status === 400) && tooLarge.test(message)) return 'too_large';
  return status ? kindOfStatus(status) : 'server';
}

/** An error that came as an event, after the answer had begun. */
export const errorOfCode = (code: string | null | undefined, message: string): ModelError =>
  new ModelError(
    kindOf(undefined, [code], message),
    `The model's provider answers ${code ?? 'an error'}: ${cutStart(message, 500)}`,
    secondsIn(message),
  );

export const isRefusedSummary = (error: unknown): boolean =>
  error instanceof APIError && error.status === 400 && refusedSummary.test(error.message);

export function toModelError(error: unknown): ModelError {
  if (error instanceof ModelError) return error;
  if (error instanceof APIUserAbortError) return new ModelError('aborted', 'The call was given up.');
  if (error instanceof APIConnectionTimeoutError) return new ModelError('timeout', 'The model did not answer in time.');
  if (error instanceof APIConnectionError) return connectionError(error);
  if (error instanceof APIError) {
    const { status, code, type, message, headers } = error;
    const after = retryAfterSeconds(headers) ?? secondsIn(message);
    return new ModelError(
      kindOf(status, [code, type], message),
      `The model's provider answers ${status ?? code ?? 'an error'}: ${cutStart(message.replace(/^\d{3} /, ''), 500)}`,
      after,
    );
  }
  return brokenOff(error);
}
