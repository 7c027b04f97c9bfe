import type * as contracts from '../contracts/costs.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { budgetScope } from './budget-scope.ts';
import { toPageView, usd } from './views.ts';

export async function costRecords({ services, organization_id }: Call, query: Query<typeof contracts.costRecords>) {
  const { task_id, run_id, agent_id, spec_id, project_id } = query;
  const filter = { task_id, run_id: run_id ?? agent_id, spec_id, project_id };
  return toPageView(await services.store.costs.list(organization_id, filter, query), (row) => ({
    ...row,
    total_cost: usd(row.cost_micros),
    input_cost: usd(row.input_micros),
    output_cost: usd(row.output_micros),
    total_tokens: row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens,
    created_at: row.created_at.toISOString(),
  }));
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
