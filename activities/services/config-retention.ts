import { z } from 'zod';
import { seconds } from './config-values.ts';

/** How long rows of tables that only grow are kept, and how often older ones are deleted. */
export const retentionSettings = z.strictObject({
  every: seconds.default(86_400),
  events: seconds.default(180 * 86_400),
  watch_cycles: seconds.default(14 * 86_400),
  idempotency_keys: seconds.default(2 * 86_400),
  live_tickets: seconds.default(2 * 86_400),
  signin_attempts: seconds.default(30 * 86_400),
  /** After their end. */
  sessions: seconds.default(30 * 86_400),
  audit_entries: seconds.default(365 * 86_400),
  mails: seconds.default(30 * 86_400),
  notifications: seconds.default(90 * 86_400),
});
