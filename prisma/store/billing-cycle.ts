import { notFound } from '#workflows/domain/errors.ts';
import type { StoreCore } from './core.ts';

/** What the workflow of an organization's account reads and notes. */
export function billingCycleStore(core: StoreCore) {
  return {
    /** Whom mails about an organization's money reach: its address for them, or else its owners who are active. */
    recipients: (organizationId: string) =>
      core.read(async (db) => {
        const organization = await db.organization.findUnique({ where: { id: organizationId } });
        if (!organization) throw notFound('organization');
        const { name, billing_email } = organization;
        if (billing_email) return { name, addresses: [billing_email] };
        const owners = await db.membership.findMany({
          where: {
            organization_id: organizationId,
            role: { is_system: true, name: 'owner' },
            user: { is_active: true },
          },
          include: { user: { select: { email: true } } },
        });
        return { name, addresses: owners.map(({ user }) => user.email) };
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
