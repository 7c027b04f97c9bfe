import pRetry from 'p-retry';
import { AppError } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';

/** Milliseconds in which the workflow of a run starts after its row, unless the run waits for a slot. */
const startsWithinMs = 5000;

/**
 * Reaches the workflow of a run. A run is shown from the moment when its row is there; its workflow starts a little later,
 * and is waited for.
 * @throws conflict for a run that has ended, or that has not started in time.
 */
export async function reachRun<T>(
  { services, organization_id }: Call,
  id: string,
  reach: () => Promise<T>,
): Promise<T> {
  const isStarting = async () => {
    const { started_at, ended_at } = await services.store.runs.get(organization_id, id);
    return started_at === null && ended_at === null;
  };
  const isAway = (error: unknown) => error instanceof AppError && error.code === 'conflict';
  try {
    return await pRetry(reach, {
      retries: Infinity,
      minTimeout: 50,
      maxTimeout: 500,
      maxRetryTime: startsWithinMs,
      shouldRetry: async ({ error }) => isAway(error) && (await isStarting()),
    });
  } catch (error) {
    if (!isAway(error) || !(await isStarting())) throw error;
    throw new AppError('conflict', 'The run has not started yet: it waits for a slot. Try again when it runs.');
  }
}
