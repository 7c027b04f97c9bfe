import { tellRights } from '#activities/ports/bus.ts';
import type * as contracts from '../contracts/accounts.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { toPageView, toUserView } from './views.ts';

export async function listUsers({ services }: Call, query: Query<typeof contracts.listUsers>) {
  const { email, is_active: active, ...page } = query;
  const filter = { email, is_active: active === undefined ? undefined : active === 'true' };
  return toPageView(await services.store.identity.users(filter, page), toUserView);
}

/** Work that runs goes on: it belongs to the organization. */
export async function deactivateUser(call: Call, id: string, { reason }: Body<typeof contracts.deactivateUser>) {
  const { services, actor } = call;
  const { identity } = services.store;
  const user = await identity.setActive(id, false, { by: actor.user_id, reason });
  tellRights(services.bus, id);
  return { ...toUserView(user), last_owner_of: await identity.lastOwnerOf(id) };
}

export async function activateUser(call: Call, id: string, { reason }: Body<typeof contracts.activateUser>) {
  return toUserView(await call.services.store.identity.setActive(id, true, { by: call.actor.user_id, reason }));
}
