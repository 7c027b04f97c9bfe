import { z } from 'zod';
import { byId, contract, idParams, isoTime, listOf, pageQuery } from './contract.ts';

const cents = z.number().int().meta({ description: 'Cents of US dollars.' });
const ofAccount = { tag: 'billing', scope: byId('organization'), params: idParams } as const;
/** Who pays, and who sees it. */
const pays = { ...ofAccount, auth: 'org:billing:write' } as const;
const sees = { ...ofAccount, auth: 'org:billing:read' } as const;

/** A page of this installation to which Stripe leads back. */
const pageAddress = z.url().max(2000).optional().meta({ description: 'An address of this installation.' });
export const returnAddresses = { success_url: pageAddress, cancel_url: pageAddress };
export const checkoutAnswer = z.object({ checkout_url: z.string(), session_id: z.string() });

export const listPaymentMethods = contract({
  ...sees,
  method: 'get',
  path: '/billing/account/{id}/payment-methods',
  summary: 'List the cards of an organization',
  response: z.object({
    items: z.array(z.object({ id: z.string(), label: z.string(), expires: z.string(), is_default: z.boolean() })),
  }),
});

export const attachPaymentMethod = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/payment-method',
  summary: 'Attach a card that the browser gave to Stripe',
  body: z.strictObject({ payment_method_id: z.string().min(1).max(200), set_as_default: z.boolean().default(true) }),
  status: 204,
  failures: [400, 402],
});

export const removePaymentMethod = contract({
  ...pays,
  method: 'delete',
  path: '/billing/account/{id}/payment-methods/{payment_method_id}',
  summary: 'Remove a card',
  params: idParams.extend({ payment_method_id: z.string().min(1).max(200) }),
  status: 204,
  failures: [400],
});

export const createSetupIntent = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/setup-intent',
  summary: 'Begin to add a card in a page of one’s own',
  shown_once: ['client_secret'],
  response: z.object({ id: z.string(), client_secret: z.string().nullable() }),
  failures: [400],
});

export const buyCredits = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/credits/checkout',
  summary: 'Open Stripe’s page to buy credit',
  body: z.strictObject({
    amount_usd: z.number().int().min(10, 'must be at least 10 dollars').max(1000, 'must be at most 1000 dollars'),
    ...returnAddresses,
  }),
  response: checkoutAnswer,
  failures: [400],
});

export const openPortal = contract({
  ...pays,
  while_archived: true,
  method: 'post',
  path: '/billing/account/{id}/portal',
  summary: 'Open Stripe’s page for cards and invoices',
  body: z.strictObject({ flow: z.enum(['card']).optional(), return_url: pageAddress }),
  response: z.object({ portal_url: z.string() }),
  failures: [400],
});

export const listStripeInvoices = contract({
  ...sees,
  method: 'get',
  path: '/billing/account/{id}/stripe-invoices',
  summary: 'List the invoices that Stripe made for plans, newest first',
  query: pageQuery.extend({ limit: z.coerce.number().int().min(1).max(100).default(50) }),
  response: listOf(
    z.object({
      id: z.string(),
      number: z.string().nullable(),
      status: z.string(),
      total: cents,
      /** Stripe's page of it, and the file. */
      url: z.string().nullable(),
      pdf_url: z.string().nullable(),
      created_at: isoTime,
    }),
  ),
  failures: [400, 503],
});

export const updateBillingAccount = contract({
  ...pays,
  method: 'patch',
  path: '/billing/account/{id}',
  summary: 'Choose whether work beyond the plan is invoiced to the card',
  body: z.strictObject({ auto_billing_enabled: z.boolean() }),
  status: 204,
  failures: [400],
});

export const stripeWebhook = contract({
  method: 'post',
  path: '/billing/webhooks/stripe',
  tag: 'billing',
  summary: 'Take an event of Stripe, which Stripe has signed',
  auth: 'none',
  scope: 'none',
  raw_body: true,
  response: z.object({ received: z.literal(true) }),
  failures: [400, 503],
});
