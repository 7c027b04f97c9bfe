import fc from 'fast-check';
import {
  addCredit,
  balanceFields,
  nextMonth,
  openAccount,
  release,
  resetIfDue,
  reserve,
  sumOf,
  type Account,
  type Changed,
  type Entry,
  type Reservation,
} from '#workflows/domain/billing/account.ts';
import { billingRules } from '#tests/support/billing.ts';
import { agentsOf, plansWith, type BillingRules } from '#workflows/domain/billing/plans.ts';

const rules: BillingRules = { ...billingRules, enforced: true };
const now = Date.UTC(2026, 0, 31, 23, 59);
const day = 86_400_000;
const balance = (account: Account) => balanceFields.map((field) => account[field]);

/** An account with this much, in the month of `now`. */
const account = (more: Partial<Account> = {}): Account => ({ ...openAccount(rules, now).account, ...more });
const paidBy = (more: Partial<Account>, plan: string, other: Partial<BillingRules> = {}) => {
  const answer = reserve(account(more), plan, { ...rules, ...other }, now);
  return 'denied' in answer ? answer.denied.reason : answer.reservation.source;
};

describe('the gate of work', () => {
  test.each([
    ['free', {}, 'free_tier'],
    ['free', { free_workflows: 0, credit_cents: 1000 }, 'prepaid_credits'],
    ['free', { free_workflows: 0, credit_cents: 999 }, 'free_limit'],
    ['pro', { used_workflows: 99 }, 'subscription_quota'],
    ['pro', { used_workflows: 100, credit_cents: 1000 }, 'overage_credits'],
    // A subscriber has no free workflows besides.
    ['pro', { used_workflows: 100, free_workflows: 5 }, 'plan_limit'],
    ['enterprise', { used_workflows: 10_000 }, 'unlimited'],
    ['local', { used_workflows: 10_000 }, 'unlimited'],
    ['a plan of the past', { free_workflows: 0, used_workflows: 5 }, 'plan_limit'],
    ['enterprise', { status: 'suspended' }, 'suspended'],
  ] as const)('on %s with %j: %s', (plan, more, expected) => {
    expect(paidBy(more, plan)).toBe(expected);
  });

  test.each([
    ['free', { free_workflows: 1 }, 0, 'free_tier'],
    ['free', { free_workflows: 0, credit_cents: 1000 }, 0, 'prepaid_credits'],
    ['free', { free_workflows: 0, credit_cents: 999 }, 0, 'invoice'],
    ['pro', { used_workflows: 100 }, 19_000, 'invoice'],
    ['pro', { used_workflows: 100 }, 19_001, 'plan_limit'],
    ['free', { free_workflows: 0 }, 20_000, 'free_limit'],
    ['free', { status: 'suspended', free_workflows: 0 }, 0, 'suspended'],
  ] as const)('where work is invoiced, on %s with %j and %d cents owed: %s', (plan, more, owed, expected) => {
    const answer = reserve(account(more), plan, rules, now, owed);
    expect('denied' in answer ? answer.denied.reason : answer.reservation.source).toBe(expected);
  });

  test('credit that is too low for a workflow is named beside the price', () => {
    const answer = reserve(account({ free_workflows: 0, credit_cents: 500 }), 'free', rules, now);
    expect(answer).toMatchObject({
      denied: { message: expect.stringContaining('or once there is credit of $10.00 (now $5.00), a larger') as string },
    });
  });

  test('an installation that enforces no plans lets everything start, and counts it', () => {
    const open = { ...rules, enforced: false };
    expect(paidBy({ status: 'suspended', free_workflows: 0 }, 'free', open)).toBe('unlimited');
    const answer = reserve(account(), 'free', open, now);
    expect(answer.entries).toEqual([{ kind: 'workflow', credit_cents: 0, free_workflows: 0, used_workflows: 1 }]);
  });

  test('the counts begin again on the first of the month, 00:00 UTC', () => {
    const used = account({ free_workflows: 0, used_workflows: 5 });
    expect(nextMonth(Date.UTC(2026, 11, 31))).toBe(Date.UTC(2027, 0, 1));
    expect(reserve(used, 'free', rules, Date.UTC(2026, 1, 1) - 1)).toHaveProperty('denied');
    const fresh = reserve(used, 'free', rules, Date.UTC(2026, 1, 1));
    expect(fresh.account).toMatchObject({ free_workflows: 4, used_workflows: 1, resets_at: Date.UTC(2026, 2, 1) });
    expect(fresh.entries.map((entry) => entry.kind)).toEqual(['monthly_reset', 'workflow']);
  });

  test('a released workflow gives back its credit always, and its count only within its month', () => {
    const paid = reserve(account({ free_workflows: 0, credit_cents: 1500 }), 'free', rules, now);
    const free = reserve(account(), 'free', rules, now);
    if (!('reservation' in paid) || !('reservation' in free)) throw new Error('both must start');
    expect(release(paid.account, paid.reservation, now + 2 * day).account).toMatchObject({
      credit_cents: 1500,
      // The month's counts begin again with the next workflow.
      used_workflows: 1,
    });
    expect(release(paid.account, paid.reservation, now).account).toMatchObject({
      credit_cents: 1500,
      used_workflows: 0,
    });
    const next = resetIfDue(free.account, rules, now + 2 * day).account;
    expect(release(next, free.reservation, now + 2 * day).account.free_workflows).toBe(5);
    expect(release(free.account, free.reservation, now).account.free_workflows).toBe(5);
  });

  test('the plan limits the agents that work at once', () => {
    expect(agentsOf(rules, { plan: 'free', max_concurrent_agents: 5 })).toBe(1);
    expect(agentsOf(rules, { plan: 'team', max_concurrent_agents: 5 })).toBe(5);
    expect(agentsOf(rules, { plan: 'enterprise', max_concurrent_agents: 70 })).toBe(70);
    expect(agentsOf({ ...rules, enforced: false }, { plan: 'free', max_concurrent_agents: 5 })).toBe(5);
  });

  test('a setting changes one value of a plan', () => {
    expect(plansWith({ free: { workflows_per_month: 1 } }).free).toMatchObject({ workflows_per_month: 1, agents: 1 });
  });
});

