import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

/**
 * Waits for the end of a workflow, in whatever way it ends.
 * @returns false when it has not ended after these seconds, or the signal was aborted; with 0 at once.
 */
export async function waitForEnd(client: Client, id: string, seconds: number, signal?: AbortSignal): Promise<boolean> {
  if (seconds === 0) return false;
  const ended = client.workflow
    .getHandle(id)
    .result()
    .then(
      () => true,
      () => true,
    );
  return Promise.race([ended, sleep(seconds * 1000, false, { ref: false, signal }).catch(() => false)]);
}
