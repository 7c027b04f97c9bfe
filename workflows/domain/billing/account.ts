import { planNamed, type BillingRules } from './plans.ts';

export const accountStatuses = ['pending', 'active', 'suspended', 'canceled'] as const;
export type AccountStatus = (typeof accountStatuses)[number];

/** What an organization has left. Every change of these three numbers is an entry of its ledger. */
export interface Balance {
  credit_cents: number;
  free_workflows: number;
  used_workflows: number;
}
export type BalanceField = keyof Balance;

export interface Account extends Balance {
  status: AccountStatus;
  /** When the month's counts begin again, in ms. */
  resets_at: number;
}

export const entryKinds = [
  'opening',
  'monthly_reset',
  'workflow',
  'release',
  'credit_purchase',
  'credit_refund',
  'invoice',
] as const;
export type EntryKind = (typeof entryKinds)[number];
/** A line of the ledger: what it adds to the balance. */
export interface Entry extends Balance {
  kind: EntryKind;
}

/** What pays for a workflow. */
export type Source =
  /** Nothing does: the installation enforces no plans, or the plan has no limit. */
  | 'unlimited'
  | 'subscription_quota'
  | 'overage_credits'
  | 'free_tier'
  | 'prepaid_credits'
  /** An invoice at the end of the month, where the organization wants it so and has a card. */
  | 'invoice';

export interface Reservation extends Balance {
  source: Source;
  price_cents: number;
  /** The `resets_at` of the month whose counts it took from. */
  resets_at: number;
}

type DenialReason = 'suspended' | 'plan_limit' | 'free_limit';
export interface Denial {
  reason: DenialReason;
  message: string;
}

const nothing: Balance = { credit_cents: 0, free_workflows: 0, used_workflows: 0 };
export const balanceFields = Object.keys(nothing) as BalanceField[];

const plus = (a: Balance, b: Balance): Balance => ({
  credit_cents: a.credit_cents + b.credit_cents,
  free_workflows: a.free_workflows + b.free_workflows,
  used_workflows: a.used_workflows + b.used_workflows,
});
/** The balance that the entries of a ledger add up to. */
export const sumOf = (entries: readonly Balance[]): Balance => entries.reduce(plus, nothing);

/** An account with the entries that led to its new balance. */
export interface Changed {
  account: Account;
  entries: Entry[];
}
const post = ({ account, entries }: Changed, kind: Entry['kind'], change: Partial<Balance>): Changed => {
  const entry = { ...nothing, ...change, kind };
  return { account: { ...account, ...plus(account, entry) }, entries: [...entries, entry] };
};

/** The first of the next month, 00:00 UTC. */
export function nextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
}

const freeWorkflows = (rules: BillingRules) => rules.plans.free.workflows_per_month ?? 0;

export const openAccount = (rules: BillingRules, now: number): Changed =>
  post({ account: { ...nothing, status: 'pending', resets_at: nextMonth(now) }, entries: [] }, 'opening', {
    free_workflows: freeWorkflows(rules),
  });

/** Begins the counts of a new month, if one has begun. */
export function resetIfDue(account: Account, rules: BillingRules, now: number): Changed {
  if (now < account.resets_at) return { account, entries: [] };
  return post({ account: { ...account, resets_at: nextMonth(now) }, entries: [] }, 'monthly_reset', {
    free_workflows: freeWorkflows(rules) - account.free_workflows,
    used_workflows: -account.used_workflows,
  });
}

/** Begins the counts of a period that a subscription has paid. */
export const beginPeriod = (account: Account, ends: number): Changed =>
  post({ account: { ...account, resets_at: ends }, entries: [] }, 'monthly_reset', {
    used_workflows: -account.used_workflows || 0,
  });

/**
 * The counts after the last paid period: the month is the calendar's again.
 * @param taken free workflows that were taken in this calendar month.
 */
export function leavePeriods(account: Account, rules: BillingRules, taken: number, now: number): Changed {
  const left = { ...account, resets_at: nextMonth(now) };
  const free_workflows = Math.max(0, freeWorkflows(rules) - taken) - account.free_workflows;
  return free_workflows === 0
    ? { account: left, entries: [] }
    : post({ account: left, entries: [] }, 'monthly_reset', { free_workflows });
}