test('over every history the entries add up to the balance, and nothing falls below zero', () => {
  const step = fc.record({
    days: fc.integer({ min: 0, max: 20 }),
    act: fc.oneof(
      fc.record({ kind: fc.constant('start' as const), plan: fc.constantFrom('free', 'pro', 'team', 'enterprise') }),
      fc.record({ kind: fc.constant('release' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('buy' as const), cents: fc.integer({ min: 1, max: 5000 }) }),
    ),
  });
  const few = { ...rules, plans: plansWith({ pro: { workflows_per_month: 3 } }) };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const opened = openAccount(few, now);
      let state = opened.account;
      const ledger: Entry[] = [...opened.entries];
      const open: Reservation[] = [];
      let at = now;
      const take = (changed: Changed) => {
        state = changed.account;
        ledger.push(...changed.entries);
      };
      for (const { days, act } of steps) {
        at += days * day;
        if (act.kind === 'buy') take(addCredit(state, act.cents));
        else if (act.kind === 'start') {
          const answer = reserve(state, act.plan, few, at);
          take(answer);
          if ('reservation' in answer) open.push(answer.reservation);
        } else {
          const [given] = open.splice(act.which, 1);
          if (given) take(release(state, given, at));
        }
        expect(balance({ ...state, ...sumOf(ledger) })).toEqual(balance(state));
        expect(balance(state).every((value) => value >= 0)).toBe(true);
        expect(state.free_workflows).toBeLessThanOrEqual(5);
      }
    }),
    { numRuns: 300 },
  );
});
