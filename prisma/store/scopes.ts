import type { PrismaClient } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

/** By kind of record: finds the organization of the record with that id, or null. */
export type ScopeTable = Record<
  string,
  (db: PrismaClient, where: { id: string }) => Promise<{ organization_id: string } | null>
>;

/** The organization that a record belongs to: checked first in every request that names an id. */
export function scopesStore(core: StoreCore, table: ScopeTable) {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
  return {
    organizationOf: (kind: string, id: string) =>
      core.read(async (db): Promise<string | null> => {
        const find = table[kind];
        if (!find) throw new Error(`The kind ${kind} is not in scopeTable. Add it in prisma/store/index.ts.`);
        return uuid.test(id) ? ((await find(db, { id }))?.organization_id ?? null) : null;
      }),
  };
}
