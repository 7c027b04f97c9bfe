import { phaseIds } from '#workflows/domain/phases/index.ts';
import { phaseIdsOfBoard } from '#workflows/domain/tasks/states.ts';
import type { BudgetScope } from '#workflows/domain/billing/scopes.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type { Call } from '../http/context.ts';
import { budgetView, usd, wholeList } from './views.ts';

const costedPhases: readonly string[] = [...phaseIds, ...phaseIdsOfBoard];
const kinds = { project: 'project', spec: 'spec', ticket: 'ticket', task: 'task', run: 'run', agent: 'run' } as const;

/** The scope an input names; the whole organization where it names none. A foreign id does not exist. */
async function scopeOf(
  { services, organization_id }: Call,
  type: BudgetScope,
  id: string | undefined,
): Promise<{ type: BudgetScope; id: string }> {
  if (type === 'global') return { type, id: organization_id };
  if (!id)
    throw new AppError('invalid_rule', `scope_id is needed with the scope ${type}.`, [
      { field: 'scope_id', message: 'is needed' },
    ]);
  if (type === 'phase') {
    if (!costedPhases.includes(id))
      throw new AppError('invalid_rule', `There is no phase ${id}. Phases are ${costedPhases.join(', ')}.`, [
        { field: 'scope_id', message: 'is no phase' },
      ]);
    return { type, id };
  }
  const owner = await services.store.scopes.organizationOf(kinds[type], id);
  if (owner !== organization_id) throw notFound(type);
  return { type, id };
}

export async function costRecords(
  { services, organization_id }: Call,
  query: {
    limit: number;
    cursor?: string;
    task_id?: string;
    run_id?: string;
    agent_id?: string;
    spec_id?: string;
    project_id?: string;
  },
) {
  const before = query.cursor ? new Date(query.cursor) : undefined;
  if (before && Number.isNaN(before.getTime()))
    throw new AppError('invalid_body', 'The cursor is none that this list has given.', [
      { field: 'cursor', message: 'pass next_cursor unchanged' },
    ]);
  const rows = await services.store.money.records(organization_id, {
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

export async function costSummary(call: Call, query: { scope_type: BudgetScope; scope_id?: string; since?: string }) {
  const scope = await scopeOf(call, query.scope_type, query.scope_id);
  const summary = await call.services.store.money.summary(
    call.organization_id,
    scope,
    query.since ? new Date(query.since) : undefined,
  );
  return { ...summary, scope_type: scope.type, scope_id: scope.id, total_cost: usd(summary.cost_micros) };
}

export const listBudgets = async ({ services, organization_id }: Call) =>
  wholeList(await services.store.money.budgets(organization_id), budgetView);

/** Sets a budget, and wakes every run that waits for money in it. */
export async function setBudget(
  call: Call,
  input: {
    scope_type: BudgetScope;
    scope_id?: string;
    limit_amount: number;
    period_end?: string | null;
    alert_threshold?: number;
  },
) {
  const { services, organization_id } = call;
  const scope = await scopeOf(call, input.scope_type, input.scope_id);
  const budget = await services.store.money.setBudget({
    organization_id,
    scope,
    limit_micros: Math.round(input.limit_amount * 1e6),
    alert_threshold: input.alert_threshold,
    period_end: input.period_end === undefined ? undefined : input.period_end ? new Date(input.period_end) : null,
  });
  const waiting = (await services.store.runs.list(organization_id, { status: 'waiting' }, { limit: 200 })).items.filter(
    (run) => run.waiting_for === 'budget',
  );
  await Promise.all(
    waiting.map((run) => services.workflows.signal(workflowId.run(run.id), 'wake', {}).catch(() => undefined)),
  );
  return budgetView(budget);
}

export async function checkBudget(
  call: Call,
  query: { scope_type: BudgetScope; scope_id?: string; estimated_cost: number },
) {
  const scope = await scopeOf(call, query.scope_type, query.scope_id);
  const result = await call.services.store.money.check(
    call.organization_id,
    [scope],
    Math.round(query.estimated_cost * 1e6),
  );
  return {
    allowed: result.allowed,
    refused_by: result.refused_by && budgetView(result.refused_by),
    budgets: result.budgets.map(budgetView),
  };
}

/** The morning report: runs and money since a time, and what waits for somebody. */
export async function report(call: Call, query: { since?: string }) {
  const { services, organization_id } = call;
  const since = query.since ? new Date(query.since) : new Date(Date.now() - 86_400_000);
  const facts = await services.store.runs.report(organization_id, since);
  const money = await services.store.money.summary(organization_id, { type: 'global', id: organization_id }, since);
  const pulls = (await services.store.code.listPullRequests(organization_id, {}, { limit: 200 })).items;
  return {
    since: since.toISOString(),
    until: new Date().toISOString(),
    runs: facts.counts,
    failures: facts.failures,
    waiting_on_you: [
      ...facts.waiting,
      ...pulls
        .filter((pull) => pull.state === 'open')
        .map((pull) => ({ kind: 'pull_request', id: pull.id, title: pull.title, reason: 'open for review' })),
    ],
    pull_requests: pulls
      .filter((pull) => pull.created_at >= since || (pull.merged_at && pull.merged_at >= since))
      .map((pull) => ({ id: pull.id, number: pull.number, title: pull.title, state: pull.state, url: pull.url })),
    money: { ...money, cost_usd: usd(money.cost_micros) },
  };
}
