export const subscriptionStatuses = ['active', 'trialing', 'past_due', 'canceled', 'paused', 'incomplete'] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

/** What gives an organization its plan: a subscription at Stripe, a payment for life, or a promo code. */
export const subscriptionSources = ['stripe', 'lifetime', 'promo'] as const;

/** A subscription as far as rights follow from it. */
export interface Subscribed {
  source: string;
  tier: string;
  status: string;
  /** Null: no end. */
  period_end: Date | null;
}

/** From least to most. */
const byRank = ['free', 'byo', 'lifetime', 'pro', 'team', 'enterprise', 'local'];
export const rankOf = (tier: string): number => byRank.indexOf(tier);

/** Plans that the operator gives. No subscription and no end of one replaces them. */
const plansOfOperators = ['local', 'enterprise'];
export const isOperatorsPlan = (plan: string): boolean => plansOfOperators.includes(plan);

const givesPlan = (status: string) => ['active', 'trialing', 'past_due'].includes(status);

/**
 * Whether a subscription gives its plan now. A payment that is late leaves the plan; Stripe ends it when it gives up.
 * Stripe also tells the end of a period; a grant has nobody who tells, so it ends by its date.
 */
export const isInForce = ({ source, status, period_end }: Subscribed, now: Date): boolean =>
  givesPlan(status) && (source === 'stripe' || !period_end || now < period_end);

/** The plan that the subscriptions of an organization give it now: the best of those in force. */
export const planOf = (subscriptions: readonly Subscribed[], now: Date): string =>
  subscriptions
    .filter((subscription) => isInForce(subscription, now))
    .reduce((best, { tier }) => (rankOf(tier) > rankOf(best) ? tier : best), 'free');

/** The plan of an organization now: a grant that has ended gives none, also before its end is written. */
export const currentPlan = (stored: string, subscriptions: readonly Subscribed[], now: Date): string =>
  isOperatorsPlan(stored) || subscriptions.length === 0 ? stored : planOf(subscriptions, now);

/** The end of a grant of so many months that begins now. The day is at most the last one of its month. */
export function monthsFrom(now: Date, months: number): Date {
  const end = new Date(now);
  end.setUTCMonth(end.getUTCMonth() + months);
  // The 31st of a shorter month would be a day of the month after it.
  if (end.getUTCDate() !== now.getUTCDate()) end.setUTCDate(0);
  return end;
}

/** The events of changes that people want to hear of. */
const events = {
  created: 'subscription.created',
  upgraded: 'subscription.upgraded',
  downgraded: 'subscription.downgraded',
  canceled: 'subscription.canceled',
  reactivated: 'subscription.reactivated',
  paused: 'subscription.paused',
} as const;

type Written = Pick<Subscribed, 'tier' | 'status'> & { cancel_at_period_end: boolean };

/** The event of a change of a subscription; null for a change that nobody needs to hear of. */
export function eventOfChange(before: Written | null, after: Written): (typeof events)[keyof typeof events] | null {
  const [had, has] = [before !== null && givesPlan(before.status), givesPlan(after.status)];
  if (!had && has) return before === null || before.status === 'incomplete' ? events.created : events.reactivated;
  if (had && !has) return after.status === 'paused' ? events.paused : events.canceled;
  if (!before || !has) return before?.status === 'paused' && after.status === 'canceled' ? events.canceled : null;
  if (before.cancel_at_period_end !== after.cancel_at_period_end)
    return after.cancel_at_period_end ? events.canceled : events.reactivated;
  if (before.tier === after.tier) return null;
  return rankOf(after.tier) > rankOf(before.tier) ? events.upgraded : events.downgraded;
}
