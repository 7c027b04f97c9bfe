import { randomBytes } from 'node:crypto';
import type { Charge, ChargeResult, PaymentFacts, Payments } from '#activities/ports/payments.ts';
import { AppError } from '#workflows/domain/errors.ts';

/** A provider that takes payments from one card, which the test can block. It answers a repeated key as before. */
export class FakePayments implements Pick<Payments, 'charge' | 'payment'> {
  /** What the card does with the next charges; `lost`: the money is taken, and the answer is not heard. */
  card: 'good' | 'refused' | 'slow' | 'lost' = 'good';
  readonly taken = new Map<string, PaymentFacts>();
  readonly asked: string[] = [];

  charge({ key, amount_cents, customer_id, metadata }: Charge): Promise<ChargeResult> {
    this.asked.push(key);
    const known = this.taken.get(key);
    if (known) return Promise.resolve(known);
    const status = this.card === 'refused' ? 'failed' : this.card === 'slow' ? 'pending' : 'succeeded';
    const payment_intent_id = `pi_${randomBytes(6).toString('hex')}`;
    const failure = status === 'failed' ? 'Your card was declined.' : null;
    const result = {
      payment_intent_id,
      status,
      failure,
      amount_cents,
      refunded_cents: 0,
      customer_id,
      metadata: { ...metadata },
    } as const;
    this.taken.set(key, result);
    if (this.card !== 'lost') return Promise.resolve(result);
    this.card = 'good';
    return Promise.reject(new AppError('unavailable', 'The provider of payments does not answer.'));
  }

  payment(id: string) {
    const found = [...this.taken.values()].find((result) => result.payment_intent_id === id);
    return found ? Promise.resolve(found) : Promise.reject(new Error(`no payment ${id}`));
  }

  /** Ends a payment that the bank was slow with. */
  end(id: string, status: 'succeeded' | 'failed'): void {
    for (const [key, result] of this.taken)
      if (result.payment_intent_id === id) this.taken.set(key, { ...result, status });
  }

  get cents(): number {
    return [...this.taken.values()]
      .filter(({ status }) => status === 'succeeded')
      .reduce((sum, { amount_cents }) => sum + amount_cents, 0);
  }
}
