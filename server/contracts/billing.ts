import { z } from 'zod';
import { accountStatuses, entryKinds } from '#workflows/domain/billing/account.ts';
import { planNames, planSchema } from '#workflows/domain/billing/plans.ts';
import { byId, contract, idParams, isoTime, listOf, pageQuery, uuid } from './contract.ts';

const cents = z.number().int().meta({ description: 'Cents of US dollars.' });
const ofAccount = { tag: 'billing', scope: byId('organization'), params: idParams } as const;

export const billingConfig = contract({
  method: 'get',
  path: '/billing/config',
  tag: 'billing',
  summary: 'Get the plans and prices, and whether anything is charged here',
  auth: 'none',
  scope: 'none',
  response: z.object({
    /** A provider takes payments. Without one the ledger is kept, and nothing is charged. */
    is_configured: z.boolean(),
    /** Work needs a plan, free workflows or credit. */
    is_enforced: z.boolean(),
    workflow_price: cents,
    plans: z.array(planSchema.extend({ tier: z.enum(planNames) })),
  }),
});

export const billingAccount = contract({
  ...ofAccount,
  method: 'get',
  path: '/billing/account/{id}',
  summary: 'Get the billing account of an organization',
  auth: 'org:billing:read',
  response: z.object({
    organization_id: uuid,
    status: z.enum(accountStatuses),
    tier: z.string(),
    credit_balance: cents,
    free_workflows_remaining: z.number().int(),
    workflows_used: z.number().int(),
    resets_at: isoTime,
    auto_billing_enabled: z.boolean(),
    is_configured: z.boolean(),
    is_enforced: z.boolean(),
    created_at: isoTime,
  }),
});

export const billingLedger = contract({
  ...ofAccount,
  method: 'get',
  path: '/billing/account/{id}/ledger',
  summary: 'List the changes of the balance, newest first',
  auth: 'org:billing:read',
  query: pageQuery,
  response: listOf(
    z.object({
      id: uuid,
      kind: z.enum(entryKinds),
      credit: cents,
      credit_after: cents,
      free_workflows: z.number().int(),
      used_workflows: z.number().int(),
      workflow_id: z.string().nullable(),
      created_at: isoTime,
    }),
  ),
});

export const billingUsage = contract({
  ...ofAccount,
  method: 'get',
  path: '/billing/account/{id}/usage',
  summary: 'List the workflows that were charged, newest first',
  auth: 'org:billing:read',
  query: pageQuery.extend({ billed: z.enum(['true', 'false']).optional() }),
  response: listOf(
    z.object({
      id: uuid,
      workflow_id: z.string(),
      usage_type: z.string(),
      quantity: z.number().int(),
      unit_price: cents,
      total_price: cents,
      source: z.string(),
      free_tier_used: z.boolean(),
      billed: z.boolean(),
      created_at: isoTime,
    }),
  ),
});

const executable = {
  can_execute: z.boolean(),
  /** The source that pays for the next workflow, or why none does. */
  reason: z.string(),
  message: z.string().nullable(),
};

export const usageSummary = contract({
  ...ofAccount,
  method: 'get',
  path: '/billing/account/{id}/usage-summary',
  summary: 'Get how much of its plan an organization has used, and whether work may start',
  auth: 'org:read',
  response: z.object({
    subscription_tier: z.string(),
    workflows_used: z.number().int(),
    workflows_limit: z.number().int().nullable(),
    free_workflows_remaining: z.number().int(),
    credit_balance: cents,
    resets_at: isoTime,
    ...executable,
  }),
});

export const checkExecution = contract({
  ...ofAccount,
  method: 'post',
  path: '/billing/account/{id}/check-execution',
  summary: 'Check whether a workflow may start now; nothing is reserved',
  auth: 'org:read',
  response: z.object(executable),
});
