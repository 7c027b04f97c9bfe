import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Stripe from 'stripe';
import { answersOf } from './stripe-answers.ts';
import { readForm, refuse, Refusal, type Fields } from './stripe-wire.ts';

/** An object of Stripe, as far as tests and the platform read it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Stripe's objects have no common shape.
export type Thing = Record<string, any> & { id: string };

export interface StubEvent {
  id: string;
  type: string;
  data: { object: Thing };
}

interface Kept {
  request: string;
  status: number;
  body: string;
}

/**
 * Stripe on the wire, with a state: what is created is found again, payments move subscriptions and invoices, and each
 * change makes an event, which a test delivers as it likes. Idempotency keys work as Stripe's: the same request has the
 * first answer, another one is refused.
 */
export class StripeStub {
  readonly objects = new Map<string, Thing>();
  readonly events: StubEvent[] = [];
  /** Each request, such as `POST /v1/customers`. */
  readonly requests: string[] = [];
  readonly secret = `whsec_${randomBytes(16).toString('hex')}`;
  readonly key = 'sk_test_of_the_stub_0123456789';
  /** Where events go as they are made; unset: the test delivers them. */
  webhook?: string;
  url = '';
  private readonly kept = new Map<string, Kept>();
  private server?: Server;
  private readonly answers = answersOf(this);
  private readonly signer = new Stripe(this.key);

  async start(): Promise<this> {
    this.server = createServer((request, response) => void this.handle(request, response));
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }
  stop(): void {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  /** The settings that point at it. */
  get env(): Record<string, string> {
    return { STRIPE_API_KEY: this.key, STRIPE_WEBHOOK_SECRET: this.secret, STRIPE_API_BASE: this.url };
  }

  make(prefix: string, object: string, fields: object): Thing {
    const id = `${prefix}_${randomBytes(8).toString('hex')}`;
    const thing: Thing = { id, object, created: Math.floor(Date.now() / 1000), metadata: {}, ...fields };
    this.objects.set(thing.id, thing);
    return thing;
  }
  /** @throws Refusal for an object that is not there. */
  get(id: string): Thing {
    const thing = this.objects.get(id);
    if (!thing) throw refuse('resource_missing', `No such object: '${id}'`);
    return thing;
  }
  all(object: string, where: object = {}): Thing[] {
    const fits = (thing: Thing) => Object.entries(where).every(([key, value]) => thing[key] === value);
    return [...this.objects.values()].filter((thing) => thing.object === object && fits(thing)).reverse();
  }

  emit(type: string, object: Thing, previous?: object): void {
    const data = { object: structuredClone(object), ...(previous ? { previous_attributes: previous } : {}) };
    const event = { id: `evt_${randomBytes(8).toString('hex')}`, object: 'event', type, data };
    this.events.push(event);
    const { webhook } = this;
    // Stripe sends after its own answer, and not at the same moment.
    if (webhook) setTimeout(() => void this.send(webhook, event).catch(() => undefined), 20);
  }

  /** Delivers an event. @returns the status of the answer. */
  async send(
    url: string,
    event: object,
    { secret = this.secret, timestamp = Date.now() / 1000 } = {},
  ): Promise<number> {
    const payload = JSON.stringify(event, null, 2);
    const signature = this.signer.webhooks.generateTestHeaderString({
      payload,
      secret,
      timestamp: Math.floor(timestamp),
    });
    const headers = { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature };
    return (await fetch(url, { method: 'POST', headers, body: payload })).status;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', this.url);
    const body = await text(request);
    const call = `${request.method} ${address.pathname}`;
    if (address.pathname.startsWith('/pay/')) return this.page(call, address, response);
    if (address.pathname.startsWith('/portal/')) {
      response.writeHead(200, { 'content-type': 'text/html' });
      return void response.end(
        '<!doctype html><html lang="en"><title>Portal</title><h1>Cards and receipts</h1></html>',
      );
    }
    this.requests.push(call);
    const given = request.headers['idempotency-key'];
    const key = typeof given === 'string' && request.method === 'POST' ? given : undefined;
    const known = key ? this.kept.get(key) : undefined;
    const { status, body: answer } = known
      ? known.request === `${call} ${body}`
        ? known
        : answerOf(
            new Refusal(400, {
              type: 'idempotency_error',
              message: `Keys for idempotent requests can only be used with the same parameters they were first used with.`,
            }),
          )
      : this.answer(call, readForm(request.method === 'GET' ? address.search.slice(1) : body));
    // Stripe keeps the answers of requests that it carried out, those of refused cards too.
    if (key && !known && (status === 200 || status === 402))
      this.kept.set(key, { request: `${call} ${body}`, status, body: answer });
    response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_stub' });
    response.end(answer);
  }

  private answer(call: string, fields: Fields): { status: number; body: string } {
    try {
      for (const [pattern, work] of this.answers.calls) {
        const found = pattern.exec(call);
        if (found) return { status: 200, body: JSON.stringify(work(fields, found.slice(1))) };
      }
      throw refuse('unknown_path', `Unrecognized request URL (${call}).`);
    } catch (error) {
      return answerOf(error);
    }
  }

  /** The page of payment: a person presses the button, and comes back. */
  private page(call: string, { pathname }: URL, response: ServerResponse): void {
    const id = pathname.split('/').at(-1) ?? '';
    if (call.startsWith('POST')) {
      const { success_url } = this.answers.pay(id);
      response.writeHead(303, { location: String(success_url).replace('{CHECKOUT_SESSION_ID}', id) });
      response.end();
      return;
    }
    const { amount_total, cancel_url } = this.get(id);
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(
      `<!doctype html><html lang="en"><title>Pay</title><form method="post"><h1>$${amount_total / 100}</h1><button>Pay</button></form><a href="${cancel_url}">Back</a></html>`,
    );
  }

  /** A person pays at the page of payment. */
  pay(sessionId: string): Thing {
    return this.answers.pay(sessionId);
  }
  /** The period of a subscription ends: it is paid again, or not, or goes its planned way. */
  endPeriod(subscriptionId: string, paid = true): void {
    this.answers.endPeriod(subscriptionId, paid);
  }
  /** The operator gives money back. */
  refund(paymentIntentId: string, cents: number): void {
    this.answers.refund(paymentIntentId, cents);
  }
}

function answerOf(error: unknown): { status: number; body: string } {
  if (error instanceof Refusal) return { status: error.status, body: JSON.stringify({ error: error.error }) };
  return { status: 500, body: JSON.stringify({ error: { type: 'api_error', message: String(error) } }) };
}
