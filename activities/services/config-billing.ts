import { z } from 'zod';
import { planChanges } from '#workflows/domain/billing/plans.ts';
import { count, flag, numbers, seconds, share, text } from './config-values.ts';

export const billingSettings = z.strictObject({
  /**
   * Whether work needs a plan, free workflows or credit. Without it the ledger is kept, and nothing is refused. Unset:
   * where payments are taken.
   */
  enforce: flag.optional(),
  /** Single values of plans, instead of those in workflows/domain/billing/plans.ts. */
  plans: planChanges.default({}),
  /** Price of a workflow that no plan covers. */
  workflow_cents: count.default(1000),
  /** The most that an organization may owe for workflows that are invoiced. */
  max_owed_cents: count.default(20_000),
  /** Organizations on the plan free that a person may own where plans are enforced. An archived one counts for its month. */
  free_organizations_per_person: count.default(3),
  /** Per cent of an invoice. */
  tax_percent: z.coerce.number().min(0).max(100).default(0),
  /** Seconds until an invoice is due, and before that a mail reminds of it. */
  invoice_due: seconds.default(7 * 86_400),
  invoice_reminder: seconds.default(3 * 86_400),
  /** Seconds between invoices; unset: the first of each month at 01:00 UTC. */
  invoice_interval: seconds.optional(),
  /** Seconds between looks at what ends and at credit that runs out; unset: each day at 10:00 UTC. */
  check_interval: seconds.optional(),
  /** Credit under which a mail is sent. */
  low_credit_cents: count.default(500),
  /** Hours between tries to take an unpaid invoice's money. */
  dunning_retry_hours: numbers.default([24, 72, 72]),
  /** Seconds from the last try to the suspension of the account. */
  suspend_after: seconds.default(86_400),
  alert_threshold: share.default(0.8),
  critical_threshold: share.default(0.95),
});

const clock = text.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:00');

/** A run that spends its own limit at night. No other budget is ever raised by the platform. */
export const nightSettings = z.strictObject({
  /** Dollars that its limit grows by, once a night; 0: the run waits for a person. */
  raise_usd: z.coerce.number().min(0).max(10_000).default(0),
  from: clock.default('22:00'),
  until: clock.default('07:00'),
  time_zone: text
    .refine((zone) => {
      try {
        return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
      } catch {
        return false;
      }
    }, 'must be a time zone such as Europe/Berlin')
    .default('UTC'),
});
