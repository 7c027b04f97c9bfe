import { missing, permissionsOf } from '#workflows/domain/access/permissions.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { StoreCore, Transaction } from './core.ts';
import { spendLink } from './links.ts';
import { addMember, changeMembers, rolesOf } from './members.ts';
import { pageOf, type PageQuery } from './page.ts';

interface NewInvitation {
  id: string;
  organization_id: string;
  email: string;
  role_id: string;
  invited_by: string;
  expires_at: Date;
}

const about = {
  role: { select: { name: true } },
  organization: { select: { name: true, archived_at: true } },
} as const;

const open = () => ({ accepted_at: null, revoked_at: null, expires_at: { gt: new Date() } });

/** Invitations of addresses to organizations. Their links are one-time links. */
export function invitationsStore(core: StoreCore) {
  const inTurn = changeMembers(core);

  const createLink = (tx: Transaction, id: string, tokenHash: string, expiresAt: Date) =>
    tx.oneTimeLink.create({
      data: { token_hash: tokenHash, purpose: 'invitation', invitation_id: id, expires_at: expiresAt },
    });

  const invitationOf = async (tx: Transaction, organizationId: string, id: string) => {
    const invitation = await tx.invitation.findFirst({
      where: { id, organization_id: organizationId },
      include: about,
    });
    if (!invitation) throw notFound('invitation');
    return invitation;
  };

  const requireOpen = ({
    accepted_at: accepted,
    revoked_at: revoked,
  }: Record<'accepted_at' | 'revoked_at', unknown>) => {
    if (accepted || revoked)
      throw new AppError(
        'conflict',
        `The invitation was ${accepted ? 'accepted' : 'revoked'}. Invite the address again.`,
      );
  };

  /** Nobody gives what they lack, also not by an invitation from better days. */
  async function requireInviter(
    tx: Transaction,
    organizationId: string,
    invitation: { invited_by: string; role_id: string },
  ) {
    const inviter = await tx.user.findUnique({ where: { id: invitation.invited_by } });
    if (inviter?.is_active && inviter.is_super_admin) return;
    const member = await tx.membership.findFirst({
      where: { organization_id: organizationId, user_id: invitation.invited_by, user: { is_active: true } },
    });
    const roles = await tx.role.findMany({ where: rolesOf(organizationId) });
    const own = member ? permissionsOf(roles, member.role_id) : [];
    if (missing(own, ['org:members:write', ...permissionsOf(roles, invitation.role_id)]).length > 0)
      throw new AppError(
        'forbidden',
        'Whoever invited you may no longer give this role. Ask an administrator of the organization to send the invitation again.',
      );
  }

  return {
    /** @throws conflict for a member, and for an address with an open invitation. */
    create: (invitation: NewInvitation, tokenHash: string) =>
      inTurn(invitation.organization_id, async (tx) => {
        const { id, organization_id: organizationId, email } = invitation;
        const known = await tx.invitation.findFirst({ where: { id, organization_id: organizationId }, include: about });
        if (known) return known;
        if (await tx.membership.findFirst({ where: { organization_id: organizationId, user: { email } } }))
          throw new AppError('conflict', `${email} is a member already.`);
        if (await tx.invitation.findFirst({ where: { organization_id: organizationId, email, ...open() } }))
          throw new AppError('conflict', `${email} is invited already. Send that invitation again, or revoke it.`);
        const created = await tx.invitation.create({ data: invitation, include: about });
        await createLink(tx, id, tokenHash, invitation.expires_at);
        return created;
      }),
    list: (organizationId: string, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.invitation.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, accepted_at: null, revoked_at: null }, query.where] },
            include: about,
          }),
        ),
      ),
    get: (organizationId: string, id: string) => core.read((db) => invitationOf(db, organizationId, id)),
    /** Makes a new link, with which older ones end. @throws conflict unless the invitation waits or has expired. */
    renew: (organizationId: string, id: string, tokenHash: string, expiresAt: Date, invitedBy: string) =>
      inTurn(organizationId, async (tx) => {
        requireOpen(await invitationOf(tx, organizationId, id));
        await tx.oneTimeLink.deleteMany({ where: { invitation_id: id } });
        await createLink(tx, id, tokenHash, expiresAt);
        return tx.invitation.update({
          where: { id },
          data: { expires_at: expiresAt, invited_by: invitedBy },
          include: about,
        });
      }),
    revoke: (organizationId: string, id: string) =>
      inTurn(organizationId, async (tx) => {
        const invitation = await invitationOf(tx, organizationId, id);
        if (invitation.revoked_at) return invitation;
        requireOpen(invitation);
        await tx.oneTimeLink.deleteMany({ where: { invitation_id: id } });
        return tx.invitation.update({ where: { id }, data: { revoked_at: new Date() }, include: about });
      }),
    /** The open invitation of a link; null when it is used, revoked or expired. */
    byLink: (tokenHash: string) =>
      core.read(async (db) => {
        const link = await db.oneTimeLink.findFirst({
          where: { token_hash: tokenHash, purpose: 'invitation', used_at: null, expires_at: { gt: new Date() } },
        });
        return link?.invitation_id
          ? db.invitation.findFirst({ where: { id: link.invitation_id, ...open() }, include: about })
          : null;
      }),
    /**
     * Makes the user a member, and uses the link. The link was mailed to the address of the user, so it is verified too.
     * False for a link that does not work.
     * @throws conflict for a member; forbidden where whoever invited may no longer give the role.
     */
    accept: (organizationId: string, tokenHash: string, user: { id: string; email: string }) =>
      inTurn(organizationId, async (tx, tell) => {
        const link = await spendLink(tx, 'invitation', tokenHash);
        if (!link?.invitation_id) return false;
        const { count } = await tx.invitation.updateMany({
          where: { id: link.invitation_id, organization_id: organizationId, email: user.email, ...open() },
          data: { accepted_at: new Date() },
        });
        if (count !== 1) return false;
        const invitation = await invitationOf(tx, organizationId, link.invitation_id);
        await requireInviter(tx, organizationId, invitation);
        await addMember(tx, organizationId, { user_id: user.id }, { role_id: invitation.role_id, added_by: null });
        tell('member.added', { user_id: user.id, role: invitation.role.name, by: invitation.invited_by });
        await tx.user.update({ where: { id: user.id }, data: { is_verified: true } });
        return true;
      }),
  };
}
