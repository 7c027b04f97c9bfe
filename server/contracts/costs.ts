import { z } from 'zod';
import { assumed } from '#workflows/domain/billing/forecast.ts';
import { budgetScopes, costGroups } from '#workflows/domain/billing/scopes.ts';
import { budgetSchema } from './budgets.ts';
import { byBudgetScope, byFilters, contract, isoTime, listOf, moment, pageQuery, recordId } from './contract.ts';

/** Records of one answer in CSV. */
export const mostCsvRows = 100_000;

const period = { since: moment.optional(), until: moment.optional() };
const micros = z.number().int().meta({ description: 'Millionths of a US dollar.' });

const ofRecords = {
  tag: 'costs',
  auth: 'org:read',
  scope: byFilters('project', 'spec', 'task', 'run', 'agent'),
} as const;
const recordFilters = z.object({
  task_id: recordId.optional(),
  run_id: recordId.optional(),
  agent_id: recordId.optional(),
  spec_id: recordId.optional(),
  project_id: recordId.optional(),
  ...period,
});
export const costRecords = contract({
  ...ofRecords,
  method: 'get',
  path: '/costs/records',
  summary: 'Cost of each model call, newest first',
  query: pageQuery.extend(recordFilters.shape),
  response: listOf(
    z.looseObject({
      id: z.string(),
      kind: z.string(),
      provider: z.string(),
      model: z.string(),
      project_id: z.string().nullable(),
      task_id: z.string().nullable(),
      run_id: z.string().nullable(),
      phase: z.string().nullable(),
      input_tokens: z.number(),
      output_tokens: z.number(),
      total_tokens: z.number(),
      total_cost: z.number(),
      cost_micros: micros,
      created_at: isoTime,
    }),
  ),
});

export const costRecordsCsv = contract({
  ...ofRecords,
  method: 'get',
  path: '/costs/records/csv',
  summary: `Cost of each model call as a file in CSV, of at most ${mostCsvRows} rows`,
  query: recordFilters,
  answer_type: 'text/csv',
  response: z.string(),
});

const totals = {
  calls: z.number().int(),
  cost_micros: micros,
  total_cost: z.number(),
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cache_read_tokens: z.number().int(),
  cache_write_tokens: z.number().int(),
};
const ofSummary = {
  tag: 'costs',
  auth: 'org:read',
  scope: byBudgetScope('query'),
  query: z.object({
    scope_type: z.enum([...budgetScopes, 'billing_account']).default('global'),
    scope_id: z.string().optional(),
    group_by: z.enum(costGroups).default('model'),
    ...period,
  }),
} as const;
export const costSummary = contract({
  ...ofSummary,
  method: 'get',
  path: '/costs/summary',
  summary: 'Total cost of a scope, by model and by one more of its parts',
  response: z.object({
    scope_type: z.string(),
    scope_id: z.string(),
    group_by: z.enum(costGroups),
    total_cost: z.number(),
    cost_micros: micros,
    calls: z.number().int(),
    models: z.array(z.object({ provider: z.string(), model: z.string(), ...totals })),
    /** The dearest first. `key` is null for calls that belong to none. */
    groups: z.array(z.object({ key: z.string().nullable(), label: z.string().nullable(), ...totals })),
    more_groups: z.boolean(),
  }),
});

export const costSummaryCsv = contract({
  ...ofSummary,
  method: 'get',
  path: '/costs/summary/csv',
  summary: 'The groups of a summary as a file in CSV',
  answer_type: 'text/csv',
  response: z.string(),
});

export const forecastCost = contract({
  method: 'post',
  path: '/costs/forecast',
  tag: 'costs',
  summary: 'Forecast the cost of tasks, of a feature, or of a spec at work, as a range and with its basis',
  auth: 'org:read',
  scope: {
    kind: 'spec',
    from: 'body',
    field: 'spec_id',
    optional: true,
    or: [{ kind: 'project', field: 'project_id' }],
  },
  body: z.strictObject({
    project_id: recordId.optional(),
    spec_id: recordId.optional().meta({ description: 'A spec that was launched: its cost so far, and what is left.' }),
    mode: z
      .enum(['quick', 'spec_driven'])
      .default('quick')
      .meta({ description: 'spec_driven: a feature with its plan.' }),
    tasks: z.number().int().min(1).max(1000).optional(),
    task_type: z.string().min(1).max(100).optional(),
    model: z.string().min(1).max(200).optional(),
  }),
  response: z.object({
    low: z.number(),
    mid: z.number(),
    high: z.number(),
    low_micros: micros,
    mid_micros: micros,
    high_micros: micros,
    basis: z.enum(['project', 'organization', 'assumption']),
    /** Finished tasks or features of the same kind. */
    similar: z.number().int(),
    of: z.enum(['task', 'feature']),
    tasks: z.number().int(),
    model: z.string(),
    message: z.string(),
    assumptions: z.object({
      tokens_per_task: z.literal(assumed.tokens_per_task),
      buffer: z.literal(assumed.buffer),
      retries: z.literal(assumed.retries),
      factor: z.literal(assumed.factor),
    }),
    /** Of a spec at work. */
    spent_micros: micros,
    limit_micros: micros.nullable(),
    remaining_micros: micros.nullable(),
    /** The budget that the middle of the range does not fit into. */
    refused_by: budgetSchema.nullable(),
  }),
});
