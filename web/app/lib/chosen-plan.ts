import { planNames } from '#workflows/domain/billing/plans.ts';
import { pathOr } from './own-path.ts';

/** A name of the table of plans, or nothing. The billing page offers it only where it is for sale. */
export const planOf = (wanted: unknown) => planNames.find((name) => name === wanted);

/** Leads to the purchase of a plan, by way of the first steps for who has no organization. */
export const checkoutOf = (plan: string) => `/checkout?plan=${plan}`;

const home = '/command';

/** Where an entrance leads: to the wanted page of this site, to the purchase of the chosen plan, or home. */
export function wantedPage(address: string): string {
  const { searchParams: search } = new URL(address);
  const plan = planOf(search.get('plan'));
  return pathOr(plan ? checkoutOf(plan) : home, search.get('to'));
}

/** An entrance that leads to a page. */
export const entranceTo = (entrance: string, to: string) =>
  to === home ? entrance : `${entrance}?to=${encodeURIComponent(to)}`;
