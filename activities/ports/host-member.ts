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

const refusals: string[] = ['forbidden', 'conflict', 'budget_exceeded'];

/**
 * Why an account at a code host may not start work on a pull request; undefined for one that is linked to a member who may do
 * so in the app.
 */
export async function hostRefusal(
  services: Services,
  pull: PullPlace,
  { provider, id, login }: Account,
): Promise<string | undefined> {
  const { identity } = services.store;
  const user = (await identity.oauthAccount(provider, id))?.user;
  if (!user?.is_active || user.waitlist_status === 'pending')
    return `${login} is not the ${provider} account of a member. A member connects theirs in their settings.`;
  const all = await identity.grantsOf(user.id);
  const grant = all.find(({ organization_id: organization }) => organization === pull.organization_id);
  if (!grant || !grants(grant.permissions, 'project:write'))
    return `${login} may not change work here: their role lacks project:write.`;
  return refusalOf(services, pull, user);
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
  return user ? refusalOf(services, pull, user) : 'The person who started this work is gone.';
}

async function refusalOf(
  services: Services,
  pull: PullPlace,
  user: { id: string; email: string; is_verified: boolean },
): Promise<string | undefined> {
  try {
    const call = { services, organization_id: pull.organization_id, actor: { ...user, user_id: user.id } };
    await requireWorkable(call, pull.project_id);
    const work = await services.store.scopes.workOf('pull_request', pull.id);
    if (work) await requireMoney(call, work);
    return undefined;
  } catch (error) {
    if (error instanceof AppError && refusals.includes(error.code)) return error.message;
    throw error;
  }
}
