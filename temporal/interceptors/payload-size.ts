import { ApplicationFailure } from '@temporalio/common';

/** Characters of JSON: what is longer belongs in the store and travels by its id. */
const maxPayload = 64_000;

export function checkSize(what: string, value: unknown): void {
  const length = JSON.stringify(value)?.length ?? 0;
  if (length > maxPayload)
    throw ApplicationFailure.nonRetryable(
      `${what} is ${length} characters long; at most ${maxPayload} may go through a workflow. Store it and pass its id.`,
      'payload_too_large',
    );
}
