import { workflowId } from '#workflows/contracts/ids.ts';
import { recheckSignal } from '#workflows/contracts/work.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Services } from './services.ts';

/** Signals other tickets whose tasks wait for this one. A ticket that does not run checks them when it starts. */
export async function signalWaitingTickets(
  { store, workflows }: Pick<Services, 'store' | 'workflows'>,
  task: Task,
): Promise<void> {
  for (const ticketId of await store.tasks.ticketsWaitingFor(task))
    await workflows.signalIfRunning(workflowId.ticket(ticketId), recheckSignal, {});
}
