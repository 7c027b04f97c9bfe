import { grants } from '#workflows/domain/access/permissions.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { requireMoney, requireWorkable } from './require-workable.ts';
import type { Services } from './services.ts';

interface Account {
  provider: string;
  /** The lasting id that the code host gave it. */
  id: string;
  login: string;
}

interface PullPlace {
  id: string;
  project_id: string;
  organization_id: string;
}

const refusals: string[] = ['forbidden', 'conflict', 'budget_exceeded', 'payment_required', 'invalid_rule'];

export interface Member {
  id: string;
  email: string;
  is_verified: boolean;
}

/**
 * The member of an organization who has an account at a code host, and a right in the organization.
 * @param at ISO time of their words: an account that was connected later gives no order with them.
 * @returns else why they may not act; `linked`: they are a member, without the right.
 */
export async function hostMember(
  { store: { identity } }: Pick<Services, 'store'>,
  organizationId: string,
  { provider, id, login }: Account,
  permission: string,
  at?: string,
): Promise<{ user: Member } | { refusal: string; linked: boolean }> {
  const account = await identity.oauthAccount(provider, id);
  const user = account?.user;
  const unlinked = `${login} is not the ${provider} account of a member. A member connects theirs in their settings.`;
  if (!account || !user?.is_active || user.waitlist_status === 'pending') return { refusal: unlinked, linked: false };
  const grant = (await identity.grantsOf(user.id)).find((one) => one.organization_id === organizationId);
  if (!grant) return { refusal: unlinked, linked: false };
  if (at !== undefined && account.created_at > new Date(at))
    return { refusal: `${login} connected their account later. Write it again.`, linked: true };
  if (!grants(grant.permissions, permission))
    return { refusal: `${login} may not change work here: their role lacks ${permission}.`, linked: true };
  return { user };
}

/**
 * Why an account at a code host may not start work on a pull request; undefined for one that is linked to a member who may do
 * so in the app.
 * @param at ISO time of their words.
 */
export async function hostRefusal(
  services: Services,
  pull: PullPlace,
  account: Account,
  at: string | undefined,
): Promise<string | undefined> {
  const member = await hostMember(services, pull.organization_id, account, 'project:write', at);
  return 'refusal' in member ? member.refusal : workRefusal(services, pull, member.user);
}

/** Why work on a pull request may not start by itself, in the name of the person who started it; undefined: it may. */
export async function starterRefusal(
  services: Services,
  pull: PullPlace & { spec_id: string | null; ticket_id: string | null },
) {
  const { specs, tickets, identity } = services.store;
  const { organization_id: organization, spec_id: spec, ticket_id: ticket } = pull;
  const begun = spec ? await specs.get(organization, spec) : ticket ? await tickets.get(organization, ticket) : null;
  const user = begun?.user_id ? await identity.userById(begun.user_id) : null;
  return user ? workRefusal(services, pull, user) : 'The person who started this work is gone.';
}

/** Why a member may not start work on a pull request now: the organization, the project, or money. */
export const workRefusal = (services: Services, pull: PullPlace, user: Member): Promise<string | undefined> =>
  refusalOf(async () => {
    const call = { services, organization_id: pull.organization_id, actor: { ...user, user_id: user.id } };
    await requireWorkable(call, pull.project_id);
    const work = await services.store.scopes.workOf('pull_request', pull.id);
    if (work) await requireMoney(call, work);
  });

/** The reason of an act that is refused; undefined for one that is done. */
export async function refusalOf(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof AppError && refusals.includes(error.code)) return error.message;
    throw error;
  }
}
