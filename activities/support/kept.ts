import pRetry from 'p-retry';
import { AppError } from '#workflows/domain/errors.ts';

/** Milliseconds for which a write is tried again. What it would have kept is done anew after that. */
const patienceMs = 600_000;

/**
 * Writes what has been paid for or done, and tries again while the database is away. The write must know itself again
 * where it was stored and its answer was lost.
 * @param left aborted when another worker continues: a write that has failed is not tried again.
 * @throws the last error of the write.
 */
export const kept = <T>(write: () => Promise<T>, left?: AbortSignal): Promise<T> =>
  pRetry(write, {
    retries: Infinity,
    minTimeout: 100,
    maxTimeout: 2000,
    maxRetryTime: patienceMs,
    randomize: true,
    shouldRetry: ({ error }) => !left?.aborted && error instanceof AppError && error.code === 'unavailable',
  });
