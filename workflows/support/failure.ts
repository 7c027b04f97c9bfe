import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TemporalFailure,
} from '@temporalio/workflow';

/** The innermost reason of a failed step, as {reason: its type, message: for a person}. */
export function failureOf(error: unknown): { reason: string; message: string } {
  let inner: unknown = error;
  while ((inner instanceof ActivityFailure || inner instanceof ChildWorkflowFailure) && inner.cause)
    inner = inner.cause;
  if (inner instanceof ApplicationFailure) return { reason: inner.type ?? 'failed', message: inner.message };
  if (inner instanceof TemporalFailure) return { reason: inner.name, message: inner.message };
  return { reason: 'failed', message: inner instanceof Error ? inner.message : String(inner) };
}

/**
 * Whether a step ended because it was to be cancelled. A step whose worker died meanwhile answers with its timeout
 * instead of a cancellation: the server then tries no more and says that as the reason.
 */
export function wasCancelled(error: unknown): boolean {
  return isCancellation(error) || (error instanceof ActivityFailure && error.retryState === 'CANCEL_REQUESTED');
}
