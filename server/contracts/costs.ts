import { z } from 'zod';
import { budgetScopes } from '#workflows/domain/billing/scopes.ts';
import { contract, listOf, pageQuery } from './contract.ts';

export const costRecords = contract({
  method: 'get',
  path: '/costs/records',
  tag: 'costs',
  summary: 'Cost of each model call, newest first',
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
  summary: 'Total cost of a scope, by model',
  auth: 'org:read',
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
