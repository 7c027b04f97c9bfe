import { z } from 'zod';
import { budgetScopes } from '#workflows/domain/billing/scopes.ts';
import { contract, isoTime, listOf, pageQuery } from './contract.ts';

const budgetView = z.object({
  id: z.string(),
  scope_type: z.string(),
  scope_id: z.string(),
  limit_amount: z.number(),
  spent_amount: z.number(),
  held_amount: z.number(),
  remaining_amount: z.number(),
  alert_threshold: z.number(),
  period_end: isoTime.nullable(),
  warned_at: isoTime.nullable(),
  exceeded_at: isoTime.nullable(),
});
const scopeType = z.enum(budgetScopes);
export const costRecords = contract({
  method: 'get',
  path: '/costs/records',
  tag: 'costs',
  summary: 'What each model call cost, newest first',
  auth: 'org:read',
  query: pageQuery.extend({
    task_id: z.string().optional(),
    run_id: z.string().optional(),
    agent_id: z.string().optional(),
    spec_id: z.string().optional(),
    project_id: z.string().optional(),
  }),
  response: listOf(
    z.looseObject({ id: z.string(), model: z.string(), total_cost: z.number(), cost_micros: z.number() }),
  ),
});
export const costSummary = contract({
  method: 'get',
  path: '/costs/summary',
  tag: 'costs',
  summary: 'Totals of a scope, by model',
  auth: 'org:read',
  query: z.object({
    scope_type: scopeType.default('global'),
    scope_id: z.string().optional(),
    since: z.iso.datetime().optional(),
  }),
  response: z.looseObject({
    total_cost: z.number(),
    cost_micros: z.number(),
    calls: z.number(),
    models: z.array(z.looseObject({ model: z.string(), cost_micros: z.number() })),
  }),
});
export const listBudgets = contract({
  method: 'get',
  path: '/costs/budgets',
  tag: 'costs',
  summary: 'Budgets',
  auth: 'org:read',
  response: listOf(budgetView),
});
export const setBudget = contract({
  method: 'post',
  path: '/costs/budgets',
  tag: 'costs',
  summary: 'Set the budget of a scope; raising it wakes what waits for it',
  auth: 'org:write',
  status: 201,
  body: z.strictObject({
    scope_type: scopeType,
    scope_id: z.string().optional(),
    limit_amount: z.number().positive().max(10_000_000),
    period_end: z.iso.datetime().nullable().optional(),
    alert_threshold: z.number().min(0).max(1).optional(),
  }),
  response: budgetView,
});
export const checkBudget = contract({
  method: 'get',
  path: '/costs/budgets/check',
  tag: 'costs',
  summary: 'Would a cost fit now?',
  auth: 'org:read',
  query: z.object({
    scope_type: scopeType.default('global'),
    scope_id: z.string().optional(),
    estimated_cost: z.coerce.number().min(0).default(0),
  }),
  response: z.object({ allowed: z.boolean(), refused_by: budgetView.nullable(), budgets: z.array(budgetView) }),
});
export const report = contract({
  method: 'get',
  path: '/report',
  tag: 'report',
  summary: 'What happened since: runs and money',
  auth: 'org:read',
  query: z.object({ since: z.iso.datetime({ offset: true }).optional() }),
  response: z.object({
    since: isoTime,
    until: isoTime,
    runs: z.object({
      started: z.number(),
      completed: z.number(),
      failed: z.number(),
      cancelled: z.number(),
      active: z.number(),
      waiting: z.number(),
    }),
    waiting_on_you: z.array(z.looseObject({ kind: z.string(), id: z.string(), title: z.string() })),
    pull_requests: z.array(z.looseObject({ id: z.string(), title: z.string(), state: z.string() })),
    failures: z.array(z.looseObject({ run_id: z.string(), title: z.string(), reason: z.string() })),
    money: z.object({
      cost_micros: z.number(),
      cost_usd: z.number(),
      calls: z.number(),
      models: z.array(z.looseObject({ model: z.string(), cost_micros: z.number() })),
    }),
  }),
});
