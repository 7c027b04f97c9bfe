import { setTimeout } from 'node:timers/promises';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type WorkflowClientInterceptor } from '@temporalio/client';

/**
 * Retries of requests that have failed by themselves. An update that the server lost with its workflow task changed nothing,
 * so it is sent again under the same id.
 */
export function retryRequests() {
  const usual = defaultGrpcRetryOptions();
  const lost = (attempt: number, details: string) =>
    attempt < 10 && details.includes('unexpected workflow task failure');
  return makeGrpcRetryInterceptor({
    ...usual,
    retryableDecider: (attempt, status) => usual.retryableDecider(attempt, status) || lost(attempt, status.details),
  });
}

const tries = 8;
const pauseMs = 100;

/**
 * Whether the server takes no update now, because the workflow tries to end while messages come. It has not taken this one.
 */
const isEnding = (error: unknown): boolean =>
  error instanceof Error && (/Workflow Task in failed state/i.test(error.message) || isEnding(error.cause));

async function whileEnding<T>(send: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await send();
    } catch (error) {
      if (count === tries || !isEnding(error)) throw error;
      await setTimeout(pauseMs * count);
    }
  }
}

/** Sends an update again that came while its workflow was ending. Details of an update with a start are not in the status. */
export const retryUpdates: WorkflowClientInterceptor = {
  startUpdate: (input, next) => whileEnding(() => next(input)),
  startUpdateWithStart: (input, next) => whileEnding(() => next(input)),
};
