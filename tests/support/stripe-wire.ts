/** The bodies and answers of Stripe's interface, as they go over the wire. */

type Value = string | Fields | Value[];
export interface Fields {
  [name: string]: Value;
}

/** Reads `a[b][0][c]=d`, as Stripe does: a list is a record whose names are numbers. */
export function readForm(body: string): Fields {
  const form: Fields = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const path = name.replaceAll(']', '').split('[');
    let place = form;
    for (const key of path.slice(0, -1)) place = (place[key] ??= {}) as Fields;
    place[path.at(-1) ?? ''] = value;
  }
  return lists(form) as Fields;
}

function lists(value: Value): Value {
  if (typeof value === 'string') return value;
  const entries = Object.entries(value).map(([key, below]) => [key, lists(below)] as const);
  if (entries.length > 0 && entries.every(([key]) => /^\d*$/.test(key))) return entries.map(([, below]) => below);
  return Object.fromEntries(entries);
}

/** A refusal, in Stripe's form. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly error: { type: string; code?: string; message: string; payment_intent?: object; param?: string },
  ) {
    super(error.message);
  }
}

export const refuse = (code: string, message: string) =>
  new Refusal(code === 'resource_missing' ? 404 : 400, { type: 'invalid_request_error', code, message });

export const listOf = (data: object[]) => ({ object: 'list', data, has_more: false, url: '/' });

/** Cards of tests, by their names at Stripe. */
export const testCards: Record<string, object> = {
  pm_card_visa: { brand: 'visa', last4: '4242' },
  pm_card_mastercard: { brand: 'mastercard', last4: '4444' },
  pm_card_chargeCustomerFail: { brand: 'visa', last4: '0341' },
};
