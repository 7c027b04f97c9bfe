import { isOperatorsPlan, monthsFrom, rankOf } from '#workflows/domain/billing/subscriptions.ts';
import { refusalOf } from '#workflows/domain/billing/promo-codes.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { Prisma, PromoCode } from '../generated/client.ts';
import { lockAccount } from './billing.ts';
import type { StoreCore, Transaction } from './core.ts';
import { planNow } from './current-plan.ts';
import { lifetimeOf, writeSubscription } from './subscriptions.ts';

export type { PromoCode };

/** Why a code would give an organization with a locked account nothing now, so that it is not used up; null: it gives. */
async function uselessBecause(tx: Transaction, organizationId: string, code: PromoCode): Promise<string | null> {
  const { status } = await tx.billingAccount.findUniqueOrThrow({ where: { organization_id: organizationId } });
  const { plan: stored } = await tx.organization.findUniqueOrThrow({ where: { id: organizationId } });
  const plan = await planNow(tx, organizationId, stored);
  if (code.kind !== 'full_bypass') {
    if (isOperatorsPlan(plan))
      return `the operator gave this organization the plan ${plan}, so there is none to buy with the code.`;
    if (await lifetimeOf(tx, organizationId))
      return 'this organization has a plan for life, so there is none to buy with the code.';
    return null;
  }
  const granted = code.grant_tier ?? 'pro';
  if (rankOf(plan) >= rankOf(granted))
    return `this organization has the plan ${plan}, and the code gives no more than ${granted}. Redeem it when that plan has ended.`;
  if (status === 'suspended')
    return 'the account is suspended because an invoice is unpaid, so the plan of the code would start nothing. Pay the invoice first.';
  return null;
}

export function promoCodesStore(core: StoreCore) {
  const find = (code: string) => core.read((db) => db.promoCode.findUnique({ where: { code: code.toUpperCase() } }));
  return {
    find,
    /** @throws conflict for a code that there is already. */
    create: (data: Prisma.PromoCodeUncheckedCreateInput) =>
      core.change(async (tx) => {
        const { count } = await tx.promoCode.createMany({ data: [data], skipDuplicates: true });
        if (count === 0) throw new AppError('conflict', `code: there is a code ${data.code} already. Choose another.`);
        return tx.promoCode.findUniqueOrThrow({ where: { code: data.code } });
      }),
    /** The newest 1,000. */
    list: (filter: { active_only: boolean }) =>
      core.read((db) =>
        db.promoCode.findMany({
          where: filter.active_only ? { is_active: true } : {},
          orderBy: { created_at: 'desc' },
          take: 1000,
        }),
      ),
    deactivate: (code: string) =>
      core.change(async (tx) => {
        const { count } = await tx.promoCode.updateMany({
          where: { code: code.toUpperCase() },
          data: { is_active: false },
        });
        if (count === 0) throw notFound('promo code');
      }),

    /**
     * Redeems a code for an organization, once. The count is taken in the statement that checks it: of two
     * organizations that want the last use at once, one gets it.
     */
    redeem: (organizationId: string, code: string, userId: string) =>
      core.change(async (tx, emit): Promise<PromoCode> => {
        const now = new Date();
        await lockAccount(tx, organizationId);
        const known = await tx.promoCode.findUnique({ where: { code } });
        const refusal = refusalOf(known, now);
        if (refusal || !known) throw new AppError('invalid_rule', refusal ?? '');
        const where = { organization_id_code: { organization_id: organizationId, code } };
        if (await tx.promoCodeRedemption.findUnique({ where }))
          throw new AppError('conflict', `code: this organization has redeemed ${code} already.`);
        const useless = await uselessBecause(tx, organizationId, known);
        if (useless) throw new AppError('invalid_rule', `code: ${useless}`);
        const taken = await tx.promoCode.updateMany({
          where: { code, is_active: true, ...(known.max_uses === null ? {} : { uses: { lt: known.max_uses } }) },
          data: { uses: { increment: 1 } },
        });
        if (taken.count === 0) throw new AppError('invalid_rule', 'code: this code has reached its usage limit.');
        const grants = known.kind === 'full_bypass';
        await tx.promoCodeRedemption.create({
          data: { organization_id: organizationId, code, created_by: userId, used_at: grants ? now : null },
        });
        if (grants)
          await writeSubscription(tx, emit, null, {
            organization_id: organizationId,
            source: 'promo',
            tier: known.grant_tier ?? 'pro',
            status: 'active',
            period_start: now,
            period_end: known.grant_months === null ? null : monthsFrom(now, known.grant_months),
          });
        return known;
      }),
    /** The redeemed codes whose discount or trial waits for a purchase, the oldest first. */
    waiting: (organizationId: string) =>
      core.read(async (db) =>
        (
          await db.promoCodeRedemption.findMany({
            where: { organization_id: organizationId, used_at: null },
            include: { promo_code: true },
            orderBy: { created_at: 'asc' },
          })
        ).map(({ promo_code }) => promo_code),
      ),
  };
}
