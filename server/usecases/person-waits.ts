import type { Ticket } from '#prisma/generated/client.ts';
import type { Call } from '../http/context.ts';
import { toTicketView } from './views.ts';

/** Why a run of a ticket waits for a person, by the id of the ticket. The record of a ticket does not know it. */
async function personWaits({ services, organization_id }: Call, tickets: Ticket[]): Promise<Map<string, string>> {
  if (tickets.length === 0) return new Map();
  const ticket_id = { in: tickets.map(({ id }) => id) };
  const runs = await services.store.runs.waitingForPerson(organization_id, { ticket_id });
  return new Map(runs.map((run) => [run.ticket_id ?? '', run.waiting_reason ?? 'A run waits for a person.']));
}

/** Tickets as callers see them, with the agents that work on each: a ticket with a run that waits for money or an answer needs a person, and says why. */
export async function viewTickets(call: Call, tickets: Ticket[]): Promise<ReturnType<typeof toTicketView>[]> {
  const waits = await personWaits(call, tickets);
  const ids = tickets.map(({ id }) => id);
  const working = await call.services.store.runs.workingOn(call.organization_id, ids);
  return tickets.map((ticket) => {
    const reason = waits.get(ticket.id);
    const view = { ...toTicketView(ticket), running_agents: working.get(ticket.id) ?? 0 };
    return reason === undefined ? view : { ...view, needs_review: true, last_error: reason };
  });
}

export async function viewTicket(call: Call, ticket: Ticket) {
  const [view = toTicketView(ticket)] = await viewTickets(call, [ticket]);
  return view;
}
