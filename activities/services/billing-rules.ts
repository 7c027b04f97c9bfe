import { plansWith, type BillingRules } from '#workflows/domain/billing/plans.ts';
import type { Config } from './config.ts';

/** The plans and prices of this installation. They are enforced where Stripe can be paid, or by their own setting. */
export const billingRules = ({ billing }: Pick<Config, 'billing'>): BillingRules => ({
  enforced: billing.enforce ?? billing.stripe_api_key !== undefined,
  plans: plansWith(billing.plans),
  workflow_cents: billing.workflow_cents,
});
