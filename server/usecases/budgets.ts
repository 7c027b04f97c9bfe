import { workflowId } from '#workflows/contracts/ids.ts';
import { wakeSignal } from '#workflows/contracts/run.ts';
import type * as contracts from '../contracts/budgets.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { budgetScope } from './budget-scope.ts';
import { toBudgetView, toPageView } from './views.ts';

export const listBudgets = async ({ services, organization_id }: Call, page: Query<typeof contracts.listBudgets>) =>
  toPageView(await services.store.budgets.list(organization_id, page), toBudgetView);

/** Sets a budget and wakes every run that waits for money in it. */
export async function setBudget(call: Call, input: Body<typeof contracts.setBudget>) {
  const { services, organization_id } = call;
  const scope = await budgetScope(call, input.scope_type, input.scope_id);
  const budget = await services.store.budgets.set({
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
    waiting.map((run) => services.workflows.signal(workflowId.run(run.id), wakeSignal, {}).catch(() => undefined)),
  );
  return toBudgetView(budget);
}

export async function checkBudget(call: Call, query: Query<typeof contracts.checkBudget>) {
  const scope = await budgetScope(call, query.scope_type, query.scope_id);
  const result = await call.services.store.budgets.check(
    call.organization_id,
    [scope],
    Math.round(query.estimated_cost * 1e6),
  );
  return {
    allowed: result.allowed,
    refused_by: result.refused_by && toBudgetView(result.refused_by),
    budgets: result.budgets.map(toBudgetView),
  };
}
