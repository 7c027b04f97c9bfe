/** A card, as far as people know it. */
export interface Card {
  id: string;
  /** For people, such as "Visa 4242". */
  label: string;
  /** Month and year, such as "08/2030". */
  expires: string;
  is_default: boolean;
}

/** A try to take money from an organization's default card while nobody is there to confirm it. */
export interface Charge {
  customer_id: string;
  amount_cents: number;
  /** For the organization's bank statement and the provider's pages. */
  description: string;
  /** Ours, given back with each event of the payment. */
  metadata: { organization_id: string; invoice_id: string; payment_id: string };
  /** A repeated call with it takes nothing: it gets the first call's answer. */
  key: string;
}

export interface ChargeResult {
  /** Null where the provider made none, for instance because there is no card. */
  payment_intent_id: string | null;
  /** `pending`: the bank takes its time, and an event tells the end. */
  status: 'succeeded' | 'failed' | 'pending';
  /** Why it failed, in the provider's words for people. */
  failure: string | null;
}

/** A service that takes payments. Amounts are cents of US dollars. */
export interface Payments {
  /**
   * Takes money. A refused card is an answer, not an error.
   * @throws AppError `unavailable` when the provider does not answer: the call may be repeated with the same key.
   */
  charge(charge: Charge): Promise<ChargeResult>;
  /** The payment as it stands at the provider. */
  payment(paymentIntentId: string): Promise<ChargeResult & { refunded_cents: number; amount_cents: number }>;
}
