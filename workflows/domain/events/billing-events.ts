import { z } from 'zod';

const audited = <S extends z.ZodRawShape>(shape: S) => ({ data: z.looseObject(shape), consumers: ['audit' as const] });

const [text, cents] = [z.string(), z.number().int()];
const subscription = audited({ old_tier: text, new_tier: text, source: text, ends_at: text.nullable() });
const work = { spec_id: text.nullish(), ticket_id: text.nullish() };

/** Changes of an organization's account, and work that has no money. */
export const billingEvents = {
  'subscription.created': subscription,
  'subscription.upgraded': subscription,
  'subscription.downgraded': subscription,
  'subscription.canceled': subscription,
  'subscription.reactivated': subscription,
  'subscription.paused': subscription,
  /** A task that could start gets no slot, since no agent could work on it; without a reason: it does again. */
  'task.held_back': {
    data: z.object({
      ...{ task_id: text, key: text, ticket_id: text },
      ...{ waiting_for: text.nullable(), waiting_reason: text.nullable() },
    }),
    consumers: ['web:board' as const],
  },
  'billing.difference_found': audited({ credit_cents: cents, entered_cents: cents }),
  'billing.workflow_blocked': audited({ ...work, reason: text, message: text }),
  'billing.usage_recorded': audited({ ...work, source: text, total_cents: cents }),
  'billing.invoice_generated': audited({ invoice_number: text, total: cents, amount_due: cents }),
  'billing.payment_succeeded': audited({ invoice_number: text, amount_cents: cents }),
  'billing.payment_failed': audited({ invoice_number: text, amount_cents: cents, reason: text }),
  'billing.payment_refunded': audited({ purpose: text, amount_cents: cents, reason: text.nullable() }),
  'billing.account_suspended': audited({ invoice_number: text }),
  'billing.account_restored': audited({}),
  'billing.credits_added': audited({ amount_cents: cents, new_balance_cents: cents }),
};
