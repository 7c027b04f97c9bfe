import fc from 'fast-check';
import { planNames } from '#workflows/domain/billing/plans.ts';
import {
  currentPlan,
  eventOfChange,
  isInForce,
  monthsFrom,
  planOf,
  rankOf,
  subscriptionSources,
  subscriptionStatuses,
  type Subscribed,
} from '#workflows/domain/billing/subscriptions.ts';

const now = new Date('2026-03-15T12:00:00Z');
const later = new Date(now.getTime() + 1);

const subscription = fc.record({
  source: fc.constantFrom(...subscriptionSources),
  tier: fc.constantFrom('pro', 'team', 'lifetime', 'byo'),
  status: fc.constantFrom(...subscriptionStatuses),
  period_end: fc.constantFrom(null, now, later),
});
const pro: Subscribed = { source: 'stripe', tier: 'pro', status: 'active', period_end: now };

describe('the plan that follows from subscriptions', () => {
  test('each plan has a rank', () => {
    expect(planNames.filter((name) => rankOf(name) < 0)).toEqual([]);
  });

  test.each([
    ['active', 'pro'],
    ['trialing', 'pro'],
    ['past_due', 'pro'],
    ['paused', 'free'],
    ['incomplete', 'free'],
    ['canceled', 'free'],
  ])('a subscription that is %s gives %s', (status, plan) => {
    expect(planOf([{ ...pro, status }], now)).toBe(plan);
  });

  test('a grant ends by its date, a subscription when Stripe says so', () => {
    const grant = { ...pro, source: 'promo' };
    expect(planOf([{ ...grant, period_end: later }], now)).toBe('pro');
    expect(planOf([grant], now)).toBe('free');
    expect(planOf([{ ...grant, period_end: null }], now)).toBe('pro');
    expect(planOf([pro], later)).toBe('pro');
  });

  test('it is the best of those in force, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(subscription, { maxLength: 6 }), (rows) => {
        const plan = planOf(rows, now);
        expect(planOf([...rows].reverse(), now)).toBe(plan);
        const inForce = rows.filter((row) => isInForce(row, now));
        expect(plan === 'free' ? inForce.length === 0 : inForce.some(({ tier }) => tier === plan)).toBe(true);
        expect(inForce.every(({ tier }) => rankOf(tier) <= rankOf(plan))).toBe(true);
        // One that is not in force changes nothing.
        expect(planOf(inForce, now)).toBe(plan);
      }),
    );
  });

  test('the plan that an operator gave stays, and so does one that no subscription explains', () => {
    fc.assert(
      fc.property(fc.array(subscription, { maxLength: 4 }), (rows) => {
        expect(currentPlan('local', rows, now)).toBe('local');
        expect(currentPlan('enterprise', rows, now)).toBe('enterprise');
        expect(currentPlan('team', [], now)).toBe('team');
      }),
    );
    expect(currentPlan('team', [{ ...pro, status: 'canceled' }], now)).toBe('free');
  });

  test('a grant of months ends on the same day of a later month, or on its last', () => {
    const end = (from: string, months: number) => monthsFrom(new Date(`${from}T10:00:00Z`), months).toISOString();
    expect(end('2026-01-31', 1)).toBe('2026-02-28T10:00:00.000Z');
    expect(end('2026-01-15', 1)).toBe('2026-02-15T10:00:00.000Z');
    expect(end('2026-11-30', 15)).toBe('2028-02-29T10:00:00.000Z');
  });

  test.each([
    [null, { status: 'active' }, 'created'],
    [null, { status: 'incomplete' }, null],
    [{ status: 'incomplete' }, { status: 'active' }, 'created'],
    [{ status: 'active' }, { status: 'active' }, null],
    [{ status: 'active' }, { status: 'past_due' }, null],
    [{ tier: 'pro' }, { tier: 'team' }, 'upgraded'],
    [{ tier: 'team' }, { tier: 'pro' }, 'downgraded'],
    [{}, { cancel_at_period_end: true }, 'canceled'],
    [{ cancel_at_period_end: true }, {}, 'reactivated'],
    [{ cancel_at_period_end: true }, { status: 'canceled' }, 'canceled'],
    [{}, { status: 'paused' }, 'paused'],
    [{ status: 'paused' }, {}, 'reactivated'],
    [{ status: 'paused' }, { status: 'canceled' }, 'canceled'],
    [{ status: 'canceled' }, { status: 'canceled' }, null],
  ])('the event of %j to %j: %s', (before, after, expected) => {
    const usual = { tier: 'pro', status: 'active', cancel_at_period_end: false };
    expect(eventOfChange(before && { ...usual, ...before }, { ...usual, ...after })).toBe(
      expected && `subscription.${expected}`,
    );
  });
});
