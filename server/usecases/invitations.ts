import { refuseArchived, requireVerified } from '#activities/ports/require-workable.ts';
import { tellRights } from '#activities/ports/bus.ts';
import type { Services } from '#activities/ports/services.ts';
import { pageLink } from '#activities/ports/page-link.ts';
import { sendMail } from '#activities/ports/send-mail.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type * as contracts from '../contracts/invitations.ts';
import type { Call } from '../http/context.ts';
import { randomToken, sha256 } from '../http/tokens.ts';
import { requireRights } from './roles.ts';
import { toPageView } from './views.ts';

type Invitation = Awaited<ReturnType<Services['store']['invitations']['get']>>;

const toView = (invitation: Invitation) => ({
  id: invitation.id,
  email: invitation.email,
  role: invitation.role.name,
  role_id: invitation.role_id,
  invited_by: invitation.invited_by,
  created_at: invitation.created_at.toISOString(),
  expires_at: invitation.expires_at.toISOString(),
  is_expired: invitation.expires_at <= new Date(),
});

const expiry = ({ config }: Services) => new Date(Date.now() + config.auth.invitation_ttl * 1000);

async function mailTo({ services, actor }: Call, invitation: Invitation, token: string): Promise<void> {
  const organization = cutStart(invitation.organization.name, 100);
  const until = invitation.expires_at.toISOString().slice(0, 10);
  await sendMail(services, {
    to: invitation.email,
    subject: `Join ${organization} at OmoiOS`,
    text: `${actor.email} invites you to the organization ${organization} as ${invitation.role.name}. Open this link by ${until}:\n\n{link}\n\nIf you do not know them, ignore this mail.`,
    link: pageLink(services, `/invitation?token=${token}`),
  });
}

const audit = ({ services, actor }: Call, event: `invitation_${'created' | 'revoked'}`, { id, email }: Invitation) =>
  services.store.identity.audit(
    event,
    { user_id: actor.user_id, email: actor.email },
    { invitation_id: id, to: email },
  );

export async function listInvitations(
  { services, organization_id: organizationId }: Call,
  page: Query<typeof contracts.listInvitations>,
) {
  return toPageView(await services.store.invitations.list(organizationId, page), toView);
}

/** Invites an address. Nobody gives a role what they lack themselves. */
export async function createInvitation(call: Call, { email, role_id }: Body<typeof contracts.createInvitation>) {
  const { services, actor, organization_id } = call;
  requireVerified(services, actor);
  await requireRights(call, role_id);
  const token = randomToken();
  const invitation = await services.store.invitations.create(
    {
      id: call.newId('invitation'),
      organization_id,
      email: email.toLowerCase(),
      role_id,
      invited_by: actor.user_id,
      expires_at: expiry(services),
    },
    sha256(token),
  );
  await mailTo(call, invitation, token);
  await audit(call, 'invitation_created', invitation);
  return toView(invitation);
}

export async function resendInvitation(call: Call, id: string) {
  const { services, actor, organization_id } = call;
  requireVerified(services, actor);
  await requireRights(call, (await services.store.invitations.get(organization_id, id)).role_id);
  const token = randomToken();
  const invitation = await services.store.invitations.renew(
    organization_id,
    id,
    sha256(token),
    expiry(services),
    actor.user_id,
  );
  await mailTo(call, invitation, token);
  return toView(invitation);
}

export async function revokeInvitation(call: Call, id: string): Promise<undefined> {
  const { services, organization_id } = call;
  await requireRights(call, (await services.store.invitations.get(organization_id, id)).role_id);
  await audit(call, 'invitation_revoked', await services.store.invitations.revoke(organization_id, id));
}

/**
 * @throws invalid_rule for a link that does not work; forbidden for the link of another address; conflict while the
 * organization is archived.
 */
export async function invitationFor({ store }: Services, token: string, email?: string): Promise<Invitation> {
  const invitation = await store.invitations.byLink(sha256(token));
  if (!invitation)
    throw new AppError(
      'invalid_rule',
      'This invitation was used before, was revoked or has expired. Ask the person who invited you to send it again.',
      [{ field: 'token', message: 'is not a valid invitation' }],
    );
  if (email !== undefined && email.toLowerCase() !== invitation.email)
    throw new AppError('forbidden', `This invitation is for ${invitation.email}. Sign in with that address.`);
  refuseArchived(invitation.organization);
  return invitation;
}

export async function viewInvitation(services: Services, token: string) {
  const invitation = await invitationFor(services, token);
  return {
    organization: invitation.organization.name,
    role: invitation.role.name,
    email: invitation.email,
    expires_at: invitation.expires_at.toISOString(),
    has_account: (await services.store.identity.userByEmail(invitation.email)) !== null,
  };
}

/** Makes the user a member of the organization that invited their address. */
export async function acceptInvitation(services: Services, token: string, user: { id: string; email: string }) {
  const { organization_id } = await invitationFor(services, token, user.email);
  if (!(await services.store.invitations.accept(organization_id, sha256(token), user)))
    // Another request has used the link meanwhile.
    await invitationFor(services, token);
  await services.store.identity.audit(
    'invitation_accepted',
    { user_id: user.id, email: user.email },
    { organization_id },
  );
  tellRights(services.bus, user.id, organization_id);
  return { organization_id };
}

export async function acceptOwnInvitation({ services, actor }: Call, token: string) {
  if (actor.via === 'key')
    throw new AppError('forbidden', 'An API key belongs to one organization and joins no other. Sign in instead.');
  return acceptInvitation(services, token, { id: actor.user_id, email: actor.email });
}
