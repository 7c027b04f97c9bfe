import { Context } from '@temporalio/activity';
import { z } from 'zod';
import { asData } from '#workflows/domain/agent/untrusted.ts';
import { askForValue } from '../support/ask-for-value.ts';
import { issueOf } from '../ports/issue-of.ts';
import type { Services } from '../ports/services.ts';
import { cutStart } from '#workflows/domain/text.ts';

const titleSchema = z.object({ title: z.string().trim().min(3).max(100) });

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
    const answer = await askForValue(
      services,
      {
        key: `title:${ticket.id}`,
        subject: ticket.id,
        context: { kind: 'title', ticket_id: ticket.id, title: ticket.title },
        model: services.config.model.small_name,
        system:
          'You give a ticket of a software project a title: what is to be done, in the imperative, at most 60 characters, no full stop.',
        prompt: asData('request', cutStart(ticket.description, 3000)),
        tool: { name: 'give_title', description: 'The title.' },
        schema: titleSchema,
        scope: { organization_id: ticket.organization_id, project_id: ticket.project_id, ticket_id: ticket.id },
      },
      signal,
    );
    if (!answer.available) return;
    for (const task of await store.tasks.ofTicket(ticket.id)) {
      if (task.title === ticket.title)
        await store.tasks.patch(ticket.organization_id, task.id, { title: answer.value.title });
    }
    // Last: a retry finds the tasks to rename by the ticket's old title.
    await store.tickets.patch(ticket.organization_id, ticket.id, { title: answer.value.title });
  };
}
