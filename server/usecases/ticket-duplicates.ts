import { took } from '#activities/ports/act-on-ticket.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { cancelUpdate, recheckSignal } from '#workflows/contracts/work.ts';
import type { Call } from '../http/context.ts';
import { viewTicket } from './person-waits.ts';
import { recheckTicket } from './tickets.ts';

/** Merges in the records first: a repeated call tells the workflows again and changes nothing else. */
export async function mergeTicket(call: Call, id: string, into: string) {
  const { services, organization_id, actor, newId } = call;
  const merge = { into, comment_id: newId('comment'), by: actor };
  const merged = await services.store.tickets.merge(organization_id, id, merge);
  const { ticket } = merged;
  const reason = `Merged into ${merged.into.key}`;
  await took(services, workflowId.ticket(id), cancelUpdate, { reason, actor: actor.email });
  for (const waiting of [...merged.waiting, into]) await recheckTicket(call, waiting);
  if (ticket.spec_id) await services.workflows.signalIfRunning(workflowId.spec(ticket.spec_id), recheckSignal, {});
  return viewTicket(call, ticket);
}

export async function previewMerge(call: Call, id: string, into: string) {
  const { services, organization_id, actor, newId } = call;
  const merge = { into, comment_id: newId('comment'), by: actor };
  const seen = await services.store.tickets.previewMerge(organization_id, id, merge);
  return { ...seen, into: await viewTicket(call, seen.into) };
}

export async function linkDuplicate(call: Call, id: string, of: string | null) {
  const { services, organization_id, actor } = call;
  return viewTicket(call, await services.store.tickets.linkDuplicate(organization_id, id, of, actor.email));
}
