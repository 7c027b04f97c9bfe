import type { Services } from '../ports/services.ts';

export function createRetentionActivities({ config, store }: Pick<Services, 'config' | 'store'>) {
  return {
    /** Deletes the rows that the settings no longer keep. Returns how many, by table. */
    trimTables: (): Promise<Record<string, number>> => store.retention.trim(config.retention, new Date()),
  };
}
