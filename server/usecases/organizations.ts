import { pageLink } from '#activities/ports/page-link.ts';
import { sendMail } from '#activities/ports/send-mail.ts';
import { wakeQueues } from '#activities/ports/wake-queues.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type * as contracts from '../contracts/organizations.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import type { Who } from '#prisma/store/members.ts';
import { requireRights, rightsIn, tellRightsOf } from './roles.ts';
import { endSubscriptions } from './subscriptions.ts';
import { toOrganizationView, toPageView } from './views.ts';

export async function listOrganizations({ services, actor }: Call, query: Query<typeof contracts.listOrganizations>) {
  const { include_archived: archived, ...page } = query;
  const ids = actor.grants.map((grant) => grant.organization_id);
  return toPageView(await services.store.identity.organizations(ids, page, archived === 'true'), (organization) => ({
    ...toOrganizationView(organization),
    ...rightsIn(actor, organization.id),
    member_count: organization._count.memberships,
  }));
}

export async function createOrganization({ services, actor }: Call, input: Body<typeof contracts.createOrganization>) {
  if (actor.via === 'key')
    throw new AppError(
      'forbidden',
      'An API key belongs to one organization and cannot create another. Sign in instead.',
    );
  return toOrganizationView(await services.store.identity.createOrganization({ ...input, owner_id: actor.user_id }));
}

export const getOrganization = async ({ services, actor, organization_id }: Call) => ({
  ...toOrganizationView(await services.store.identity.organization(organization_id)),
  ...rightsIn(actor, organization_id),
});

export async function updateOrganization(
  { services, actor, organization_id }: Call,
  input: Body<typeof contracts.updateOrganization>,
) {
  const organization = await services.store.identity.updateOrganization(organization_id, input, actor.user_id);
  // A higher limit frees slots: the queues that wait for one get a signal.
  if (input.max_concurrent_agents !== undefined)
    await wakeQueues(services, await services.store.slots.next(organization_id, services.config.queue));
  return toOrganizationView(organization);
}

/** Nobody pays for an archived organization: its subscription ends with the period that is paid. */
export async function archiveOrganization({ services, actor, organization_id }: Call): Promise<undefined> {
  await endSubscriptions(services, organization_id);
  await services.store.identity.setArchived(organization_id, true, actor.user_id);
  // One that began meanwhile. Those that begin later are ended as Stripe tells of them.
  await endSubscriptions(services, organization_id);
}

export async function restoreOrganization({ services, actor, organization_id }: Call) {
  const restored = await services.store.identity.setArchived(organization_id, false, actor.user_id);
  await wakeQueues(services, await services.store.slots.projectsHeldBack(organization_id));
  return toOrganizationView(restored);
}

export async function listMembers({ services, organization_id }: Call, page: Query<typeof contracts.listMembers>) {
  return toPageView(await services.store.identity.members(organization_id, page), (m) => ({
    id: m.id,
    user_id: m.user_id,
    agent_id: m.agent_id,
    email: m.user?.email ?? null,
    full_name: m.user?.full_name ?? null,
    agent_name: m.agent?.name ?? null,
    is_active: m.user ? m.user.is_active : m.agent?.status !== 'terminated',
    role: m.role.name,
    role_id: m.role_id,
    created_at: m.created_at.toISOString(),
  }));
}

/**
 * Adds a person, who gets a mail, or an agent, whose key has the role from then on. The caller can only give a role whose
 * permissions they have themselves. Calls of the person that name no organization never mean this one.
 */
export async function addMember(call: Call, { user_id, agent_id, role_id }: Body<typeof contracts.addMember>) {
  const { services, actor, organization_id } = call;
  const { identity } = services.store;
  await requireRights(call, role_id);
  const add = async (who: Who) => identity.addMember(organization_id, who, role_id, actor.user_id);
  if (agent_id) return { id: (await add({ agent_id })).id };
  const user = user_id ? await identity.userById(user_id) : null;
  if (!user) throw notFound('user');
  const member = await add({ user_id: user.id });
  tellRightsOf(call, [user.id]);
  const organization = cutStart((await identity.organization(organization_id)).name, 100);
  await sendMail(services, {
    to: user.email,
    subject: `You are a member of ${organization} at OmoiOS`,
    text: `${actor.email} added you to the organization ${organization} as ${member.role.name}. Your calls that name no organization never mean this one. If you do not want to be a member, leave it here:\n\n${pageLink(services, `/organizations/${organization_id}/members`)}`,
  });
  return { id: member.id };
}

/** Gives a member another role. The caller has all permissions of both roles. */
export async function changeMember(call: Call, id: string, input: Body<typeof contracts.changeMember>) {
  const { services, actor, organization_id } = call;
  const { identity } = services.store;
  await requireRights(call, (await identity.member(organization_id, id)).role_id);
  await requireRights(call, input.role_id);
  const { user_id, agent_id } = await identity.changeMember(organization_id, id, input.role_id, actor.user_id);
  if (user_id) tellRightsOf(call, [user_id]);
  return { id, user_id, agent_id, role_id: input.role_id };
}

export async function removeMember(call: Call, id: string): Promise<undefined> {
  const { services, actor, organization_id } = call;
  const { identity } = services.store;
  const { role_id, user_id } = await identity.member(organization_id, id);
  await requireRights(call, role_id);
  await identity.removeMember(organization_id, id, actor.user_id);
  if (user_id) tellRightsOf(call, [user_id]);
}

/** Everybody may leave, but for the last owner. */
export async function leaveOrganization(call: Call): Promise<undefined> {
  const { services, actor, organization_id } = call;
  if (actor.via === 'key') throw new AppError('forbidden', 'An API key cannot leave an organization. Sign in instead.');
  const { identity } = services.store;
  const { id } = await identity.membershipOf(organization_id, actor.user_id);
  await identity.removeMember(organization_id, id, actor.user_id);
  tellRightsOf(call, [actor.user_id]);
}
