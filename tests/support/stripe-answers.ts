import type { StripeStub, Thing } from './stripe.ts';
import { listOf, Refusal, refuse, testCards, type Fields } from './stripe-wire.ts';

type Work = (fields: Fields, ids: string[]) => object;
type Texts = Record<string, string>;

const month = 30 * 86_400;
const now = () => Math.floor(Date.now() / 1000);
const record = (value: unknown) => (value ?? {}) as Fields;
const flag = (value: unknown) => value === 'true';

/** What the stub of Stripe answers, and what happens there by itself. */
export function answersOf(stub: StripeStub) {
  const change = (thing: Thing, fields: object) => Object.assign(thing, fields);
  const discountOf = (session: Thing, cents: number): number => {
    const [discount] = (session.discounts ?? []) as Texts[];
    if (!discount?.coupon) return 0;
    const { percent_off: percent, amount_off: off } = stub.get(discount.coupon);
    return Math.min(cents, percent ? Math.round((cents * percent) / 100) : off);
  };

  function card(customer: string, name: string): Thing {
    const known = testCards[name];
    if (!known) return change(stub.get(name), { customer });
    const more = { exp_month: 8, exp_year: 2030, display_brand: null, ...known };
    return stub.make('pm', 'payment_method', { type: 'card', customer, card: more, name });
  }
  const attach = (customer: string, name: string) => {
    const method = card(customer, name);
    stub.emit('payment_method.attached', method);
    return method;
  };

  function pay(intent: Thing): Thing {
    const refused = stub.objects.get(intent.payment_method)?.name === 'pm_card_chargeCustomerFail';
    if (refused) {
      const message = 'Your card was declined.';
      change(intent, { status: 'requires_payment_method', last_payment_error: { message, code: 'card_declined' } });
      stub.emit('payment_intent.payment_failed', intent);
      throw new Refusal(402, { type: 'card_error', code: 'card_declined', message, payment_intent: intent });
    }
    const { customer, amount, id } = intent;
    const charge = stub.make('ch', 'charge', { customer, amount, amount_refunded: 0, payment_intent: id });
    change(intent, { status: 'succeeded', latest_charge: charge.id, last_payment_error: null });
    stub.emit('payment_intent.succeeded', intent);
    return intent;
  }

  function refund(id: string, cents: number): void {
    const charge = stub.get(stub.get(id).latest_charge);
    charge.amount_refunded += cents;
    stub.emit('charge.refunded', charge);
  }

  function invoice(subscription: Thing, total: number, billing_reason: string, paid: boolean): Thing {
    const { customer } = subscription;
    const intent = paid && total > 0 ? pay(stub.make('pi', 'payment_intent', { customer, amount: total })) : null;
    const payment = intent && { status: 'paid', payment: { type: 'payment_intent', payment_intent: intent.id } };
    const made = stub.make('in', 'invoice', {
      customer,
      subscription: subscription.id,
      payments: listOf(payment ? [payment] : []),
      number: `STUB-${stub.objects.size}`,
      status: paid ? 'paid' : 'open',
      total,
      billing_reason,
      hosted_invoice_url: `${stub.url}/invoice`,
      invoice_pdf: `${stub.url}/invoice.pdf`,
      parent: { type: 'subscription_details', subscription_details: { subscription: subscription.id } },
    });
    stub.emit(paid ? 'invoice.paid' : 'invoice.payment_failed', made);
    return made;
  }

  const withPrice = (subscription: Thing): Thing => {
    const schedule = subscription.schedule && stub.get(subscription.schedule);
    const phases = schedule?.phases.map((phase: Thing) => ({
      ...phase,
      items: phase.items.map((item: Texts) => ({ ...item, price: stub.get(item.price ?? '') })),
    }));
    return { ...subscription, schedule: schedule && { ...schedule, phases } };
  };
  const itemsFor = (price: string, start: number, end = start + month, id = `si_${stub.objects.size}`) =>
    listOf([{ id, price: stub.get(price), current_period_start: start, current_period_end: end }]);

  function open(session: Thing): Thing {
    const { metadata, trial_period_days: days } = session.subscription_data;
    const start = now();
    const subscription = stub.make('sub', 'subscription', {
      customer: session.customer,
      status: days ? 'trialing' : 'active',
      metadata: { ...metadata },
      cancel_at_period_end: false,
      cancel_at: null,
      pause_collection: null,
      schedule: null,
      items: itemsFor(session.line_items[0].price, start, start + (days ? Number(days) * 86_400 : month)),
    });
    stub.emit('customer.subscription.created', subscription);
    invoice(subscription, session.amount_total, 'subscription_create', true);
    return subscription;
  }

  const updated = (subscription: Thing): Thing => {
    stub.emit('customer.subscription.updated', subscription);
    return subscription;
  };
  function end(subscription: Thing): Thing {
    change(subscription, { status: 'canceled' });
    stub.emit('customer.subscription.deleted', subscription);
    return subscription;
  }
  function endNow(id: string): Thing {
    const subscription = stub.get(id);
    if (subscription.status === 'canceled') throw refuse('resource_missing', `No such subscription: '${id}'`);
    return end(subscription);
  }
  const changeItem = (subscription: Thing, price: string) => {
    const [item] = subscription.items.data;
    subscription.items = itemsFor(price, item.current_period_start, item.current_period_end, item.id);
  };

  const calls: [RegExp, Work][] = [
    [
      /^POST \/v1\/customers$/,
      (fields) => stub.make('cus', 'customer', { ...fields, invoice_settings: { default_payment_method: null } }),
    ],
    [/^GET \/v1\/customers\/(\w+)$/, (_f, [id = '']) => stub.get(id)],
    [
      /^POST \/v1\/customers\/(\w+)$/,
      (fields, [id = '']) => {
        const customer = change(stub.get(id), fields);
        stub.emit('customer.updated', customer);
        return customer;
      },
    ],
    [
      /^GET \/v1\/customers\/(\w+)\/payment_methods$/,
      (_f, [id = '']) => listOf(stub.all('payment_method', { customer: id })),
    ],
    [
      /^GET \/v1\/payment_methods\/(\w+)$/,
      (_f, [id = '']) =>
        testCards[id] ? { id, object: 'payment_method', customer: null, card: testCards[id] } : stub.get(id),
    ],
    [
      /^POST \/v1\/payment_methods\/(\w+)\/attach$/,
      ({ customer }, [id = '']) => attach(stub.get(String(customer)).id, id),
    ],
    [
      /^POST \/v1\/payment_methods\/(\w+)\/detach$/,
      (_f, [id = '']) => {
        const method = stub.get(id);
        const { customer } = method;
        const owner = stub.get(customer);
        change(method, { customer: null });
        if (owner.invoice_settings.default_payment_method === id) owner.invoice_settings.default_payment_method = null;
        stub.emit('payment_method.detached', method, { customer });
        return method;
      },
    ],
    [
      /^POST \/v1\/setup_intents$/,
      (fields) => stub.make('seti', 'setup_intent', { ...fields, client_secret: 'seti_secret_of_the_stub' }),
    ],
    [
      /^POST \/v1\/billing_portal\/sessions$/,
      ({ customer }) => stub.make('bps', 'portal', { url: `${stub.url}/portal/${stub.get(String(customer)).id}` }),
    ],
    [
      /^GET \/v1\/checkout\/sessions$/,
      ({ customer, status }) => listOf(stub.all('checkout.session', { customer, ...(status ? { status } : {}) })),
    ],
    [/^POST \/v1\/checkout\/sessions\/(\w+)\/expire$/, (_f, [id = '']) => change(stub.get(id), { status: 'expired' })],
    [
      /^POST \/v1\/refunds$/,
      ({ payment_intent: intent }) => {
        const { id } = stub.get(String(intent));
        const { amount, amount_refunded } = stub.get(stub.get(id).latest_charge);
        if (amount_refunded >= amount) throw refuse('charge_already_refunded', `${id} has already been refunded.`);
        refund(id, amount - amount_refunded);
        return stub.make('re', 'refund', { payment_intent: id });
      },
    ],
    [/^GET \/v1\/checkout\/sessions\/(\w+)$/, (_f, [id = '']) => stub.get(id)],
    [
      /^POST \/v1\/checkout\/sessions$/,
      (fields) => {
        stub.get(String(fields.customer));
        const [item] = fields.line_items as Fields[];
        const data = record(item?.price_data);
        const cents = item?.price ? stub.get(String(item.price)).unit_amount : Number(data.unit_amount);
        const session = stub.make('cs', 'checkout.session', { status: 'open', payment_status: 'unpaid', ...fields });
        const trial = record(fields.subscription_data).trial_period_days;
        const amount_total = trial ? 0 : cents - discountOf(session, cents);
        return change(session, {
          amount_total,
          payment_intent: null,
          subscription: null,
          url: `${stub.url}/pay/${session.id}`,
        });
      },
    ],
    [
      /^POST \/v1\/products$/,
      (fields) => {
        const id = String(fields.id);
        if (stub.objects.has(id)) throw refuse('resource_already_exists', `Product ${id} already exists.`);
        stub.objects.set(id, { ...fields, id, object: 'product' });
        return stub.get(id);
      },
    ],
    [/^GET \/v1\/prices$/, ({ lookup_keys: keys }) => listOf(stub.all('price', { lookup_key: (keys as string[])[0] }))],
    [/^GET \/v1\/prices\/(\w+)$/, (_f, [id = '']) => stub.get(id)],
    [
      /^POST \/v1\/prices$/,
      (fields) =>
        stub.make('price', 'price', {
          recurring: null,
          ...fields,
          active: true,
          unit_amount: Number(fields.unit_amount),
        }),
    ],
    [
      /^POST \/v1\/coupons$/,
      (fields) => {
        const id = String(fields.id);
        if (stub.objects.has(id)) throw refuse('resource_already_exists', 'Coupon already exists.');
        const numbers = { percent_off: Number(fields.percent_off ?? 0), amount_off: Number(fields.amount_off ?? 0) };
        stub.objects.set(id, { ...fields, ...numbers, id, object: 'coupon' });
        return stub.get(id);
      },
    ],
    [/^GET \/v1\/subscriptions\/(\w+)$/, (_f, [id = '']) => withPrice(stub.get(id))],
    [/^DELETE \/v1\/subscriptions\/(\w+)$/, (_f, [id = '']) => endNow(id)],
    [
      /^POST \/v1\/subscriptions\/(\w+)$/,
      (fields, [id = '']) => {
        const subscription = stub.get(id);
        if (subscription.status === 'canceled') throw refuse('resource_missing', `No such subscription: '${id}'`);
        if (subscription.schedule)
          throw refuse('schedule', 'The subscription is managed by the subscription schedule.');
        const { items, cancel_at_period_end: cancel, pause_collection: pause, metadata } = fields;
        const [item] = (items ?? []) as Texts[];
        if (item?.price) {
          const before = subscription.items.data[0].price.unit_amount;
          changeItem(subscription, item.price);
          invoice(subscription, stub.get(item.price).unit_amount - before, 'subscription_update', true);
        }
        change(subscription, {
          ...(cancel === undefined ? {} : { cancel_at_period_end: flag(cancel) }),
          ...(pause === undefined ? {} : { pause_collection: pause === '' ? null : pause }),
          metadata: { ...subscription.metadata, ...record(metadata) },
        });
        return updated(subscription);
      },
    ],
    [
      /^POST \/v1\/subscription_schedules$/,
      ({ from_subscription: from }) => {
        const subscription = stub.get(String(from));
        const [item] = subscription.items.data;
        const phase = {
          start_date: item.current_period_start,
          end_date: item.current_period_end,
          items: [{ price: item.price.id }],
        };
        const schedule = stub.make('sub_sched', 'subscription_schedule', {
          status: 'active',
          subscription: subscription.id,
          phases: [phase],
          current_phase: phase,
        });
        change(subscription, { schedule: schedule.id });
        return schedule;
      },
    ],
    [
      /^POST \/v1\/subscription_schedules\/(\w+)$/,
      ({ phases }, [id = '']) => {
        const schedule = stub.get(id);
        const { end_date } = schedule.current_phase;
        const given = phases as Fields[];
        schedule.phases = given.map((phase, at) => ({
          ...phase,
          ...(at === 0 ? schedule.current_phase : { start_date: end_date }),
        }));
        updated(stub.get(schedule.subscription));
        return schedule;
      },
    ],
    [
      /^POST \/v1\/subscription_schedules\/(\w+)\/release$/,
      (_f, [id = '']) => {
        const schedule = change(stub.get(id), { status: 'released' });
        change(stub.get(schedule.subscription), { schedule: null });
        return schedule;
      },
    ],
    [
      /^GET \/v1\/payment_intents$/,
      ({ customer }) => listOf(stub.all('payment_intent', { customer: String(customer) })),
    ],
    [
      /^GET \/v1\/payment_intents\/(\w+)$/,
      (_f, [id = '']) => {
        const intent = stub.get(id);
        return { ...intent, latest_charge: intent.latest_charge ? stub.get(intent.latest_charge) : null };
      },
    ],
    [
      /^POST \/v1\/payment_intents$/,
      (fields) => {
        const method = stub.get(String(fields.payment_method));
        if (method.customer !== fields.customer) throw refuse('payment_method', 'The card is of another customer.');
        return pay(
          stub.make('pi', 'payment_intent', { latest_charge: null, ...fields, amount: Number(fields.amount) }),
        );
      },
    ],
    [
      /^GET \/v1\/invoices$/,
      ({ customer, subscription, status, limit, starting_after: after }) => {
        const wanted = Object.entries({ customer, subscription, status }).filter(([, value]) => value !== undefined);
        const all = stub.all('invoice', Object.fromEntries(wanted));
        const from = after ? all.indexOf(stub.get(String(after))) + 1 : 0;
        const data = all.slice(from, from + Number(limit));
        return { ...listOf(data), has_more: from + data.length < all.length };
      },
    ],
    [/^GET \/v1\/invoices\/(\w+)$/, (_f, [id = '']) => stub.get(id)],
  ];

  return {
    calls,
    pay: (sessionId: string): Thing => {
      const session = stub.get(sessionId);
      if (session.status !== 'open') return session;
      const { customer, amount_total } = session;
      change(session, { status: 'complete', payment_status: amount_total > 0 ? 'paid' : 'no_payment_required' });
      const method = attach(customer, 'pm_card_visa');
      if (session.mode === 'subscription') change(session, { subscription: open(session).id });
      else if (amount_total > 0) {
        const { metadata } = session.payment_intent_data;
        const fields = { customer, amount: amount_total, payment_method: method.id, metadata: { ...metadata } };
        change(session, { payment_intent: pay(stub.make('pi', 'payment_intent', fields)).id });
      }
      stub.emit('checkout.session.completed', session);
      return session;
    },
    endPeriod: (id: string, paid: boolean): void => {
      const subscription = stub.get(id);
      if (subscription.cancel_at_period_end) return void end(subscription);
      const [item] = subscription.items.data;
      const schedule = subscription.schedule && stub.get(subscription.schedule);
      const next = schedule?.phases[1];
      if (next) {
        change(schedule, { status: 'released' });
        change(subscription, { schedule: null, metadata: { ...subscription.metadata, ...next.metadata } });
      }
      const price = next?.items[0].price ?? item.price.id;
      subscription.items = itemsFor(price, item.current_period_end, item.current_period_end + month, item.id);
      change(subscription, { status: paid ? 'active' : 'past_due' });
      updated(subscription);
      invoice(subscription, stub.get(price).unit_amount, 'subscription_cycle', paid);
    },
    refund,
  };
}
