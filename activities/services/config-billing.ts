import { z } from 'zod';
import { planChanges } from '#workflows/domain/billing/plans.ts';
import { count, flag, numbers, share } from './config-values.ts';

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
  dunning_retry_hours: numbers.default([24, 72, 72]),
  alert_threshold: share.default(0.8),
  critical_threshold: share.default(0.95),
});
