import { ApplicationFailure } from '@temporalio/common';
import type { NoTurn } from '#workflows/contracts/stretch.ts';
import type { NightTerms } from '#workflows/domain/agent/night-terms.ts';
import { nextRaise, nightRaise } from '#workflows/domain/billing/night.ts';
import { spentBudget } from '#workflows/domain/billing/spent-budget.ts';
import type { BudgetRow, ReservationResult } from '#prisma/store/reservations.ts';
import type { Run } from '#prisma/store/runs.ts';
import type { Services } from '../../ports/services.ts';

type Waits = Extract<NoTurn, { kind: 'budget' }>;

/** A budget has no money for a call: too little is left, or running calls have reserved the rest. */
export const createRefuseSpending =
  ({ store, config }: Services) =>
  async (run: Run, refusal: Extract<ReservationResult, { ok: false }>, terms: NightTerms | null): Promise<NoTurn> => {
    const night = terms?.raise_usd === undefined ? config.night : { ...config.night, raise_usd: terms.raise_usd };
    const { budget, short, least } = refusal;
    if (!short) throw again('Calls under way have reserved the rest of the budget.', 1000);
    if (budget.scope_type !== 'run') return waitFor(budget, least);
    let next: Date | null = null;
    const raise = (raisedIn: string | null) => {
      next = nextRaise(new Date(), night, raisedIn);
      return nightRaise(new Date(), night, raisedIn);
    };
    if (await store.budgets.raiseAtNight(run, raise)) throw again('The night policy has raised the budget.', 1);
    const waits = waitFor(budget, least);
    return next ? untilNight(waits, next, night.raise_usd) : waits;
  };

/** The run asks again when the night begins, and gets more money then. */
function untilNight(waits: Waits, next: Date, raise_usd: number): Waits {
  const until = next.toISOString();
  const at = `${until.slice(0, 16).replace('T', ' ')} UTC`;
  return { ...waits, until, message: `${waits.message} At ${at} the night policy raises it by $${raise_usd}.` };
}

const again = (message: string, nextRetryDelay: number) =>
  ApplicationFailure.create({ type: 'budget_held', message, nextRetryDelay });

const waitFor = (budget: BudgetRow, least: number): Waits => {
  const { message, until } = spentBudget(budget, new Date(), { work: 'run', least });
  return { kind: 'budget', scope_type: budget.scope_type, message, ...(until === undefined ? {} : { until }) };
};
