import { notFound } from '#workflows/domain/errors.ts';
import { grants, permissionsOf } from '#workflows/domain/access/permissions.ts';
import type { StoreCore } from './core.ts';
import { rolesOf } from './members.ts';

/** What the workflow of an organization's account reads and notes. */
export function billingCycleStore(core: StoreCore) {
  return {
    /**
     * Whom mails about an organization's money reach: its address for them; or else those of its active members who
     * may do most about it: its owners, who may pay, who may see what is owed. It can be nobody.
     */
    recipients: (organizationId: string) =>
      core.read(async (db) => {
        const organization = await db.organization.findUnique({ where: { id: organizationId } });
        if (!organization) throw notFound('organization');
        const { name, billing_email } = organization;
        if (billing_email) return { name, addresses: [billing_email] };
        const [members, roles] = await Promise.all([
          db.membership.findMany({
            where: { organization_id: organizationId, user: { is_active: true } },
            include: { user: { select: { email: true } }, role: true },
          }),
          db.role.findMany({ where: rolesOf(organizationId) }),
        ]);
        const may = (permission: string) =>
          members.filter(({ role_id: role }) => grants(permissionsOf(roles, role), permission));
        const owners = members.filter(({ role }) => role.is_system && role.name === 'owner');
        const found = [owners, may('org:billing:write'), may('org:billing:read')].find((some) => some.length > 0) ?? [];
        return { name, addresses: found.flatMap(({ user }) => user?.email ?? []) };
      }),
    /** Looks whether an account's credit runs out, where no plan is paid for. @throws not_found when it is gone. */
    check: (organizationId: string, lowCreditCents: number) =>
      core.read(async (db) => {
        const row = await db.billingAccount.findUnique({
          where: { organization_id: organizationId },
          include: { subscriptions: { where: { ended_at: null }, take: 1 } },
        });
        if (!row) throw notFound('organization');
        const { credit_cents, low_credit_mail, subscriptions } = row;
        const low = credit_cents > 0 && credit_cents < lowCreditCents && subscriptions.length === 0;
        return { credit_cents, low_credit: low && !low_credit_mail };
      }),
    /** Notes that the account was looked at, and that its mail about low credit was sent. Paid credit asks for another. */
    checked: (organizationId: string, mailed: boolean) =>
      core.change(async (tx) => {
        await tx.billingAccount.updateMany({
          where: { organization_id: organizationId },
          data: { checked_at: new Date(), ...(mailed ? { low_credit_mail: true } : {}) },
        });
      }),
    /** Accounts with money in them that their workflow has not looked at for two days. */
    unwatched: () =>
      core.read((db) =>
        db.billingAccount.findMany({
          where: {
            status: { not: 'pending' },
            OR: [{ checked_at: null }, { checked_at: { lt: new Date(Date.now() - 2 * 86_400_000) } }],
          },
          select: { organization_id: true },
          take: 200,
        }),
      ),
  };
}
