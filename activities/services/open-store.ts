import { openDatabaseClient } from '#prisma/client.ts';
import { billingRules } from '#workflows/domain/billing/plans.ts';
import { createStore } from '#prisma/store/index.ts';
import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import type { Log } from '../ports/services.ts';
import type { Store } from '../ports/store.ts';
import { databaseUrl } from './addresses.ts';
import type { Config } from './config.ts';
import { redactedStore } from './redact-ports.ts';

/**
 * @param told.notify is called after the commit with each organization that has new events, of which people may be told.
 * @param told.published is called then with the events themselves.
 */
export function openStore(
  config: Config,
  log: Log,
  redact: (text: string) => string,
  told: { notify: (organizationId: string, told: boolean) => void; published?: (events: readonly NewEvent[]) => void },
): Store {
  const store = createStore(openDatabaseClient({ ...config.database, url: databaseUrl(config) }), {
    ...told,
    redact,
    invalidEvent: (problem) => {
      // In production an event that does not match its schema is logged and stored; in tests it must fail.
      if (config.env === 'test') throw new Error(problem);
      log.error({ problem }, 'an event does not match its schema; it is stored unchanged');
    },
    alert_threshold: config.billing.alert_threshold,
    critical_threshold: config.billing.critical_threshold,
    billing: billingRules(config.billing),
  });
  return redactedStore(store, redact);
}
