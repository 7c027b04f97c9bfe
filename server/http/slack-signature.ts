import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '#workflows/domain/errors.ts';

/** Seconds by which a request's time may differ from now: an older one may be a copy. */
const windowSeconds = 300;

/**
 * Checks that Slack sent a request just now: version 0 of its signature, an HMAC of the time and the body.
 * @throws unauthenticated
 */
export function requireSlackSignature(
  secret: string,
  { bytes, signature, timestamp }: { bytes: Buffer; signature: string; timestamp: string },
): void {
  const refuse = (why: string) => new AppError('unauthenticated', `The request is not signed by Slack: ${why}.`);
  if (!/^\d{1,12}$/.test(timestamp)) throw refuse('it has no time');
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > windowSeconds) throw refuse('its time is too far from now');
  const hmac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(bytes);
  const expected = Buffer.from(`v0=${hmac.digest('hex')}`);
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refuse('its signature does not fit');
}
