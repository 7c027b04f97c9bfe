import { AppError } from '#workflows/domain/errors.ts';
import { pageLink } from '#activities/ports/page-link.ts';
import type * as contracts from '../contracts/payments.ts';
import type { Body, Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { customerOf, paymentsOf, requireOwnPages, returnPages, syncCard } from './customer.ts';

/** The customer where there is one already: who only reads makes none. */
const known = async ({ services, organization_id }: Call) =>
  services.payments ? (await services.store.billing.account(organization_id)).stripe_customer_id : null;

export async function listPaymentMethods(call: Call) {
  const customer = await known(call);
  return { items: customer ? await paymentsOf(call.services).cards(customer) : [] };
}

export async function attachPaymentMethod(call: Call, input: Body<typeof contracts.attachPaymentMethod>) {
  const customer_id = await customerOf(call);
  await paymentsOf(call.services).attachCard(customer_id, input.payment_method_id, input.set_as_default);
  await syncCard(call.services, { organization_id: call.organization_id, customer_id });
  return undefined;
}

export async function removePaymentMethod(call: Call, cardId: string) {
  const customer_id = await customerOf(call);
  await paymentsOf(call.services).removeCard(customer_id, cardId);
  await syncCard(call.services, { organization_id: call.organization_id, customer_id });
  return undefined;
}

export const createSetupIntent = async (call: Call) => paymentsOf(call.services).setupIntent(await customerOf(call));

export async function buyCredits(call: Call, { amount_usd, ...pages }: Body<typeof contracts.buyCredits>) {
  const addresses = returnPages(call, pages);
  const { status } = await call.services.store.billing.account(call.organization_id);
  if (status === 'suspended')
    throw new AppError(
      'invalid_rule',
      'The account is suspended because an invoice is unpaid, and credit pays no earlier invoice. Pay the invoice first.',
    );
  const session = await paymentsOf(call.services).checkout({
    customer_id: await customerOf(call),
    organization_id: call.organization_id,
    purchase: { kind: 'credits', amount_cents: amount_usd * 100 },
    ...addresses,
  });
  return { checkout_url: session.url, session_id: session.id };
}

export async function openPortal(call: Call, { flow, return_url }: Body<typeof contracts.openPortal>) {
  const { services, organization_id } = call;
  requireOwnPages(call, { return_url });
  const back = return_url ?? pageLink(services, `/organizations/${organization_id}/billing`);
  return { portal_url: await paymentsOf(services).portal(await customerOf(call), back, flow) };
}

/** @throws unavailable when Stripe does not answer. */
export async function listStripeInvoices(call: Call, { limit, cursor }: Query<typeof contracts.listStripeInvoices>) {
  const customer = await known(call);
  if (!customer) return { items: [], next_cursor: null };
  const page = await paymentsOf(call.services).invoices(customer, { limit, after: cursor });
  return {
    items: page.items.map(({ total_cents, created_at, ...invoice }) => ({
      ...invoice,
      total: total_cents,
      created_at: created_at.toISOString(),
    })),
    next_cursor: page.has_more ? (page.items.at(-1)?.id ?? null) : null,
  };
}

export async function updateBillingAccount(
  call: Call,
  { auto_billing_enabled }: Body<typeof contracts.updateBillingAccount>,
) {
  const { services, organization_id } = call;
  if (auto_billing_enabled) {
    paymentsOf(services);
    const { card } = await services.store.billing.account(organization_id);
    if (!card)
      throw new AppError('invalid_rule', 'auto_billing_enabled: there is no card to take money from. Add one first.');
  }
  await services.store.payments.setAutoBilling(organization_id, auto_billing_enabled);
  return undefined;
}
