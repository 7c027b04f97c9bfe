import { condition } from '@temporalio/workflow';
import { records } from '../support/activities.ts';
import { throwIfCancelled, wasCancelled } from '../support/failure.ts';
import type { TicketRun } from './run.ts';

/** The first look after one that found a block, as part of the limit, and the longest wait until the next, in seconds. */
const firstPart = 6;
const longestWait = 21_600;

/**
 * Looks for what blocks a ticket, each time so long has passed without progress (PLAN-24). What is blocked is looked at
 * again when the ticket goes on, and else more and more rarely, so that a ticket that waits for weeks has a short history.
 */
export async function watchBlocking(ticket: TicketRun, limitSeconds: number): Promise<void> {
  let [wait, again] = [limitSeconds, limitSeconds / firstPart];
  let blocked = false;
  try {
    for (;;) {
      const seen = ticket.wakes;
      await condition(() => blocked && ticket.wakes !== seen, wait * 1000);
      // Where it cannot be recorded, the next look will do it.
      const found = await records
        .findBlocking({ ...ticket.ref, after_seconds: limitSeconds })
        .catch((error: unknown) => throwIfCancelled(error));
      blocked = Boolean(found?.blockage);
      const left = found ? limitSeconds - found.idle_seconds : 0;
      [wait, again] = left > 0 ? [left, limitSeconds / firstPart] : [again, Math.min(again * 2, longestWait)];
    }
  } catch (error) {
    if (!wasCancelled(error)) throw error;
  }
}
