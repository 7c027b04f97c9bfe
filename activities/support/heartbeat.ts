import { CancelledFailure, Context } from '@temporalio/activity';

/**
 * Runs long work with a heartbeat, so that a dead worker is noticed within seconds and a cancellation arrives.
 * @param everyMs well under the activity's heartbeat timeout.
 */
export async function withHeartbeat<T>(everyMs: number, work: (signal: AbortSignal, say: (detail: unknown) => void) => Promise<T>): Promise<T> {
  const context = Context.current();
  let detail: unknown;
  const beat = setInterval(() => context.heartbeat(detail), everyMs);
  try {
    return await work(context.cancellationSignal, (said) => {
      detail = said;
    });
  } finally {
    clearInterval(beat);
  }
}

/** Ends the activity as cancelled when it was asked to end; a worker that shuts down hands it to another one. */
export function throwIfCancelled(): void {
  if (Context.current().cancellationSignal.aborted) throw new CancelledFailure('cancelled');
}
