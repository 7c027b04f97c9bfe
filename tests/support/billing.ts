import { plansWith, type BillingRules } from '#workflows/domain/billing/plans.ts';

/** The rules of an installation without Stripe. */
export const billingRules: BillingRules = {
  enforced: false,
  plans: plansWith({}),
  workflow_cents: 1000,
  max_owed_cents: 20_000,
};
