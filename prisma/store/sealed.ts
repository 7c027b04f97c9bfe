import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

/** An encrypted text in its row. `context` authenticates it. */
export interface SealedRow {
  table: string;
  id: string;
  key_id: string;
  sealed: string;
  context: string;
}

/** Every column that holds an encrypted text, and the context under which it is encrypted. */
const columns = {
  credentials: { sealed: Prisma.sql`sealed`, context: Prisma.sql`coalesce(organization_id, user_id) || ':' || id` },
  mcp_invocations: { sealed: Prisma.sql`sealed_params`, context: Prisma.sql`'mcp:' || id` },
  mails: { sealed: Prisma.sql`sealed_link`, context: Prisma.sql`'mail:' || id` },
};
export const sealedTables = Object.keys(columns) as (keyof typeof columns)[];

/** Encrypted texts, whatever they are for: to encrypt all of them with another key. */
export function sealedStore(core: StoreCore) {
  return {
    /** The next texts of a table, by id, that another key encrypted. */
    ofOtherKeys: (table: keyof typeof columns, keyId: string, after: string | undefined, limit: number) =>
      core.statement<SealedRow>(Prisma.sql`
        SELECT ${table} AS table, id, key_id, ${columns[table].sealed} AS sealed, ${columns[table].context} AS context
        FROM ${Prisma.raw(table)}
        WHERE key_id <> ${keyId} AND ${columns[table].sealed} IS NOT NULL
          AND (${after ?? null}::uuid IS NULL OR id > ${after ?? null}::uuid)
        ORDER BY id
        LIMIT ${limit}`),

    /** Replaces texts that nobody has changed since they were read. @returns how many. */
    replace: async (
      table: keyof typeof columns,
      rows: (Pick<SealedRow, 'id' | 'sealed'> & { key_id: string; was: string })[],
    ): Promise<number> => {
      const list = JSON.stringify(rows);
      const changed = await core.statement(Prisma.sql`
        UPDATE ${Prisma.raw(table)} t
        SET key_id = n.key_id, ${columns[table].sealed} = n.sealed
        FROM jsonb_to_recordset(${list}::jsonb) AS n(id uuid, key_id text, sealed text, was text)
        WHERE t.id = n.id AND t.${columns[table].sealed} = n.was
        RETURNING t.id`);
      return changed.length;
    },
  };
}
