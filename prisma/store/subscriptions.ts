import { randomUUID } from 'node:crypto';
import { beginPeriod, leavePeriods } from '#workflows/domain/billing/account.ts';
import type { BillingRules } from '#workflows/domain/billing/plans.ts';
import {
  eventOfChange,
  isInForce,
  isOperatorsPlan,
  planOf,
  type SubscriptionStatus,
} from '#workflows/domain/billing/subscriptions.ts';
import type { Subscription } from '../generated/client.ts';
import { lockAccount, post } from './billing.ts';
import { restoreAccount } from './invoices.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';

/** A subscription as it stands at Stripe. */
export interface StripeSubscription {
  id: string;
  tier: string;
  /** The plan from the period's end on. */
  next_tier: string | null;
  status: SubscriptionStatus;
  cancel_at_period_end: boolean;
  period_start: Date;
  period_end: Date;
  /** The code whose discount or trial it has. */
  promo_code: string | null;
}

export interface StripeEvent {
  id: string;
  type: string;
}

/** `changed`: another write came between the read at Stripe and this one. Read again. */
export type Applied = 'done' | 'changed';

/** Enters that an event has its effect in this transaction; false when it had it before. */
export async function isFirst(tx: Transaction, event: StripeEvent | undefined): Promise<boolean> {
  if (!event) return true;
  // A concurrent delivery waits here for the other's commit.
  const { count } = await tx.stripeEvent.createMany({
    data: [{ id: event.id, type: event.type }],
    skipDuplicates: true,
  });
  return count === 1;
}

/** The discount or trial of a redeemed code is used up. */
export const useCode = (tx: Transaction, organizationId: string, code: string) =>
  tx.promoCodeRedemption.updateMany({
    where: { organization_id: organizationId, code, used_at: null },
    data: { used_at: new Date() },
  });

type Fields = Omit<Subscription, 'id' | 'version' | 'created_at' | 'ended_at'>;
const none = { source: 'stripe', tier: 'free' };

/** Writes a subscription of a locked account, the plan that follows from all of them, and the event. */
export async function writeSubscription(
  tx: Transaction,
  emit: Emit,
  before: Subscription | null,
  changed: Partial<Fields> & Pick<Fields, 'organization_id' | 'status'>,
): Promise<void> {
  const now = new Date();
  const { organization_id } = changed;
  const ended_at = changed.status === 'canceled' ? (before?.ended_at ?? now) : null;
  const version = (before?.version ?? 0) + 1;
  const after = before
    ? await tx.subscription.update({ where: { id: before.id }, data: { ...changed, ended_at, version } })
    : await tx.subscription.create({ data: { ...none, ...changed, ended_at, version, id: randomUUID() } });
  const organization = await tx.organization.findUniqueOrThrow({ where: { id: organization_id } });
  const rows = await tx.subscription.findMany({ where: { organization_id } });
  const old_tier = organization.plan;
  const new_tier = isOperatorsPlan(old_tier) ? old_tier : planOf(rows, now);
  if (new_tier !== old_tier) await tx.organization.update({ where: { id: organization_id }, data: { plan: new_tier } });
  if (isInForce(after, now))
    await tx.billingAccount.updateMany({ where: { organization_id, status: 'pending' }, data: { status: 'active' } });
  const type = eventOfChange(before, after);
  if (type)
    emit({
      type,
      organization_id,
      entity: { kind: 'billing_account', id: organization_id },
      data: {
        old_tier,
        new_tier,
        source: after.source,
        ends_at: (after.cancel_at_period_end && after.period_end?.toISOString()) || null,
      },
    });
}

const notHeld = ['canceled', 'incomplete'];

/** The plan for life of an organization; null: none. */
export const lifetimeOf = (tx: Transaction, organization_id: string) =>
  tx.subscription.findFirst({ where: { organization_id, source: 'lifetime', status: 'active' } });

/** The subscription of an organization that is paid again when its period ends; null: none. */
export const renewingOf = (tx: Transaction, organization_id: string) =>
  tx.subscription.findFirst({
    where: { organization_id, source: 'stripe', status: { notIn: notHeld }, cancel_at_period_end: false },
  });

/** Whether a subscription begins while the organization has another one, or a plan for life. */
async function isSecond(
  tx: Transaction,
  before: Subscription | null,
  {
    organization_id,
    stripe_subscription_id,
    status,
  }: { organization_id: string; stripe_subscription_id: string; status: string },
): Promise<boolean> {
  if ((before && before.status !== 'incomplete') || notHeld.includes(status)) return false;
  const others = { organization_id, source: 'stripe', NOT: { stripe_subscription_id }, status: { notIn: notHeld } };
  return (await tx.subscription.count({ where: others })) > 0 || (await lifetimeOf(tx, organization_id)) !== null;
}

/** Begins the counts of a period that is paid, and ends a suspension unless an invoice of ours is late. */
async function beginPaidPeriod(
  tx: Transaction,
  emit: Emit,
  organizationId: string,
  paid: { invoice_id: string; ends: Date },
) {
  const key = `period:${paid.invoice_id}`;
  const where = { organization_id: organizationId, key: `monthly_reset:${key}` };
  const { account } = await lockAccount(tx, organizationId);
  if (!(await tx.ledgerEntry.findUnique({ where: { organization_id_key: where } })))
    await post(tx, organizationId, beginPeriod(account, paid.ends.getTime()), { key, period: key });
  await restoreAccount(tx, emit, organizationId);
}

