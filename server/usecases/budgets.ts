import { wakeQueues } from '#activities/ports/wake-queues.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { wakeSignal } from '#workflows/contracts/run.ts';
import { missing, systemRoles } from '#workflows/domain/access/permissions.ts';
import { scopeOf, scopeOfTask, scopesOf, type ScopeRef } from '#workflows/domain/billing/scopes.ts';
import { loosens, periodEnd, type BudgetPeriod } from '#workflows/domain/billing/periods.ts';
import { AppError, notFound } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/budgets.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { budgetScope } from './budget-scope.ts';
import { toBudgetView, toPageView, usd } from './views.ts';

export async function listBudgets({ services, organization_id }: Call, query: Query<typeof contracts.listBudgets>) {
  const page = await services.store.budgets.list(organization_id, query);
  const names = await services.store.costs.names(page.items.map((row) => ({ type: row.scope_type, id: row.scope_id })));
  return toPageView(page, (row) => ({
    ...toBudgetView(row),
    scope_label: names[`${row.scope_type}:${row.scope_id}`] ?? null,
  }));
}

/** Sets a budget and wakes every run and every queue that waits for money in it. */
export async function setBudget(call: Call, input: Body<typeof contracts.setBudget>) {
  const { services, organization_id } = call;
  const scope = await budgetScope(call, input.scope_type, input.scope_id);
  const { limit_micros } = await mayChange(call, scope, input);
  const budget = await services.store.budgets.set({
    organization_id,
    scope,
    limit_micros,
    alert_threshold: input.alert_threshold,
    period: input.period,
    period_end: input.period_end ? new Date(input.period_end) : null,
    raise_role: input.raise_role,
    counts_spent: true,
  });
  await wakeWaiting(call);
  return toBudgetView(budget);
}

/** Raises a budget for callers who may not change it otherwise. */
export async function raiseBudget(call: Call, input: Body<typeof contracts.raiseBudget>) {
  const { services, organization_id } = call;
  const scope = await budgetScope(call, input.scope_type, input.scope_id);
  const { limit_micros, old } = await mayChange(call, scope, input);
  if (!old) throw notFound('budget');
  if (limit_micros <= old.limit_micros)
    throw new AppError(
      'invalid_rule',
      `limit_amount must be more than the present limit of $${usd(old.limit_micros)}.`,
      [{ field: 'limit_amount', message: 'is not more than the present limit' }],
    );
  const budget = await services.store.budgets.set({ organization_id, scope, limit_micros });
  await wakeWaiting(call);
  return toBudgetView(budget);
}

type Change = Pick<Body<typeof contracts.setBudget>, 'limit_amount' | 'period' | 'period_end' | 'raise_role'>;

/** @throws forbidden for a change that loosens a budget, by a caller who lacks the role that it asks for. */
async function mayChange(call: Call, scope: ScopeRef, change: Change) {
  const limit_micros = Math.round(change.limit_amount * 1e6);
  const old = await call.services.store.budgets.ofScope(call.organization_id, scope);
  if (old) {
    const before = { ...old, period_end: old.period_end ? new Date(old.period_end) : null };
    const { period = old.period, raise_role = old.raise_role } = change;
    const begins = period === null ? null : periodEnd(period as BudgetPeriod, new Date());
    const unnamed = period !== null && period === old.period ? before.period_end : begins;
    const period_end = change.period_end ? new Date(change.period_end) : unnamed;
    if (loosens(before, { limit_micros, period, period_end, raise_role })) requireRole(call, old.raise_role);
  }
  return { limit_micros, old };
}

/** @throws forbidden unless the caller has all permissions of the role. */
function requireRole({ actor, organization_id }: Call, role: string): void {
  const grant = actor.grants.find((one) => one.organization_id === organization_id);
  if (actor.is_super_admin) return;
  if (missing(grant?.permissions ?? [], systemRoles[role as keyof typeof systemRoles]).length === 0) return;
  throw new AppError(
    'forbidden',
    `Raising this budget, or loosening it otherwise, takes the role ${role}. Ask someone who has it.`,
  );
}

async function wakeWaiting({ services, organization_id }: Call): Promise<void> {
  const { runs, slots } = services.store;
  const [waiting, projects] = await Promise.all([
    runs.waitingForBudget(organization_id),
    slots.projectsHeldBack(organization_id),
  ]);
  await Promise.all([
    ...waiting.map((id) => services.workflows.signal(workflowId.run(id), wakeSignal, {}).catch(() => undefined)),
    wakeQueues(services, projects),
  ]);
}

/** Every scope whose budget work in a scope counts against. */
async function scopesAbove({ services, organization_id }: Call, { type, id }: ScopeRef): Promise<ScopeRef[]> {
  const { store } = services;
  const whole = { organization_id, project_id: null };
  switch (type) {
    case 'global':
      return scopesOf(whole);
    case 'phase':
      return scopesOf({ ...whole, phase: id });
    case 'project':
      return scopesOf({ organization_id, project_id: id });
    case 'spec':
      return scopesOf({ ...(await store.specs.get(organization_id, id)), spec_id: id });
    case 'ticket': {
      const { project_id, spec_id } = await store.tickets.get(organization_id, id);
      return scopesOf({ organization_id, project_id, spec_id, ticket_id: id });
    }
    case 'task':
      return scopesOf(scopeOfTask(await store.tasks.get(organization_id, id)));
    default:
      return scopesOf({ ...scopeOf(await store.runs.get(organization_id, id)), run_id: id });
  }
}

export async function checkBudget(call: Call, query: Query<typeof contracts.checkBudget>) {
  const scope = await budgetScope(call, query.scope_type, query.scope_id);
  const result = await call.services.store.budgets.check(
    call.organization_id,
    await scopesAbove(call, scope),
    Math.round(query.estimated_cost * 1e6),
  );
  return {
    allowed: result.allowed,
    refused_by: result.refused_by && toBudgetView(result.refused_by),
    budgets: result.budgets.map(toBudgetView),
  };
}
