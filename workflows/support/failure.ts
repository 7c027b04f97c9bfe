import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TemporalFailure,
} from '@temporalio/workflow';

/** The innermost reason of a failed step: `reason` is its error type, `message` is a sentence for a person. */
export function failureOf(error: unknown): { reason: string; message: string } {
  let inner: unknown = error;
  while ((inner instanceof ActivityFailure || inner instanceof ChildWorkflowFailure) && inner.cause)
    inner = inner.cause;
  if (inner instanceof ApplicationFailure) return { reason: inner.type ?? 'failed', message: inner.message };
  if (inner instanceof TemporalFailure) return { reason: inner.name, message: inner.message };
  return { reason: 'failed', message: inner instanceof Error ? inner.message : String(inner) };
}

/** A sentence about a failed step: its name and the innermost reason. */
export function stepFailure(error: unknown): string {
  const { message } = failureOf(error);
  const ended = /[.!?]$/.test(message.trim()) ? message.trim() : `${message.trim()}.`;
  return error instanceof ActivityFailure ? `The step ${error.activityType} failed: ${ended}` : ended;
}

/**
 * Whether a step ended because it was cancelled. When its worker died meanwhile, the step fails with a timeout instead
 * of a cancellation, and the server gives CANCEL_REQUESTED as the reason why it does not retry.
 */
export function wasCancelled(error: unknown): boolean {
  return isCancellation(error) || (error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED');
}

/** For a step whose failure has no consequence: only the cancellation of the work continues. */
export function throwIfCancelled(error: unknown): void {
  if (wasCancelled(error)) throw error;
}