/** Free workflows that were taken since a calendar month began, and not given back. */
async function freeTaken(tx: Transaction, organizationId: string, now: Date): Promise<number> {
  const since = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  const { _sum: sum } = await tx.ledgerEntry.aggregate({
    where: { organization_id: organizationId, kind: { in: ['workflow', 'release'] }, created_at: { gte: since } },
    _sum: { free_workflows: true },
  });
  return -(sum.free_workflows ?? 0);
}

/** The month of the counts: that of the subscription while it is in force, afterwards the calendar's. */
async function moveMonth(
  tx: Transaction,
  organizationId: string,
  rules: BillingRules,
  now: { in_force: boolean; period_end: Date; cause: string },
) {
  const { account } = await lockAccount(tx, organizationId);
  const at = new Date();
  const changed = now.in_force
    ? { account: { ...account, resets_at: now.period_end.getTime() }, entries: [] }
    : leavePeriods(account, rules, await freeTaken(tx, organizationId, at), at.getTime());
  await post(tx, organizationId, changed, { key: now.cause, period: now.cause });
  const resets_at = new Date(changed.account.resets_at);
  await tx.billingAccount.update({ where: { organization_id: organizationId }, data: { resets_at } });
}

export function subscriptionsStore(core: StoreCore, rules: BillingRules) {
  return {
    /** All of an organization, the newest first. */
    list: (organizationId: string) =>
      core.read((db) =>
        db.subscription.findMany({ where: { organization_id: organizationId }, orderBy: { created_at: 'desc' } }),
      ),
    /** The version to pass to `apply`: 0 for a subscription that is not stored yet. */
    versionOf: (stripeId: string) =>
      core.read(
        async (db) => (await db.subscription.findUnique({ where: { stripe_subscription_id: stripeId } }))?.version ?? 0,
      ),

    /**
     * Writes a subscription as it was read at Stripe after `version` was read here. Of two that begin, the first that is
     * written stays. The other one is `second` from then on and gives no plan: the caller gives it back.
     * @param paid the invoice of Stripe that paid a period of it.
     */
    apply: (
      input: { organization_id: string; version: number; facts: StripeSubscription; paid?: { invoice_id: string } },
      event?: StripeEvent,
    ) =>
      core.change(async (tx, emit): Promise<Applied | 'second'> => {
        const { organization_id, facts, paid } = input;
        await lockAccount(tx, organization_id);
        const { id: stripe_subscription_id, promo_code, ...rest } = facts;
        const before = await tx.subscription.findUnique({ where: { stripe_subscription_id } });
        if ((before?.version ?? 0) !== input.version) return 'changed';
        if (before && before.refunded_cents !== null) return 'second';
        const row = { ...rest, organization_id, stripe_subscription_id, source: 'stripe' };
        if (await isSecond(tx, before, row)) {
          await writeSubscription(tx, emit, before, { ...row, status: 'canceled', refunded_cents: 0 });
          return 'second';
        }
        if (!(await isFirst(tx, event))) return 'done';
        await writeSubscription(tx, emit, before, row);
        const now = new Date();
        const in_force = isInForce(row, now);
        if (in_force !== (before !== null && isInForce(before, now))) {
          const cause = `period:${stripe_subscription_id}:${input.version}`;
          await moveMonth(tx, organization_id, rules, { in_force, period_end: facts.period_end, cause });
        }
        if (promo_code) await useCode(tx, organization_id, promo_code);
        if (paid)
          await beginPaidPeriod(tx, emit, organization_id, { invoice_id: paid.invoice_id, ends: facts.period_end });
        return 'done';
      }),

    /** Writes what of a second subscription was given back: what is new in it makes an event. */
    gaveBack: (
      input: { organization_id: string; subscription_id: string; refunded_cents: number },
      event?: StripeEvent,
    ) =>
      core.change(async (tx, emit) => {
        const { organization_id, subscription_id, refunded_cents } = input;
        await lockAccount(tx, organization_id);
        if (!(await isFirst(tx, event))) return;
        const where = { stripe_subscription_id: subscription_id };
        const before = await tx.subscription.findUniqueOrThrow({ where });
        const amount_cents = refunded_cents - (before.refunded_cents ?? 0);
        if (amount_cents <= 0) return;
        await tx.subscription.update({ where, data: { refunded_cents } });
        emit({
          type: 'billing.payment_refunded',
          organization_id,
          entity: { kind: 'billing_account', id: organization_id },
          data: { purpose: 'subscription', amount_cents, reason: 'paid_twice' },
        });
      }),

    /** Writes the end of grants whose time is over. They give no plan any more from that time on, written or not. */
    endGrants: (organizationId: string) =>
      core.change(async (tx, emit) => {
        await lockAccount(tx, organizationId);
        const over = await tx.subscription.findMany({
          where: {
            organization_id: organizationId,
            source: 'promo',
            status: 'active',
            period_end: { lte: new Date() },
          },
        });
        for (const grant of over)
          await writeSubscription(tx, emit, grant, { organization_id: organizationId, status: 'canceled' });
      }),
  };
}
