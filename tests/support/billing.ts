import { plansWith, type BillingRules } from '#workflows/domain/billing/plans.ts';

/** Plans as they are by default, on an installation that enforces them. */
export const enforced: BillingRules = { enforced: true, plans: plansWith({}), workflow_cents: 1000 };
/** The rules of an installation without Stripe. */
export const billingRules: BillingRules = { ...enforced, enforced: false };
