import { pageLink } from '#activities/ports/page-link.ts';
import type { Payments } from '#activities/ports/payments.ts';
import type { Services } from '#activities/ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { StripeEvent } from '#prisma/store/subscriptions.ts';
import type { Call } from '../http/context.ts';

/** Reads that another write overtook are repeated so often. */
const maxReads = 10;

/** @throws invalid_rule where no provider takes payments. */
export function paymentsOf({ payments }: Services): Payments {
  if (payments) return payments;
  throw new AppError(
    'invalid_rule',
    'This installation takes no payments. Its operator sets STRIPE_API_KEY, or adds credit with: omoios admin add-credit.',
  );
}

/** The customer of the call's organization at the provider, made with its first need. */
export async function customerOf({ services, organization_id }: Call): Promise<string> {
  const payments = paymentsOf(services);
  const { stripe_customer_id: known } = await services.store.billing.account(organization_id);
  if (known) return known;
  const { name, billing_email } = await services.store.identity.organization(organization_id);
  const made = await payments.createCustomer({ id: organization_id, name, email: billing_email });
  return services.store.payments.setCustomer(organization_id, made);
}

/** Repeats a read at the provider and its write here until no other write came between. */
export async function untilWritten(attempt: () => Promise<'done' | 'changed'>): Promise<void> {
  for (let reads = 1; reads <= maxReads; reads += 1) if ((await attempt()) === 'done') return;
  throw new AppError('unavailable', 'Other changes of the same account came first. Try again.', {}, 1);
}

/** Writes the default card as it stands at the provider. */
export const syncCard = (
  services: Services,
  { organization_id, customer_id }: { organization_id: string; customer_id: string },
  event?: StripeEvent,
) =>
  untilWritten(async () => {
    const { card } = await services.store.billing.account(organization_id);
    const cards = await paymentsOf(services).cards(customer_id);
    const standard = cards.find(({ is_default }) => is_default)?.label ?? null;
    return services.store.payments.setCard(organization_id, card, standard, event);
  });

/** @throws invalid_rule for an address of others, by its field. */
export function requireOwnPages({ services }: Call, pages: Record<string, string | undefined>): void {
  const own = new URL(pageLink(services, '/'));
  for (const [field, url] of Object.entries(pages))
    if (url && new URL(url).origin !== own.origin)
      throw new AppError('invalid_rule', `${field}: must be an address of ${own.origin}.`);
}

/** Where the provider leads back to. @throws as requireOwnPages. */
export function returnPages(call: Call, { success_url, cancel_url }: { success_url?: string; cancel_url?: string }) {
  const { services, organization_id } = call;
  requireOwnPages(call, { success_url, cancel_url });
  const page = (name: string) => pageLink(services, `/billing/${name}?organization=${organization_id}`);
  return { success_url: success_url ?? page('success'), cancel_url: cancel_url ?? page('cancel') };
}
