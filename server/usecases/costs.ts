import { AppError } from '#workflows/domain/errors.ts';
import { mostCsvRows } from '../contracts/costs.ts';
import type * as contracts from '../contracts/costs.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { budgetScope } from './budget-scope.ts';
import { toPageView, usd } from './views.ts';

type Filters = Query<typeof contracts.costRecordsCsv>;

const time = (text: string | undefined) => (text === undefined ? undefined : new Date(text));

export async function costRecords({ services, organization_id }: Call, query: Query<typeof contracts.costRecords>) {
  const { limit, cursor } = query;
  return toPageView(await services.store.costs.list(organization_id, filterOf(query), { limit, cursor }), (row) => ({
    ...row,
    total_cost: usd(row.cost_micros),
    input_cost: usd(row.input_micros),
    output_cost: usd(row.output_micros),
    total_tokens: row.input_tokens + row.output_tokens + row.cache_read_tokens + row.cache_write_tokens,
    created_at: row.created_at.toISOString(),
  }));
}

const filterOf = ({ task_id, run_id, agent_id, spec_id, project_id, since, until }: Filters) => ({
  task_id,
  run_id: run_id ?? agent_id,
  spec_id,
  project_id,
  since: time(since),
  until: time(until),
});

/** All records of the filters, one page after another, so that a long list needs little memory. */
export async function allCostRecords(call: Call, query: Filters) {
  const count = await call.services.store.costs.count(call.organization_id, filterOf(query));
  if (count > mostCsvRows)
    throw new AppError(
      'invalid_rule',
      `A file has at most ${mostCsvRows} records, and these are ${count}. Ask for a shorter time with since and until.`,
      [{ field: 'since', message: `leaves ${count} records` }],
    );
  const pageAt = (cursor?: string) => costRecords(call, { ...query, limit: 1000, cursor });
  // An error of the first page is an answer; later ones can only break off the file.
  const first = await pageAt();
  return (async function* () {
    for (let page = first; ; page = await pageAt(page.next_cursor)) {
      yield* page.items;
      if (page.next_cursor === null) return;
    }
  })();
}

export async function costSummary(call: Call, query: Query<typeof contracts.costSummary>) {
  const scope = await budgetScope(call, query.scope_type, query.scope_id);
  const summary = await call.services.store.costs.summary(call.organization_id, {
    scope,
    since: time(query.since),
    until: time(query.until),
    by: query.group_by,
  });
  const priced = <T extends { cost_micros: number }>(row: T) => ({ ...row, total_cost: usd(row.cost_micros) });
  return {
    ...priced(summary),
    scope_type: query.scope_type,
    scope_id: scope.id,
    group_by: query.group_by,
    models: summary.models.map(priced),
    groups: summary.groups.map(priced),
  };
}
