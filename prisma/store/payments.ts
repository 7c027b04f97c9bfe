import { randomUUID } from 'node:crypto';
import { refundCredit } from '#workflows/domain/billing/account.ts';
import type { Payment } from '../generated/client.ts';
import { enterCredit, lockAccount, post } from './billing.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import {
  isFirst,
  lifetimeOf,
  renewingOf,
  useCode,
  writeSubscription,
  type Applied,
  type StripeEvent,
} from './subscriptions.ts';

/** A payment as it stands at Stripe. */
export interface StripePayment {
  payment_intent_id: string;
  purpose: 'credit' | 'lifetime' | 'invoice';
  status: 'succeeded' | 'failed' | 'pending';
  amount_cents: number;
  refunded_cents: number;
  failure: string | null;
}

/** The state of a payment before it is read at Stripe; null: there is none. */
export type PaymentState = Pick<Payment, 'status' | 'refunded_cents'> | null;

const statusOf = ({ status, amount_cents, refunded_cents }: StripePayment): string => {
  if (status !== 'succeeded' || refunded_cents === 0) return status;
  return refunded_cents >= amount_cents ? 'refunded' : 'partially_refunded';
};

/** Enters what a payment of credit adds and what its refunds take: each once. */
async function enterPaidCredit(
  tx: Transaction,
  emit: Emit,
  organizationId: string,
  paid: StripePayment,
  before: PaymentState,
): Promise<void> {
  const key = paid.payment_intent_id;
  await enterCredit(tx, emit, organizationId, { cents: paid.amount_cents, key });
  const refunded = paid.refunded_cents - (before?.refunded_cents ?? 0);
  if (refunded === 0) return;
  const { account } = await lockAccount(tx, organizationId);
  await post(tx, organizationId, refundCredit(account, refunded), { key: `${key}:${randomUUID()}` });
}

/**
 * The plan that an organization has when a payment for a plan for life arrives: another one for life, or a subscription
 * that goes on. The payment is a second one, as it is for a purchase that begins later. Null: it has none.
 */
async function planBeside(tx: Transaction, organizationId: string, paymentIntentId: string) {
  const lifetime = await lifetimeOf(tx, organizationId);
  if (lifetime) return lifetime.payment_intent_id === paymentIntentId ? null : lifetime;
  return renewingOf(tx, organizationId);
}

/** A plan for life is there as long as its own payment is not given back. */
async function enterLifetime(
  tx: Transaction,
  emit: Emit,
  organizationId: string,
  { payment_intent_id, is_kept }: { payment_intent_id: string | null; is_kept: boolean },
): Promise<void> {
  const known = await lifetimeOf(tx, organizationId);
  if (is_kept ? known : known?.payment_intent_id !== payment_intent_id) return;
  const status = is_kept ? 'active' : 'canceled';
  const row = { organization_id: organizationId, source: 'lifetime', tier: 'lifetime', status, payment_intent_id };
  await writeSubscription(tx, emit, known, row);
}

