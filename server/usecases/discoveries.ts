import { requireEnabled } from '#activities/ports/is-enabled.ts';
import type * as contracts from '../contracts/discoveries.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { requirePhase } from './phases.ts';
import { notifyTicket, requireOpenTicket } from './tickets.ts';
import { anyOf, toDiscoveryView, toPageView } from './views.ts';

export async function reportDiscovery(call: Call, id: string, input: Body<typeof contracts.reportDiscovery>) {
  const { services, organization_id } = call;
  await requireEnabled(services, organization_id, 'discoveries');
  const task = await services.store.tasks.get(organization_id, id);
  if (input.phase) await requirePhase(call, task.project_id, input.phase);
  await requireOpenTicket(call, task.ticket_id);
  const embedded = await services.embeddings.embedOne(input.description, task);
  const {
    discovery,
    task: opened,
    duplicate_of: twin,
  } = await services.store.discoveries.record(
    {
      ...input,
      organization_id,
      source_task_id: id,
      embedded,
    },
    { caps: services.config.discovery, similarity: services.config.discovery.similarity },
  );
  if (opened)
    await notifyTicket(call, { id: task.ticket_id, project_id: task.project_id, spec_id: task.spec_id }, opened.id);
  return { discovery: toDiscoveryView(discovery), task_id: opened?.id ?? null, duplicate_of: twin?.id ?? null };
}

export const ticketDiscoveries = async (
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.ticketDiscoveries>,
) => toPageView(await services.store.discoveries.page(organization_id, { ticket_id: id }, page), toDiscoveryView);

export const listDiscoveries = async (
  { services, organization_id }: Call,
  { project_id, ticket_id, discovery_type, ...page }: Query<typeof contracts.listDiscoveries>,
) =>
  toPageView(
    await services.store.discoveries.page(
      organization_id,
      { project_id, ticket_id, discovery_type: anyOf(discovery_type) },
      page,
    ),
    toDiscoveryView,
  );

export const taskDiscoveries = async (
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.taskDiscoveries>,
) => toPageView(await services.store.discoveries.page(organization_id, { source_task_id: id }, page), toDiscoveryView);

export const resolveDiscovery = async (
  { services, organization_id, actor }: Call,
  id: string,
  status: 'resolved' | 'invalid',
) => toDiscoveryView(await services.store.discoveries.resolve(organization_id, id, status, actor.email));
