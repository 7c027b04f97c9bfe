import type { PrismaClient } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

export const isUuid = (id: string) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(id);

interface Owner {
  organization_id: string;
  /** Not for an organization itself. */
  project_id?: string | null;
}

/** By kind of record: finds the organization and the project of the record with that id, or null. */
export type ScopeTable = Record<string, (db: PrismaClient, where: { id: string }) => Promise<Owner | null>>;

/** By kind of record: the work that an agent started by it does. Its budgets pay for the agent. */
export type WorkTable = Record<string, (db: PrismaClient, where: { id: string }) => Promise<WorkOf | null>>;

interface WorkOf {
  project_id: string;
  spec_id?: string | null;
  ticket_id?: string | null;
  task_id?: string | null;
  phase?: string | null;
}

/** The organization and the project that a record belongs to: checked first in every request that names an id. */
export function scopesStore(core: StoreCore, table: ScopeTable, works: WorkTable) {
  const ownerOf = (kind: string, id: string) =>
    core.read(async (db): Promise<Owner | null> => {
      const find = table[kind];
      if (!find) throw new Error(`The kind ${kind} is not in scopeTable. Add it in prisma/store/index.ts.`);
      return isUuid(id) || kind === 'sandbox' ? find(db, { id }) : null;
    });
  return {
    organizationOf: async (kind: string, id: string) => (await ownerOf(kind, id))?.organization_id ?? null,
    workOf: (kind: string, id: string) => core.read(async (db) => (await works[kind]?.(db, { id })) ?? null),
    projectOf: async (kind: string, id: string) => (await ownerOf(kind, id))?.project_id ?? null,
  };
}
