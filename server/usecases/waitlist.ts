import { notFound } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/auth.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { toPageView, toUserView } from './views.ts';

export async function listWaitlist({ services }: Call, query: Query<typeof contracts.waitlist>) {
  const { status_filter: status, ...page } = query;
  return toPageView(await services.store.identity.waitlist(status, page), toUserView);
}

async function approved({ services, actor }: Call, id?: string): Promise<number> {
  const { identity } = services.store;
  const accounts = await identity.approve(id);
  for (const { id: userId, email } of accounts)
    await identity.audit('waitlist_approved', { user_id: userId, email }, { by: actor.user_id });
  return accounts.length;
}

/** Approves an account. One that is approved stays as it is. */
export async function approve(call: Call, id: string) {
  await approved(call, id);
  const user = await call.services.store.identity.userById(id);
  if (!user) throw notFound('user');
  return toUserView(user);
}

export const approveAll = async (call: Call) => ({ approved: await approved(call) });
