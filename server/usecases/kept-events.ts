import type { Store } from '#activities/ports/store.ts';
import { AppError } from '#workflows/domain/errors.ts';

/** @throws gone, with the number of the oldest event, when events after `after` are no longer kept. */
export async function requireKept(store: Pick<Store, 'events'>, organizationId: string, after: number): Promise<void> {
  const oldest = await store.events.oldest(organizationId);
  if (after + 1 < oldest)
    throw new AppError(
      'gone',
      `after: events up to ${oldest - 1} are no longer kept. Read the present state, then continue after ${oldest - 1}.`,
      { oldest },
    );
}

/** @throws gone, with the number that comes next, when no event has had a number as high as `after`: they began again. */
export async function requireReached(
  store: Pick<Store, 'events'>,
  organizationId: string,
  after: number,
): Promise<void> {
  const newest = await store.events.newest(organizationId);
  if (after > newest)
    throw new AppError(
      'gone',
      `after: the newest event is ${newest}, so the numbers began again. Read the present state, then continue after ${newest}.`,
      { oldest: newest + 1 },
    );
}
