import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { AppError } from '#workflows/domain/errors.ts';

const away = () =>
  new AppError('unavailable', 'Temporal does not answer. Nothing was changed; see omoios doctor.', undefined, 5);
const gone = (id: string) => new AppError('conflict', `${id} is not running: it has ended, or never started.`);

/** Translates an error: to `conflict` (not running, or refused), `invalid_body` or `unavailable`. */
export function translate(error: unknown, id: string): unknown {
  if (error instanceof WorkflowNotFoundError) return gone(id);
  if (error instanceof WorkflowUpdateFailedError) {
    const cause = error.cause;
    const type = cause instanceof ApplicationFailure ? cause.type : undefined;
    if (type === 'invalid_body') return new AppError('invalid_body', (cause as Error).message);
    return new AppError('conflict', cause?.message ?? error.message);
  }
  // The answer of the server is within the error of an update.
  const wrapped = error instanceof ServiceError || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError;
  const said = wrapped && error.cause ? error.cause : error;
  if (isGrpcServiceError(said)) {
    if (said.code === 5) return gone(id);
    if (said.code === 9 && /completed|closed/i.test(said.message)) return gone(id);
    if ([1, 4, 8, 14].includes(said.code)) return away();
  }
  if (
    said instanceof Error &&
    /workflow execution already completed|AcceptedUpdateCompletedWorkflow/i.test(said.message)
  )
    return gone(id);
  return error;
}