export function paymentsStore(core: StoreCore) {
  return {
    /** The organization of a customer at Stripe; null for one that is not ours. */
    organizationOf: (customerId: string) =>
      core.read(
        async (db) =>
          (await db.billingAccount.findUnique({ where: { stripe_customer_id: customerId } }))?.organization_id ?? null,
      ),
    /** @returns the customer that is stored: the first one stays. */
    setCustomer: (organizationId: string, customerId: string) =>
      core.change(async (tx) => {
        await tx.billingAccount.updateMany({
          where: { organization_id: organizationId, stripe_customer_id: null },
          data: { stripe_customer_id: customerId },
        });
        const row = await tx.billingAccount.findUniqueOrThrow({ where: { organization_id: organizationId } });
        return row.stripe_customer_id ?? customerId;
      }),
    /** Stores the default card that was read at Stripe while `before` was stored here. */
    setCard: (organizationId: string, before: string | null, card: string | null, event?: StripeEvent) =>
      core.change(async (tx): Promise<Applied> => {
        const { row } = await lockAccount(tx, organizationId);
        if (row.card !== before) return 'changed';
        if (!(await isFirst(tx, event))) return 'done';
        const where = { organization_id: organizationId };
        // Nothing can be taken from an account without a card, so nothing more is invoiced.
        await tx.billingAccount.update({ where, data: { card, ...(card ? {} : { auto_billing: false }) } });
        if (card)
          await tx.billingAccount.updateMany({ where: { ...where, status: 'pending' }, data: { status: 'active' } });
        return 'done';
      }),
    setAutoBilling: (organizationId: string, auto_billing: boolean) =>
      core.change((tx) =>
        tx.billingAccount.update({ where: { organization_id: organizationId }, data: { auto_billing } }),
      ),

    /** The tier of the plan beside which a payment for a plan for life is a second one; null: there is none. */
    planBeside: (organizationId: string, paymentIntentId: string) =>
      core.read(async (db) => (await planBeside(db, organizationId, paymentIntentId))?.tier ?? null),
    hasLifetime: (organizationId: string) => core.read(async (db) => (await lifetimeOf(db, organizationId)) !== null),
    stateOf: (paymentIntentId: string): Promise<PaymentState> =>
      core.read((db) => db.payment.findUnique({ where: { payment_intent_id: paymentIntentId } })),
    /**
     * Writes a payment as it was read at Stripe while `before` was its state here, and what it pays for. A second payment
     * for a plan for life is `changed`: the caller gives it back first.
     */
    apply: (
      input: { organization_id: string; paid: StripePayment; before: PaymentState; promo_code?: string | null },
      event: StripeEvent,
    ) =>
      core.change(async (tx, emit): Promise<Applied> => {
        const { organization_id, paid, before, promo_code } = input;
        await lockAccount(tx, organization_id);
        const { payment_intent_id, purpose, amount_cents, refunded_cents, failure } = paid;
        const row = await tx.payment.findUnique({ where: { payment_intent_id } });
        if (row?.status !== before?.status || row?.refunded_cents !== before?.refunded_cents) return 'changed';
        const is_kept = paid.status === 'succeeded' && refunded_cents < amount_cents;
        const is_second = purpose === 'lifetime' && (await planBeside(tx, organization_id, payment_intent_id)) !== null;
        if (is_second && is_kept) return 'changed';
        if (!(await isFirst(tx, event))) return 'done';
        const now = paid.status === 'pending' ? null : new Date();
        const written = { status: statusOf(paid), refunded_cents, failure, ended_at: row?.ended_at ?? now };
        // A payment of an invoice of ours has a row from its try, or gets one from there.
        if (row) await tx.payment.update({ where: { payment_intent_id }, data: written });
        else if (purpose !== 'invoice')
          await tx.payment.create({
            data: {
              ...written,
              id: randomUUID(),
              key: payment_intent_id,
              organization_id,
              purpose,
              payment_intent_id,
              amount_cents,
            },
          });
        if (paid.status !== 'succeeded') return 'done';
        const given_back = refunded_cents - (before?.refunded_cents ?? 0);
        if (given_back > 0)
          emit({
            type: 'billing.payment_refunded',
            organization_id,
            entity: { kind: 'billing_account', id: organization_id },
            data: { purpose, amount_cents: given_back, reason: is_second ? 'paid_twice' : null },
          });
        if (purpose === 'credit') await enterPaidCredit(tx, emit, organization_id, paid, before);
        if (purpose === 'lifetime') await enterLifetime(tx, emit, organization_id, { payment_intent_id, is_kept });
        if (promo_code && !is_second) await useCode(tx, organization_id, promo_code);
        return 'done';
      }),
    /** A plan for life that costs nothing, by the discount of a code. */
    grantLifetime: (organizationId: string, promo_code: string | null, event: StripeEvent) =>
      core.change(async (tx, emit) => {
        await lockAccount(tx, organizationId);
        if (!(await isFirst(tx, event))) return;
        await enterLifetime(tx, emit, organizationId, { payment_intent_id: null, is_kept: true });
        if (promo_code) await useCode(tx, organizationId, promo_code);
      }),
    wasApplied: (eventId: string) =>
      core.read(async (db) => (await db.stripeEvent.findUnique({ where: { id: eventId } })) !== null),
  };
}
