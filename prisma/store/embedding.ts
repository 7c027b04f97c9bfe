import { embeddedTables, type EmbeddedTable } from '#workflows/domain/embedded-tables.ts';
import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import { asVector, type Embedded } from './vector.ts';

export interface Unembedded {
  id: string;
  organization_id: string;
  text: string;
}

/** What the vector of a row is made of. */
const texts: Readonly<Record<EmbeddedTable, string>> = {
  specs: `title || ' ' || description`,
  tickets: `title || ' ' || description`,
  discoveries: 'description',
  task_memories: `goal || ' ' || execution_summary`,
  playbook_entries: 'content',
  mcp_tools: `replace(name, '_', ' ') || ' ' || description`,
};

/** Characters of a text that its vector is made of. */
const longest = 24_000;

const named = (table: EmbeddedTable) => ({
  table: Prisma.raw(table),
  text: Prisma.raw(`left(${texts[table]}, ${longest})`),
});

/** Rows without a vector of the model. Written so that the index on `embedded_by` finds them. */
const lacking = (model: string) =>
  Prisma.sql`(embedded_by IS NULL OR embedded_by < ${model} OR embedded_by > ${model})`;

/** Vectors of rows, by the model that made them. */
export function embeddingStore(core: StoreCore) {
  return {
    /** The tables with rows that lack a vector of the model. */
    behind: async (model: string): Promise<EmbeddedTable[]> => {
      const found = await Promise.all(
        embeddedTables.map((table) =>
          core.read(
            (db) =>
              db.$queryRaw<{ is: boolean }[]>`
                SELECT EXISTS (SELECT 1 FROM ${named(table).table} WHERE ${lacking(model)}) AS is`,
          ),
        ),
      );
      return embeddedTables.filter((_, at) => found[at]?.[0]?.is);
    },
    /** Models that made vectors of the table. */
    models: async (table: EmbeddedTable): Promise<string[]> =>
      (
        await core.read(
          (db) => db.$queryRaw<{ embedded_by: string }[]>`
            WITH RECURSIVE models AS (
              (SELECT embedded_by FROM ${named(table).table} WHERE embedded_by > '' ORDER BY embedded_by LIMIT 1)
              UNION ALL
              SELECT (
                SELECT next.embedded_by FROM ${named(table).table} next
                WHERE next.embedded_by > models.embedded_by ORDER BY next.embedded_by LIMIT 1
              ) FROM models WHERE models.embedded_by IS NOT NULL
            )
            SELECT embedded_by FROM models WHERE embedded_by IS NOT NULL`,
        )
      ).map(({ embedded_by }) => embedded_by),
    /** How many rows have a vector of the model, and how many there are; of one organization, or of all. */
    counts: (model: string, of: { tables?: readonly EmbeddedTable[]; organization_id?: string }) =>
      Promise.all(
        (of.tables ?? embeddedTables).map(async (table) => {
          const [row] = await core.read(
            (db) => db.$queryRaw<{ total: number; done: number; waiting: number }[]>`
              SELECT count(*)::int AS total, count(*) FILTER (WHERE embedded_by = ${model})::int AS done,
                count(*) FILTER (WHERE embedded_by IS NULL)::int AS waiting
              FROM ${named(table).table}
              ${of.organization_id ? Prisma.sql`WHERE organization_id = ${of.organization_id}::uuid` : Prisma.empty}`,
          );
          return { table, total: row?.total ?? 0, done: row?.done ?? 0, waiting: row?.waiting ?? 0 };
        }),
      ),
    /** Rows that lack a vector of the model, of one organization, with their texts. */
    lacking: (table: EmbeddedTable, model: string, limit: number) =>
      core.read(
        (db) => db.$queryRaw<Unembedded[]>`
          SELECT id, organization_id, ${named(table).text} AS text
          FROM ${named(table).table}
          WHERE ${lacking(model)}
            AND organization_id = (SELECT organization_id FROM ${named(table).table} WHERE ${lacking(model)} LIMIT 1)
          LIMIT ${limit}`,
      ),
    /** Stores vectors where the text is still the one that they were made of. */
    write: (table: EmbeddedTable, rows: { id: string; text: string; embedded: Embedded }[]): Promise<void> =>
      core.change(async (tx) => {
        const values = rows.map(
          ({ id, text, embedded }) => Prisma.sql`(${id}::uuid, ${text}, ${asVector(embedded)}, ${embedded.by})`,
        );
        await tx.$executeRaw`
          UPDATE ${named(table).table} t SET embedding = v.embedding, embedded_by = v.embedded_by
          FROM (VALUES ${Prisma.join(values)}) v(id, text, embedding, embedded_by)
          WHERE t.id = v.id AND ${named(table).text} = v.text`;
      }),
  };
}