/** An amount for people, such as $12.50. */
export const dollars = (cents: number) => `$${(cents / 100).toFixed(2)}`;
const denial = (reason: DenialReason, message: string): Denial => ({ reason, message });

/** What would pay for the next workflow, at what price, and what it takes. */
function payment(
  account: Account,
  planName: string,
  rules: BillingRules,
  owed: number | null,
): (Partial<Balance> & { source: Source; price_cents: number }) | Denial {
  const counted = { used_workflows: 1, price_cents: 0 };
  const cents = rules.workflow_cents;
  const byCredit = { used_workflows: 1, price_cents: cents, credit_cents: -cents };
  const paidByCredit = account.credit_cents >= cents;
  if (!rules.enforced) return { ...counted, source: 'unlimited' };
  if (account.status === 'suspended')
    return denial(
      'suspended',
      'The account of this organization is suspended because an invoice is unpaid, so no new work starts. Pay it on the billing page.',
    );
  const { workflows_per_month: limit, label } = planNamed(rules, planName);
  const again = new Date(account.resets_at).toISOString().slice(0, 10);
  const tooMuch =
    owed === null ? '' : ` It owes ${dollars(owed)}, and at most ${dollars(rules.max_owed_cents)} is invoiced.`;
  const has = account.credit_cents > 0 ? ` (now ${dollars(account.credit_cents)})` : '';
  const credit = `credit of ${dollars(cents)}${has}`;
  const remedy = `reached on the plan ${label}.${tooMuch} Work can start again on ${again}, or once there is ${credit}, a larger plan or a higher limit (billing.plans).`;
  const invoiced = owed !== null && owed + cents <= rules.max_owed_cents;
  if (limit === null) return { ...counted, source: 'unlimited' };
  if (planName !== 'free') {
    if (account.used_workflows < limit) return { ...counted, source: 'subscription_quota' };
    if (paidByCredit) return { ...byCredit, source: 'overage_credits' };
    if (invoiced) return { used_workflows: 1, price_cents: cents, source: 'invoice' };
    return denial('plan_limit', `Monthly workflow limit (${limit}) ${remedy}`);
  }
  if (account.free_workflows > 0) return { ...counted, source: 'free_tier', free_workflows: -1 };
  if (paidByCredit) return { ...byCredit, source: 'prepaid_credits' };
  if (invoiced) return { used_workflows: 1, price_cents: cents, source: 'invoice' };
  return denial('free_limit', `Monthly workflow limit (${limit}) ${remedy}`);
}

/**
 * Takes what one workflow costs from the account, before it starts.
 * @param owed cents that are owed for earlier workflows; null where workflows are not invoiced.
 * @returns the reservation, or why there is none; then the month may have begun all the same.
 */
export function reserve(
  before: Account,
  plan: string,
  rules: BillingRules,
  now: number,
  owed: number | null = null,
): Changed & ({ reservation: Reservation } | { denied: Denial }) {
  const reset = resetIfDue(before, rules, now);
  const paid = payment(reset.account, plan, rules, owed);
  if ('reason' in paid) return { ...reset, denied: paid };
  const { source, price_cents, ...change } = paid;
  return {
    ...post(reset, 'workflow', change),
    reservation: { ...nothing, ...change, source, price_cents, resets_at: reset.account.resets_at },
  };
}

/** Gives back what a workflow took that has done no work. A count of an earlier month is gone with its month. */
export function release(account: Account, taken: Reservation, now: number): Changed {
  const sameMonth = taken.resets_at === account.resets_at && now < account.resets_at;
  return post({ account, entries: [] }, 'release', {
    credit_cents: -taken.credit_cents || 0,
    ...(sameMonth ? { free_workflows: -taken.free_workflows || 0, used_workflows: -taken.used_workflows || 0 } : {}),
  });
}

export const addCredit = (account: Account, cents: number): Changed =>
  post({ account, entries: [] }, 'credit_purchase', { credit_cents: cents });

/** Takes credit for a part of an invoice. */
export const payInvoice = (account: Account, cents: number): Changed =>
  post({ account, entries: [] }, 'invoice', { credit_cents: -cents || 0 });

/** Takes what was given back at the provider. What was spent of it already is a debt: the balance falls below zero. */
export const refundCredit = (account: Account, cents: number): Changed =>
  post({ account, entries: [] }, 'credit_refund', { credit_cents: -cents });
