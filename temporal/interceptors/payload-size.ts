import { ApplicationFailure } from '@temporalio/common';

/** Most characters of JSON in a payload. Longer values belong in the store, and only their ids are passed. */
const maxPayload = 64_000;

/**
 * @throws ApplicationFailure `payload_too_large`, not retryable, when the value's JSON exceeds `maxPayload` characters.
 */
export function checkSize(what: string, value: unknown): void {
  const length = JSON.stringify(value)?.length ?? 0;
  if (length > maxPayload)
    throw ApplicationFailure.nonRetryable(
      `${what} is ${length} characters long; at most ${maxPayload} may go through a workflow. Store it and pass its id.`,
      'payload_too_large',
    );
}
