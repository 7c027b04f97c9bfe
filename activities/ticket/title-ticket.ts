import { Context } from '@temporalio/activity';
import { issueOf } from '../ports/issue-of.ts';
import type { Services } from '../ports/services.ts';
import { askTitle } from '../support/ask-title.ts';

/**
 * Gives a long request a short title. The request does not change; after a failure the title does not either.
 * An issue of the code host has a title.
 */
export function createTitleTicket(services: Services) {
  const { store } = services;
  return async function titleTicket(input: { organization_id: string; ticket_id: string }): Promise<void> {
    const signal = Context.current().cancellationSignal;
    const ticket = await store.tickets.get(input.organization_id, input.ticket_id);
    if (issueOf(ticket)) return;
    const { id, title: before, description, organization_id, project_id } = ticket;
    const scope = { organization_id, project_id, ticket_id: id };
    const context = { ticket_id: id };
    const answer = await askTitle(services, { kind: 'ticket', id, title: before, description, context, scope }, signal);
    if (!answer.available) return;
    const { title } = answer.value;
    for (const task of await store.tasks.ofTicket(id)) {
      await store.tasks.rename(organization_id, task.id, { title, from: before, by: 'platform' });
    }
    // Last: a retry finds the tasks to rename by the ticket's old title.
    await store.tickets.patch(organization_id, id, { title });
  };
}
