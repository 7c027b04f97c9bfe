import type { Services } from '../ports/services.ts';

export function createRetentionActivities({ config, store, log }: Pick<Services, 'config' | 'store' | 'log'>) {
  return {
    /** Deletes the rows that the settings no longer keep. Returns how many, by table. Reports ledgers that do not add up. */
    trimTables: async (): Promise<Record<string, number>> => {
      for (const difference of await store.billing.differences()) {
        log.error(
          difference,
          'the ledger of an organization does not add up to its balance; rows were changed by hand',
        );
        await store.billing.tellDifference(difference);
      }
      return store.retention.trim(config.retention, new Date());
    },
  };
}
