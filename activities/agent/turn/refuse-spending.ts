import { ApplicationFailure } from '@temporalio/common';
import type { NoTurn } from '#workflows/contracts/stretch.ts';
import { nightRaise } from '#workflows/domain/billing/night.ts';
import { periodEnd, type BudgetPeriod } from '#workflows/domain/billing/periods.ts';
import type { BudgetRow, ReservationResult } from '#prisma/store/reservations.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../../ports/services.ts';

/** A budget has no money for a call: it is spent, or running calls have reserved the rest. */
export const createRefuseSpending =
  ({ store, config }: Services) =>
  async (run: Run, refusal: Extract<ReservationResult, { ok: false }>): Promise<NoTurn> => {
    const { budget, spent } = refusal;
    if (!spent) throw again('Calls under way have reserved the rest of the budget.', 1000);
    if (budget.scope_type !== 'run') return spentBudget(budget);
    const raise = (raisedIn: string | null) => nightRaise(new Date(), config.night, raisedIn);
    if (await store.budgets.raiseAtNight(run, raise)) throw again('The night policy has raised the budget.', 1);
    return spentBudget(budget);
  };

const again = (message: string, nextRetryDelay: number) =>
  ApplicationFailure.create({ type: 'budget_held', message, nextRetryDelay });

const usd = (micros: number) => `$${(micros / 1e6).toFixed(4).replace(/0{1,2}$/, '')}`;

function spentBudget(budget: BudgetRow): NoTurn {
  const { scope_type, period, period_end, raise_role, spent_micros: spent, limit_micros: limit } = budget;
  const scope = scope_type === 'global' ? 'organization' : scope_type;
  const until = period ? periodEnd(period as BudgetPeriod, new Date()).toISOString() : (period_end ?? undefined);
  const who = raise_role === 'admin' ? 'Raise it' : `Ask for a higher one, which takes the role ${raise_role}`;
  const or = until === undefined ? '' : `, at the latest at ${until.slice(0, 16).replace('T', ' ')} UTC`;
  return {
    kind: 'budget',
    scope_type,
    message: `The budget of this ${scope} is spent: ${usd(spent)} of ${usd(limit)}. ${who}, and the run continues${or}.`,
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
}
