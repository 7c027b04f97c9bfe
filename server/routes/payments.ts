import * as contracts from '../contracts/payments.ts';
import * as promo from '../contracts/promo-codes.ts';
import * as plans from '../contracts/subscriptions.ts';
import { route } from '../http/define-route.ts';
import * as usecases from '../usecases/payments.ts';
import * as codes from '../usecases/promo-codes.ts';
import { takeStripeEvent } from '../usecases/stripe-events.ts';
import * as subscriptions from '../usecases/subscriptions.ts';

export const paymentRoutes = [
  route(contracts.listPaymentMethods, (_input, call) => usecases.listPaymentMethods(call)),
  route(contracts.attachPaymentMethod, ({ body }, call) => usecases.attachPaymentMethod(call, body)),
  route(contracts.removePaymentMethod, ({ params }, call) =>
    usecases.removePaymentMethod(call, params.payment_method_id),
  ),
  route(contracts.createSetupIntent, (_input, call) => usecases.createSetupIntent(call)),
  route(contracts.buyCredits, ({ body }, call) => usecases.buyCredits(call, body)),
  route(contracts.openPortal, ({ body }, call) => usecases.openPortal(call, body)),
  route(contracts.listStripeInvoices, ({ query }, call) => usecases.listStripeInvoices(call, query)),
  route(contracts.updateBillingAccount, ({ body }, call) => usecases.updateBillingAccount(call, body)),
  route(contracts.stripeWebhook, (_input, { services }, { req }) =>
    takeStripeEvent(
      services,
      Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
      req.header('stripe-signature') ?? '',
    ),
  ),

  route(plans.getSubscription, (_input, call) => subscriptions.getSubscription(call)),
  route(plans.subscribe, ({ body }, call) => subscriptions.subscribe(call, body)),
  route(plans.buyLifetime, ({ body }, call) => subscriptions.buyLifetime(call, body)),
  route(plans.cancelSubscription, ({ query }, call) =>
    subscriptions.cancelSubscription(call, query.at_period_end === 'true'),
  ),
  route(plans.reactivateSubscription, (_input, call) => subscriptions.reactivateSubscription(call)),
  route(plans.upgradeSubscription, ({ body }, call) => subscriptions.upgradeSubscription(call, body.tier)),
  route(plans.downgradeSubscription, ({ body }, call) => subscriptions.downgradeSubscription(call, body.tier)),
  route(plans.pauseSubscription, (_input, call) => subscriptions.pauseSubscription(call)),
  route(plans.resumeSubscription, (_input, call) => subscriptions.resumeSubscription(call)),

  route(promo.createPromoCode, ({ body }, call) => codes.createPromoCode(call, body)),
  route(promo.listPromoCodes, ({ query }, call) => codes.listPromoCodes(call, query.active_only === 'true')),
  route(promo.validatePromoCode, ({ body }, call) => codes.validatePromoCode(call, body.code)),
  route(promo.deactivatePromoCode, ({ params }, call) => codes.deactivatePromoCode(call, params.code)),
  route(promo.redeemPromoCode, ({ body }, call) => codes.redeemPromoCode(call, body.code)),
];
