import { plansWith, type BillingRules } from '#workflows/domain/billing/plans.ts';

/** The rules of an installation without Stripe. */
export const billingRules: BillingRules = {
  enforced: false,
  plans: plansWith({}),
  workflow_cents: 1000,
  max_owed_cents: 20_000,
  free_organizations_per_person: 3,
};

/** The statement for a workflow that nothing has paid: id of the record, organization, workflow. */
export const unpaidWork = `
  INSERT INTO usage_records (id, organization_id, workflow_id, usage_type, quantity, unit_price_cents, total_cents, source, free_tier_used, billed)
  VALUES ($1, $2, $3, 'workflow_completion', 1, 1000, 1000, 'invoice', false, false)`;
