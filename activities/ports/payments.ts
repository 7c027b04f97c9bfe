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

/** A payment as it stands at the provider. */
export interface PaymentFacts extends ChargeResult {
  customer_id: string | null;
  amount_cents: number;
  /** All refunds together. */
  refunded_cents: number;
  metadata: Record<string, string>;
}

/** A plan as the provider sells it. */
export interface PlanPrice {
  tier: string;
  label: string;
  price_cents: number;
  interval: 'month' | 'once';
}

export interface Checkout {
  customer_id: string;
  organization_id: string;
  purchase: { kind: 'credits'; amount_cents: number } | { kind: 'plan'; plan: PlanPrice };
  /** A code whose discount or trial the plan gets. */
  promo?: { code: string; coupon_id: string | null; trial_days: number | null };
  success_url: string;
  cancel_url: string;
}

/** A visit of the provider's page of payment, as it stands. */
interface CheckoutFacts {
  customer_id: string | null;
  /** It is over, and what it costs is paid, or costs nothing. */
  is_paid: boolean;
  payment_intent_id: string | null;
  subscription_id: string | null;
  metadata: Record<string, string>;
}

/** A subscription as it stands at the provider. */
export interface SubscriptionFacts {
  id: string;
  customer_id: string;
  tier: string;
  /** The plan from the period's end on; null: the same. */
  next_tier: string | null;
  /** The provider begins the next plan by itself: one that only is noted needs `schedule`. */
  is_scheduled: boolean;
  status: 'active' | 'trialing' | 'past_due' | 'canceled' | 'paused' | 'incomplete';
  cancel_at_period_end: boolean;
  period_start: Date;
  period_end: Date;
  promo_code: string | null;
}

export type SubscriptionOrder =
  | { kind: 'cancel'; at_period_end: boolean }
  | { kind: 'reactivate' }
  /** Takes a downgrade back. */
  | { kind: 'keep' }
  /** Now, and the rest of the period is paid at once. */
  | { kind: 'upgrade'; plan: PlanPrice }
  /** From the period's end on. */
  | { kind: 'downgrade'; plan: PlanPrice }
  | { kind: 'pause' }
  | { kind: 'resume' };

/** An invoice that the provider itself made, for a subscription or a payment. */
interface ProviderInvoice {
  id: string;
  number: string | null;
  status: string;
  total_cents: number;
  /** The provider's page of it. */
  url: string | null;
  pdf_url: string | null;
  created_at: Date;
}

/** An event of the provider. It says only that an object changed: what the object is now is read. */
export interface PaymentEvent {
  id: string;
  type: string;
  object: { id: string; customer_id: string | null; payment_intent_id: string | null };
}

/** A plan's price at the provider, and how it differs from the table of plans. */
export interface PriceReport {
  tier: string;
  price_id: string | null;
  state: 'there' | 'created' | 'differs';
  difference: string | null;
}

/**
 * A service that takes payments. Amounts are cents of US dollars.
 *
 * All calls throw AppError: `unavailable` when the provider does not answer (the call may be repeated), `not_found`,
 * `payment_required` for a refused card, `invalid_rule` for what the provider refuses otherwise.
 */
export interface Payments {
  /** Takes money. A refused card is an answer, not an error. */
  charge(charge: Charge): Promise<ChargeResult>;
  payment(paymentIntentId: string): Promise<PaymentFacts>;
  /** Gives back what is left of a payment. A repeated call gives nothing more. */
  refund(paymentIntentId: string): Promise<void>;

  /** The customer of an organization: a repeated call makes no second one. */
  createCustomer(organization: { id: string; name: string; email: string | null }): Promise<string>;
  /** The cards of a customer. Where none is the default, the newest becomes it. */
  cards(customerId: string): Promise<Card[]>;
  /** @throws not_found for a card of another customer. */
  attachCard(customerId: string, cardId: string, asDefault: boolean): Promise<void>;
  /** @throws not_found for a card of another customer. */
  removeCard(customerId: string, cardId: string): Promise<void>;
  /** For a page that asks for a card by itself. */
  setupIntent(customerId: string): Promise<{ id: string; client_secret: string }>;
  /** The provider's page for cards and invoices; `card`: straight to a new card. */
  portal(customerId: string, returnUrl: string, flow?: 'card'): Promise<string>;

  /**
   * The provider's page of payment. The same purchase that is open already is answered again. Pages for another plan
   * that were opened before are closed, so that two plans are not paid.
   */
  checkout(checkout: Checkout): Promise<{ id: string; url: string }>;
  session(sessionId: string): Promise<CheckoutFacts>;
  /** What a code takes off a purchase of one organization, once. */
  coupon(discount: {
    organization_id: string;
    code: string;
    off: { percent: number } | { cents: number };
  }): Promise<string>;

  subscription(subscriptionId: string): Promise<SubscriptionFacts>;
  /** The payments of its invoices. */
  subscriptionPayments(subscriptionId: string): Promise<string[]>;
  /** `pause`, `resume`, `cancel` and `reactivate` keep the plan of a downgrade noted; it begins once it is scheduled. */
  changeSubscription(subscriptionId: string, order: SubscriptionOrder): Promise<void>;
  /** Begins the noted plan at the period's end. A repeated call changes nothing. */
  schedule(subscriptionId: string, plan: PlanPrice): Promise<void>;
  /**
   * The newest first, after the invoice `after`. A person waits for the answer, so it is `unavailable` within seconds.
   * @throws invalid_rule for an `after` that is not an invoice of the customer.
   */
  invoices(
    customerId: string,
    page: { limit: number; after?: string },
  ): Promise<{ items: ProviderInvoice[]; has_more: boolean }>;
  /** `begins_period`: it is for a period of a subscription, not for a change within one. */
  invoice(invoiceId: string): Promise<{ subscription_id: string | null; is_paid: boolean; begins_period: boolean }>;

  /** Creates the prices that are missing, and compares the others. */
  syncPrices(plans: readonly PlanPrice[]): Promise<PriceReport[]>;
  /** @throws invalid_rule unless the provider has signed these bytes. */
  event(bytes: Buffer, signature: string): PaymentEvent;
}
