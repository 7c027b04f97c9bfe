import { wakeQueues } from '#activities/ports/wake-queues.ts';
import type { Call } from '../http/context.ts';
import { viewTicket } from './person-waits.ts';

export async function addTicketDependency(call: Call, id: string, dependsOn: string) {
  const { services, organization_id } = call;
  return viewTicket(
    call,
    await services.store.tickets.addDependency(organization_id, id.toLowerCase(), dependsOn.toLowerCase()),
  );
}

export async function removeTicketDependency(call: Call, id: string, dependency: string) {
  const { services, organization_id } = call;
  const ticket = await services.store.tickets.removeDependency(organization_id, id, dependency.toLowerCase());
  await wakeQueues(services, [ticket.project_id]);
  return viewTicket(call, ticket);
}
