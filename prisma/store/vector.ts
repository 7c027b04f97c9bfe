import { toSql } from 'pgvector';
import type { EmbeddedTable } from '#workflows/domain/embedded-tables.ts';
import { Prisma } from '../generated/client.ts';
import type { Transaction } from './core.ts';

/** A vector and the model that made it. */
export interface Embedded {
  vector: number[];
  by: string;
}

export const asVector = ({ vector }: Embedded): Prisma.Sql => Prisma.sql`${String(toSql(vector))}::vector`;

/**
 * Compares the vectors of rows with those that are asked for, each with the one of its own model. `distance`: cosine, 0 to
 * 2; NULL for a row that has no such vector. `comparable`: whether a row has one.
 */
export function comparedWith(asked: readonly Embedded[]): { distance: Prisma.Sql; comparable: Prisma.Sql } {
  const [one, ...others] = asked;
  if (!one) return { distance: Prisma.sql`NULL::float8`, comparable: Prisma.sql`false` };
  // Without a case, so that an index on the vectors can be used.
  if (others.length === 0)
    return {
      distance: Prisma.sql`(embedding <=> ${asVector(one)})`,
      comparable: Prisma.sql`embedded_by = ${one.by} AND embedding IS NOT NULL`,
    };
  const cases = asked.map((each) => Prisma.sql`WHEN ${each.by} THEN embedding <=> ${asVector(each)}`);
  return {
    distance: Prisma.sql`(CASE embedded_by ${Prisma.join(cases, ' ')} END)`,
    comparable: Prisma.sql`embedded_by = ANY(${asked.map(({ by }) => by)}) AND embedding IS NOT NULL`,
  };
}

/** Stores the vector of a row; none clears it, until it is made again. */
export const setVector = (tx: Transaction, table: EmbeddedTable, id: string, embedded: Embedded | undefined) =>
  tx.$executeRaw`
    UPDATE ${Prisma.raw(table)}
    SET embedding = ${embedded ? asVector(embedded) : Prisma.sql`NULL`}, embedded_by = ${embedded?.by ?? null}
    WHERE id = ${id}::uuid`;

/** From so many rows of a scope on, the index is asked, which may miss a few. */
const exactBelow = 10_000;

/** Rows of a scope whose vector is near, the nearest first. Similarity: cosine, -1 to 1. */
export async function nearest(
  tx: Transaction,
  table: EmbeddedTable,
  { inScope, asked, limit }: { inScope: Prisma.Sql; asked: readonly Embedded[]; limit: number },
): Promise<{ id: string; similarity: number }[]> {
  const { distance, comparable } = comparedWith(asked);
  const from = Prisma.raw(table);
  const [count] = await tx.$queryRaw<{ n: number }[]>`
    SELECT count(*)::int AS n FROM (SELECT 1 FROM ${from} WHERE ${inScope} LIMIT ${exactBelow}) rows`;
  // An expression has no index, so each row of the scope is compared.
  const order = (count?.n ?? 0) < exactBelow ? Prisma.sql`${distance} + 0` : distance;
  // The scan of the index continues until it has found enough rows of this scope.
  await tx.$executeRaw`SET LOCAL hnsw.iterative_scan = strict_order`;
  return tx.$queryRaw<{ id: string; similarity: number }[]>`
    SELECT id, 1 - ${distance} AS similarity FROM ${from}
    WHERE ${inScope} AND ${comparable}
    ORDER BY ${order} LIMIT ${limit}`;
}
