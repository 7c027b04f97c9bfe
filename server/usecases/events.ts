import type * as contracts from '../contracts/events.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';

export const newestEvent = async ({ services, organization_id }: Call) => ({
  newest: await services.store.events.newest(organization_id),
});

export async function listEvents({ services, organization_id }: Call, query: Query<typeof contracts.listEvents>) {
  const items = await services.store.events.after(organization_id, query.after, query.limit, {
    types: query.types?.split(','),
    entity_ids: query.entity_ids?.split(','),
  });
  return { items, next_cursor: items.length === query.limit ? String(items.at(-1)?.seq) : null };
}
