import { periodEnd, type BudgetPeriod } from './periods.ts';

interface Sums {
  scope_type: string;
  limit_micros: number;
  spent_micros: number;
}

interface SpentBudget extends Sums {
  period: string | null;
  /** ISO time. */
  period_end: string | null;
  raise_role: string;
}

const usd = (micros: number) => `$${(micros / 1e6).toFixed(4).replace(/0{1,2}$/, '')}`;

/** Why a budget allows no call, in one sentence: it is spent, or less is left than a call may cost. */
export function shortage({ scope_type, spent_micros: spent, limit_micros: limit }: Sums, least: number): string {
  const scope = scope_type === 'global' ? 'organization' : scope_type;
  return spent >= limit
    ? `The budget of this ${scope} is spent: ${usd(spent)} of ${usd(limit)}.`
    : `The budget of this ${scope} is too low: ${usd(limit - spent)} of ${usd(limit)} is left, and the next call may cost up to ${usd(least)}.`;
}

const goesOn = { run: 'the run continues', task: 'the task starts' };

/**
 * Why work waits for the money of a budget, what ends the wait, and the ISO time at which it ends by itself.
 * @param of.least the money in micro-dollars that the next call gets at least.
 */
export function spentBudget(
  budget: SpentBudget,
  now: Date,
  { work, least }: { work: keyof typeof goesOn; least: number },
): { message: string; until: string | undefined } {
  const { period, period_end, raise_role } = budget;
  const end = period ? periodEnd(period as BudgetPeriod, now).toISOString() : period_end;
  const until = end === null ? undefined : new Date(end).toISOString();
  const who = raise_role === 'admin' ? 'Raise it' : `Ask for a higher one, which takes the role ${raise_role}`;
  const or = until === undefined ? '' : `, at the latest at ${until.slice(0, 16).replace('T', ' ')} UTC`;
  return {
    message: `${shortage(budget, least)} ${who}, and ${goesOn[work]}${or}.`,
    until,
  };
}
