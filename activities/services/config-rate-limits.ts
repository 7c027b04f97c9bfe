import { z } from 'zod';
import { names, rate } from './config-values.ts';

/** Requests of one address: COUNT/s, /min, /h or /d; off: no limit. */
export const rateLimitSettings = z.strictObject({
  /** Addresses without limits: by default this machine, whose callers come through no proxy. */
  exempt: names.default(['127.0.0.1', '::1']),
  register: rate.prefault('3/h'),
  resend: rate.prefault('3/h'),
  forgot: rate.prefault('3/h'),
  login: rate.prefault('5/min'),
  link: rate.prefault('10/min'),
  refresh: rate.prefault('10/min'),
  verify: rate.prefault('10/h'),
  reset: rate.prefault('10/h'),
  invite: rate.prefault('30/h'),
  accept: rate.prefault('30/h'),
  /** Events that the sandbox of one run reports. */
  sandbox_events: rate.prefault('120/min'),
});
