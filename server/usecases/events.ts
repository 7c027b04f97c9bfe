import { grants, permissionToRead } from '#workflows/domain/access/permissions.ts';
import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import type * as contracts from '../contracts/events.ts';
import type * as history from '../contracts/history.ts';
import type { Query } from '../contracts/contract.ts';
import type { Actor, Call } from '../http/context.ts';
import { requireKept } from './kept-events.ts';

/** Leaves out the events that the caller may not read. */
export function readable(actor: Actor, events: EventEnvelope[]): EventEnvelope[] {
  if (actor.is_super_admin) return events;
  const permissions = new Map(actor.grants.map((grant) => [grant.organization_id, grant.permissions]));
  return events.filter((event) =>
    grants(permissions.get(event.organization_id) ?? [], permissionToRead(event.entity.kind)),
  );
}

export const newestEvent = async ({ services, organization_id }: Call) => ({
  newest: await services.store.events.newest(organization_id),
});

/** The events of one record that the caller may read, oldest first. */
export async function eventsOf(
  { services, organization_id, actor }: Call,
  entity: { kind: string; id: string },
  { limit, cursor = 0 }: Query<typeof history.taskTimeline>,
) {
  const filter = { entity_kinds: [entity.kind], entity_ids: [entity.id.toLowerCase()] };
  const rows = await services.store.events.after(organization_id, cursor, limit, filter);
  return { items: readable(actor, rows), next_cursor: rows.length === limit ? String(rows.at(-1)?.seq) : null };
}

/** The events that the caller may read. The cursor continues after all events of the page, also those left out. */
export async function listEvents(
  { services, organization_id, actor }: Call,
  query: Query<typeof contracts.listEvents>,
) {
  const { store } = services;
  const filter = {
    project_id: query.project_id,
    types: query.types?.split(','),
    entity_kinds: query.entity_kinds?.split(','),
    entity_ids: query.entity_ids?.split(','),
  };
  const after = query.cursor ?? query.after;
  if (!query.newest_first && after !== undefined) await requireKept(store, organization_id, after);
  const rows = query.newest_first
    ? await store.events.before(organization_id, query.cursor, query.limit, filter)
    : await store.events.after(organization_id, after ?? 0, query.limit, filter);
  return {
    items: readable(actor, rows),
    next_cursor: rows.length === query.limit ? String(rows.at(-1)?.seq) : null,
  };
}
