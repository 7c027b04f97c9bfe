import { z } from 'zod';
import { budgetPeriods } from '#workflows/domain/billing/periods.ts';
import { budgetScopes } from '#workflows/domain/billing/scopes.ts';
import { byBudgetScope, contract, isoTime, laterMoment, listOf, pageQuery, usdAmount } from './contract.ts';

/** Roles of the system that a budget may ask for. A role of the organization counts by its permissions. */
export const raiseRoles = ['member', 'admin', 'owner'] as const;

export const budgetSchema = z.object({
  id: z.string(),
  scope_type: z.string(),
  scope_id: z.string(),
  limit_amount: z.number(),
  spent_amount: z.number(),
  held_amount: z.number(),
  remaining_amount: z.number(),
  alert_threshold: z.number(),
  period: z.enum(budgetPeriods).nullable(),
  period_end: isoTime.nullable(),
  warned_at: isoTime.nullable(),
  critical_at: isoTime.nullable(),
  exceeded_at: isoTime.nullable(),
  raise_role: z.enum(raiseRoles).meta({ description: 'The least role that may raise it.' }),
});
export const listBudgets = contract({
  method: 'get',
  path: '/costs/budgets',
  tag: 'costs',
  summary: 'List budgets',
  auth: 'org:read',
  query: pageQuery,
  response: listOf(
    budgetSchema.extend({ scope_label: z.string().nullable().meta({ description: 'The name of what it is for.' }) }),
  ),
});
export const setBudget = contract({
  method: 'post',
  path: '/costs/budgets',
  tag: 'costs',
  summary:
    'Set the budget of a scope; what the scope has spent before counts, in the period or, without one, ever. A higher limit resumes the runs that wait for it',
  auth: 'org:write',
  scope: byBudgetScope('body'),
  status: 201,
  body: z.strictObject({
    scope_type: z.enum(budgetScopes),
    scope_id: z.string().optional(),
    limit_amount: usdAmount(10_000_000),
    period: z.enum(budgetPeriods).nullable().optional().meta({
      description: 'How often the budget begins again, at midnight UTC; null: it is spent once.',
    }),
    period_end: laterMoment.nullable().optional().meta({
      description:
        'With a period its first end. Without one the end of the budget; a budget that is set without it has no end.',
    }),
    alert_threshold: z.number().min(0).max(1).optional(),
    raise_role: z.enum(raiseRoles).optional(),
  }),
  response: budgetSchema,
});
export const raiseBudget = contract({
  method: 'post',
  path: '/costs/budgets/raise',
  tag: 'costs',
  summary: 'Raise a budget as its role allows; the runs that wait for it continue',
  auth: 'task:write',
  while_archived: false,
  scope: byBudgetScope('body'),
  body: z.strictObject({
    scope_type: z.enum(budgetScopes),
    scope_id: z.string().optional(),
    limit_amount: usdAmount(10_000_000),
  }),
  response: budgetSchema,
});
export const checkBudget = contract({
  method: 'get',
  path: '/costs/budgets/check',
  tag: 'costs',
  summary: 'Check whether a cost fits every budget that it would count against',
  auth: 'org:read',
  scope: byBudgetScope('query'),
  query: z.object({
    scope_type: z.enum(budgetScopes).default('global'),
    scope_id: z.string().optional(),
    estimated_cost: z.coerce.number().min(0).max(10_000_000).default(0),
  }),
  response: z.object({ allowed: z.boolean(), refused_by: budgetSchema.nullable(), budgets: z.array(budgetSchema) }),
});
