import type { EntryKind } from '#workflows/domain/billing/account.ts';
import { billingRules, planNamed, planNames } from '#workflows/domain/billing/plans.ts';
import type * as contracts from '../contracts/billing.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { toPageView } from './views.ts';

const switches = ({ services: { config, payments } }: Call) => ({
  is_configured: payments !== undefined,
  is_enforced: billingRules(config.billing).enforced,
});

export function billingConfig(call: Call) {
  const { plans, workflow_cents } = billingRules(call.services.config.billing);
  return {
    ...switches(call),
    workflow_price: workflow_cents,
    plans: planNames.map((tier) => ({ ...plans[tier], tier })),
  };
}

export async function billingAccount(call: Call) {
  const account = await call.services.store.billing.account(call.organization_id);
  return {
    organization_id: account.organization_id,
    status: account.status,
    tier: account.plan,
    credit_balance: account.credit_cents,
    free_workflows_remaining: account.free_workflows,
    workflows_used: account.used_workflows,
    resets_at: account.resets_at.toISOString(),
    auto_billing_enabled: account.auto_billing,
    created_at: account.created_at.toISOString(),
    ...switches(call),
  };
}

export const billingLedger = async ({ services, organization_id }: Call, page: Query<typeof contracts.billingLedger>) =>
  toPageView(await services.store.billing.ledger(organization_id, page), (entry) => ({
    id: entry.id,
    kind: entry.kind as EntryKind,
    credit: entry.credit_cents,
    credit_after: entry.credit_after,
    free_workflows: entry.free_workflows,
    used_workflows: entry.used_workflows,
    workflow_id: entry.workflow_id,
    created_at: entry.created_at.toISOString(),
  }));

export async function billingUsage({ services, organization_id }: Call, query: Query<typeof contracts.billingUsage>) {
  const { billed, ...page } = query;
  const filter = billed === undefined ? {} : { billed: billed === 'true' };
  return toPageView(await services.store.billing.usage(organization_id, filter, page), (row) => ({
    id: row.id,
    workflow_id: row.workflow_id,
    usage_type: row.usage_type,
    quantity: row.quantity,
    unit_price: row.unit_price_cents,
    total_price: row.total_cents,
    source: row.source,
    free_tier_used: row.free_tier_used,
    billed: row.billed,
    created_at: row.created_at.toISOString(),
  }));
}

export const checkExecution = ({ services, organization_id }: Call) => services.store.billing.canStart(organization_id);

export async function usageSummary(call: Call) {
  const { services, organization_id } = call;
  const account = await services.store.billing.account(organization_id);
  return {
    subscription_tier: account.plan,
    workflows_used: account.used_workflows,
    workflows_limit: planNamed(billingRules(services.config.billing), account.plan).workflows_per_month,
    free_workflows_remaining: account.free_workflows,
    credit_balance: account.credit_cents,
    resets_at: account.resets_at.toISOString(),
    ...(await checkExecution(call)),
  };
}
