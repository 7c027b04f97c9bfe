import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/costs.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { budgetScope } from './budget-scope.ts';
import { usd } from './views.ts';

export async function costRecords({ services, organization_id }: Call, query: Query<typeof contracts.costRecords>) {
  const before = query.cursor ? new Date(query.cursor) : undefined;
  if (before && Number.isNaN(before.getTime()))
    throw new AppError('invalid_body', 'Invalid cursor: pass next_cursor of the previous page unchanged.', [
      { field: 'cursor', message: 'pass next_cursor unchanged' },
    ]);
  const rows = await services.store.costs.list(organization_id, {
    task_id: query.task_id,
    run_id: query.run_id ?? query.agent_id,
    spec_id: query.spec_id,
    project_id: query.project_id,
    limit: query.limit,
    before,
  });
  const items = rows.map((row) => ({
    ...row,
    total_cost: usd(row.cost_micros),
    input_cost: usd(row.input_micros),
    output_cost: usd(row.output_micros),
    total_tokens: row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens,
    created_at: row.created_at.toISOString(),
  }));
  return { items, next_cursor: items.length === query.limit ? (items.at(-1)?.created_at ?? null) : null };
}

export async function costSummary(call: Call, query: Query<typeof contracts.costSummary>) {
  const scope = await budgetScope(call, query.scope_type, query.scope_id);
  const summary = await call.services.store.costs.summary(
    call.organization_id,
    scope,
    query.since ? new Date(query.since) : undefined,
  );
  return { ...summary, scope_type: scope.type, scope_id: scope.id, total_cost: usd(summary.cost_micros) };
}
