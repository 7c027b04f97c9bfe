import { isIPv6 } from 'node:net';
import type { Services } from '#activities/ports/services.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { RateLimit } from '../contracts/contract.ts';

/** What counts as one address: of IPv6 its network of 64 bits, since one caller has all of it. */
export function countedAddress(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = (text: string) => (text ? text.split(':') : []);
  const [first, last] = [groups(head), groups(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...new Array<string>(Math.max(0, zeros)).fill('0'), ...last];
  return all
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}

/** AUTH-15. @throws rate_limited with the seconds to wait. */
export async function limitRate(
  services: Pick<Services, 'config' | 'store'>,
  limit: RateLimit,
  address = 'unknown',
): Promise<void> {
  const key = countedAddress(address);
  if (services.config.rate_limits.exempt.some((exempt) => countedAddress(exempt) === key)) return;
  const wait = await services.store.rateLimits.consume(limit, key, services.config.rate_limits[limit]);
  if (wait)
    throw new AppError('rate_limited', `Too many requests from this address. Try again in ${wait} s.`, undefined, wait);
}
