import { createHash } from 'node:crypto';
import Stripe from 'stripe';
import { AppError } from '#workflows/domain/errors.ts';
import { cutStart } from '#workflows/domain/text.ts';
import type { StripeSettings } from '../../services/config-stripe.ts';

/** The version of the interface that this code was written for, whatever the account's own is. */
const apiVersion = '2026-10-28.endive';
/** Of one try, and there are three. */
const timeoutMs = 15_000;

export function stripeClient({ api_base }: Pick<StripeSettings, 'api_base'>, api_key: string): Stripe {
  const { protocol, hostname, port } = new URL(api_base);
  return new Stripe(api_key, {
    apiVersion,
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port ? { port } : {}),
    timeout: timeoutMs,
    maxNetworkRetries: 2,
    telemetry: false,
  });
}

/** Options of a call whose answer a person waits for on a page. */
export const whileSomebodyWaits = { timeout: 5000, maxNetworkRetries: 0 };

/** The error of a call for its reader. Stripe's words about keys stay out of it: they show a part of the key. */
function problemOf(error: unknown): unknown {
  const { errors } = Stripe;
  if (!(error instanceof errors.StripeError)) return error;
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError)
    return new AppError('unavailable', 'STRIPE_API_KEY: Stripe refuses the key. The operator sets a valid one.');
  const said = cutStart(error.message.replace(/\s+/g, ' ').trim(), 300);
  if (error instanceof errors.StripeCardError) return new AppError('payment_required', said);
  if (error instanceof errors.StripeInvalidRequestError) {
    if (error.statusCode === 409) return new AppError('unavailable', 'Stripe is busy with the same request.', {}, 2);
    if (error.code === 'resource_missing') return new AppError('not_found', said);
    return new AppError('invalid_rule', `Stripe refuses the request: ${said}`);
  }
  return new AppError('unavailable', 'Stripe does not answer. Try again later.', {}, 10);
}

/** @throws AppError instead of the vendor's errors. */
export async function asking<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw problemOf(error);
  }
}

export const idOf = (thing: string | { id: string } | null | undefined): string | null =>
  typeof thing === 'string' ? thing : (thing?.id ?? null);

/** An idempotency key that follows from the request: the same request is made once. */
export const keyOf = (...parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);

/** Whether Stripe refuses a creation because the id is there already. */
export const isKnown = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_already_exists';
