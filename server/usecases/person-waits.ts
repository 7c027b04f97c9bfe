import type { Ticket } from '#prisma/generated/client.ts';
import type { Call } from '../http/context.ts';
import { toTicketView } from './views.ts';

/** Why a run of a ticket waits for a person, by the id of the ticket. The record of a ticket does not know it. */
async function personWaits({ services, organization_id }: Call, tickets: Ticket[]): Promise<Map<string, string>> {
  const ticket_id = { in: tickets.map(({ id }) => id) };
  const runs = await services.store.runs.waitingForPerson(organization_id, { ticket_id });
  return new Map(runs.map((run) => [run.ticket_id ?? '', run.waiting_reason ?? 'A run waits for a person.']));
}

/** Tickets as callers see them, with the agents that work on each and their pull requests: a ticket with a run that waits for money or an answer needs a person, and says why. */
export async function viewTickets(call: Call, tickets: Ticket[]): Promise<ReturnType<typeof toTicketView>[]> {
  if (tickets.length === 0) return [];
  const { store } = call.services;
  const ids = tickets.map(({ id }) => id);
  const specs = [...new Set(tickets.flatMap(({ spec_id: id }) => (id ? [id] : [])))];
  const [waits, working, pulls] = await Promise.all([
    personWaits(call, tickets),
    store.runs.workingOn(call.organization_id, ids),
    store.pullRequests.newestOf(call.organization_id, ids, specs),
  ]);
  return tickets.map((ticket) => {
    const reason = waits.get(ticket.id);
    const view = {
      ...toTicketView(ticket),
      running_agents: working.get(ticket.id) ?? 0,
      pull_request: pulls.get(ticket.id) ?? pulls.get(ticket.spec_id ?? '') ?? null,
    };
    return reason === undefined ? view : { ...view, needs_review: true, last_error: reason };
  });
}

export async function viewTicket(call: Call, ticket: Ticket) {
  const [view = toTicketView(ticket)] = await viewTickets(call, [ticket]);
  return view;
}
