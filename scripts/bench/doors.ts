import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { Api } from '#tests/support/api.ts';
import { password } from '#tests/support/people.ts';
import type { StripeStub } from '#tests/support/stripe.ts';
import { latency, round, type Latency } from './numbers.ts';
import type { Stage } from './stage.ts';

const secondsOfARow = 5;
const atOnce = 8;

/** How often per second the work is done, by some callers at once. */
async function perSecond(work: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + secondsOfARow * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() < end) {
        await work();
        done += 1;
      }
    }),
  );
  return round(done / secondsOfARow);
}

/**
 * The doors of the platform: sign-ins beside the check of a password alone, which they cannot be faster than; requests that
 * need a permission beside the same server's answer to anybody; Stripe's events, each of which is checked, stored and makes the
 * server read what changed; and how long 50 launches at once wait for the gate of money.
 */
export async function doors(
  stage: Stage,
  stripe: StripeStub,
): Promise<{
  sign_ins_per_s: number;
  passwords_per_s: number;
  checked_per_s: number;
  open_per_s: number;
  stripe_events_per_s: number;
  launches: Latency;
}> {
  const anonymous = new Api(stage.stack.address.url, undefined);
  const person = { email: `${randomBytes(6).toString('hex')}@example.test`, password };
  await anonymous.post('/auth/register', person);
  const { access_token: token } = await anonymous.post<{ access_token: string }>('/auth/login', person);
  const api = anonymous.as(token);
  const { id } = await api.post<{ id: string }>('/organizations', {
    name: 'Doors',
    slug: randomBytes(6).toString('hex'),
  });
  const stored = await hash(password);
  await api.post(`/billing/account/${id}/setup-intent`);
  const [customer] = stripe.all('customer');
  const told = async () => {
    const object = { id: 'pm_changed', customer: customer?.id };
    const event = {
      id: `evt_${randomBytes(8).toString('hex')}`,
      object: 'event',
      type: 'payment_method.updated',
      data: { object },
    };
    const status = await stripe.send(`${stage.stack.address.url}/api/v1/billing/webhooks/stripe`, event);
    if (status !== 200) throw new Error(`An event of Stripe was answered with ${status}.`);
  };
  const rates = {
    sign_ins_per_s: await perSecond(() => anonymous.post('/auth/login', person)),
    passwords_per_s: await perSecond(() => verify(stored, password)),
    checked_per_s: await perSecond(() => api.get(`/organizations/${id}`)),
    open_per_s: await perSecond(() => fetch(`${stage.stack.address.url}/health`).then((answer) => answer.text())),
    stripe_events_per_s: await perSecond(told),
  };
  const { id: project_id } = await stage.project();
  const waits = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const began = performance.now();
      await stage.api.post('/tickets', {
        project_id,
        title: `Launch ${n}`,
        description: 'Measured.',
        workflow_mode: 'quick',
        force_create: true,
      });
      return performance.now() - began;
    }),
  );
  return { ...rates, launches: latency(waits) };
}
