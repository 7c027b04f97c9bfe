import { z } from 'zod';
import { subscriptionSources, subscriptionStatuses } from '#workflows/domain/billing/subscriptions.ts';
import { byId, contract, idParams, isoTime, uuid } from './contract.ts';
import { checkoutAnswer, returnAddresses } from './payments.ts';

const ofAccount = { tag: 'billing', scope: byId('organization'), params: idParams } as const;
const pays = { ...ofAccount, auth: 'org:billing:write', failures: [400, 402, 409] } as const;
const tier = z.enum(['byo', 'pro', 'team']);

const subscriptionView = z.object({
  id: uuid,
  source: z.enum(subscriptionSources),
  tier: z.string(),
  next_tier: z.string().nullable(),
  status: z.enum(subscriptionStatuses),
  cancel_at_period_end: z.boolean(),
  period_start: isoTime.nullable(),
  period_end: isoTime.nullable(),
  created_at: isoTime,
});
/** The subscription that gives the plan now, or the last one; null: there was none. */
const answer = z.object({ tier: z.string(), subscription: subscriptionView.nullable() });

export const getSubscription = contract({
  ...ofAccount,
  method: 'get',
  path: '/billing/account/{id}/subscription',
  summary: 'Get the subscription of an organization',
  auth: 'org:billing:read',
  response: answer,
});

export const subscribe = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/subscription/checkout',
  summary: 'Open Stripe’s page to subscribe to a plan',
  body: z.strictObject({ tier: z.string().max(50), ...returnAddresses }),
  response: checkoutAnswer,
});

export const buyLifetime = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/lifetime/checkout',
  summary: 'Open Stripe’s page to buy the plan for life',
  body: z.strictObject(returnAddresses),
  response: checkoutAnswer,
});

export const cancelSubscription = contract({
  ...pays,
  while_archived: true,
  method: 'post',
  path: '/billing/account/{id}/subscription/cancel',
  summary: 'Cancel the subscription, at the end of its period or now',
  query: z.object({ at_period_end: z.enum(['true', 'false']).default('true') }),
  response: answer,
});

export const reactivateSubscription = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/subscription/reactivate',
  summary: 'Take back the cancellation, or else the downgrade, of a subscription that has not ended',
  response: answer,
});

export const upgradeSubscription = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/subscription/upgrade',
  summary: 'Change to a higher plan now',
  body: z.strictObject({ tier }),
  response: answer,
});

export const downgradeSubscription = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/subscription/downgrade',
  summary: 'Change to a lower plan at the end of the period',
  body: z.strictObject({ tier }),
  response: answer,
});

export const pauseSubscription = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/subscription/pause',
  summary: 'Pause the subscription: nothing is paid, and the rights are those of the free plan',
  response: answer,
});

export const resumeSubscription = contract({
  ...pays,
  method: 'post',
  path: '/billing/account/{id}/subscription/resume',
  summary: 'Resume a paused subscription',
  response: answer,
});
