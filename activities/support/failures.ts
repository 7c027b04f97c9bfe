import { ApplicationFailure } from '@temporalio/common';
import { AppError, errorTable } from '#workflows/domain/errors.ts';
import { RepositoryError } from '../ports/repositories.ts';
import { SandboxError } from '../ports/sandbox.ts';

/** Turns an error of an activity into a failure of the type that the workflow's retry rules name. */
export function toFailure(error: unknown): unknown {
  if (error instanceof AppError) {
    return ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: !errorTable[error.code].retryable,
      nextRetryDelay: error.retryAfter === undefined ? undefined : error.retryAfter * 1000,
      cause: error,
    });
  }
  if (error instanceof SandboxError)
    return ApplicationFailure.create({
      type: `sandbox_${error.code}`,
      message: error.message,
      nonRetryable: error.code !== 'disk_full',
      cause: error,
    });
  if (error instanceof RepositoryError)
    return ApplicationFailure.create({
      type: error.code,
      message: error.message,
      nonRetryable: error.code !== 'unreachable' && error.code !== 'git_failed',
      cause: error,
    });
  return error;
}
