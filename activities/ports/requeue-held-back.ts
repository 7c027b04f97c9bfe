import type { Services } from './services.ts';
import { wakeQueues } from './wake-queues.ts';

/** Lets the queues of an organization look again at tasks that got no slot, since what held them back may be gone. */
export async function requeueHeldBack(
  services: Pick<Services, 'store' | 'workflows'>,
  organizationId: string,
): Promise<void> {
  await wakeQueues(services, await services.store.slots.projectsHeldBack(organizationId));
}
