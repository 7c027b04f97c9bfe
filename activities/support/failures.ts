import { Context } from '@temporalio/activity';
import { ApplicationFailure, TemporalFailure } from '@temporalio/common';
import { AppError } from '#workflows/domain/errors.ts';
import { isPassing, type PassingError } from '#workflows/domain/passing-errors.ts';
import { RepositoryError } from '../ports/repositories.ts';
import { SandboxError } from '../ports/sandbox.ts';
import { givenUp } from './heartbeat.ts';

/** Error codes of Node, its HTTP client and Prisma that say that a retry may succeed. */
const passingCodes: Record<string, PassingError> = {
  ECONNREFUSED: 'network',
  ECONNRESET: 'network',
  EPIPE: 'network',
  ETIMEDOUT: 'network',
  EAI_AGAIN: 'network',
  ENOTFOUND: 'network',
  EHOSTUNREACH: 'network',
  ENETUNREACH: 'network',
  UND_ERR_CONNECT_TIMEOUT: 'network',
  UND_ERR_HEADERS_TIMEOUT: 'network',
  UND_ERR_BODY_TIMEOUT: 'network',
  UND_ERR_SOCKET: 'network',
  ENOSPC: 'unavailable',
  EMFILE: 'system',
  ENFILE: 'system',
  ENOMEM: 'system',
  EAGAIN: 'system',
  EBUSY: 'system',
  ETXTBSY: 'system',
  P2034: 'conflicting',
  '40001': 'conflicting',
  '40P01': 'conflicting',
};

/** The type of an error that the system did not foresee: of its innermost known cause, or `unexpected`. */
function typeOf(error: unknown): string {
  for (let inner = error; typeof inner === 'object' && inner !== null;) {
    const { code, cause, meta }: { code?: unknown; cause?: unknown; meta?: { driverAdapterError?: unknown } } = inner;
    const known = typeof code === 'string' ? passingCodes[code] : undefined;
    if (known) return known;
    inner = cause ?? meta?.driverAdapterError;
  }
  return 'unexpected';
}

function failure(type: string, error: Error, retryAfter?: number): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: error.message,
    nonRetryable: !isPassing(type),
    nextRetryDelay: retryAfter === undefined ? undefined : retryAfter * 1000,
    cause: error,
  });
}

/**
 * Turns an error of an activity into a failure whose type says whether it can pass by itself (`passingErrors`). An error
 * that nobody foresaw cannot: repeating it would hang the work in silence.
 */
export function toFailure(error: unknown, context = Context.current()): unknown {
  if (error instanceof TemporalFailure) return error;
  // The worker ends: whatever went wrong with the activity under its hands, the next worker tries it again.
  if (context.cancellationSignal.aborted && !context.cancellationDetails?.cancelRequested)
    return givenUp('The step was left.', context);
  if (error instanceof AppError) return failure(error.code, error, error.retryAfter);
  if (error instanceof SandboxError) return failure(`sandbox_${error.code}`, error);
  if (error instanceof RepositoryError) return failure(error.code, error);
  return failure(typeOf(error), error instanceof Error ? error : new Error(String(error)));
}
