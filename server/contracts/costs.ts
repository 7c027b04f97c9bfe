import { z } from 'zod';
import { budgetScopes } from '#workflows/domain/billing/scopes.ts';
import { byBudgetScope, byFilters, contract, listOf, pageQuery, recordId } from './contract.ts';

export const costRecords = contract({
  method: 'get',
  path: '/costs/records',
  tag: 'costs',
  summary: 'Cost of each model call, newest first',
  auth: 'org:read',
  scope: byFilters('project', 'spec', 'task', 'run', 'agent'),
  query: pageQuery.extend({
    task_id: recordId.optional(),
    run_id: recordId.optional(),
    agent_id: recordId.optional(),
    spec_id: recordId.optional(),
    project_id: recordId.optional(),
  }),
  response: listOf(
    z.looseObject({ id: z.string(), model: z.string(), total_cost: z.number(), cost_micros: z.number() }),
  ),
});
export const costSummary = contract({
  method: 'get',
  path: '/costs/summary',
  tag: 'costs',
  summary: 'Total cost of a scope, by model',
  auth: 'org:read',
  scope: byBudgetScope('query'),
  query: z.object({
    scope_type: z.enum(budgetScopes).default('global'),
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
