import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import { nearest, type Embedded } from './vector.ts';
import { memoryRow, usesOf } from './memory-rows.ts';

export interface MemoryScope {
  organization_id: string;
  project_id?: string;
  success_only?: boolean;
  memory_types?: readonly string[];
}

const inScope = ({ organization_id, project_id, success_only, memory_types }: MemoryScope) => Prisma.sql`
  organization_id = ${organization_id}::uuid AND duplicate_of IS NULL
  ${project_id ? Prisma.sql`AND project_id = ${project_id}::uuid` : Prisma.empty}
  ${success_only ? Prisma.sql`AND success` : Prisma.empty}
  ${memory_types ? Prisma.sql`AND memory_type = ANY(${[...memory_types]})` : Prisma.empty}`;

export function memorySearch(core: StoreCore) {
  return {
    /** Memories whose vector is near, the nearest first. Similarity: cosine, -1 to 1. */
    bySense: (scope: MemoryScope, asked: Embedded[], limit: number) =>
      core.read((db) =>
        db.$transaction((tx) => nearest(tx, 'task_memories', { inScope: inScope(scope), asked, limit })),
      ),
    /** Memories that hold all words of a text, the best match first. */
    byWords: (scope: MemoryScope, text: string, limit: number) =>
      core.read(
        (db) => db.$queryRaw<{ id: string; rank: number }[]>`
          SELECT id, ts_rank(to_tsvector('english', execution_summary || ' ' || goal || ' ' || result || ' ' || feedback), query) AS rank
          FROM task_memories, plainto_tsquery('english', ${text}) query
          WHERE ${inScope(scope)}
            AND to_tsvector('english', execution_summary || ' ' || goal || ' ' || result || ' ' || feedback) @@ query
          ORDER BY rank DESC, learned_at DESC LIMIT ${limit}`,
      ),
    /** These memories, with how their uses ended. */
    withUses: (organizationId: string, ids: string[]) =>
      core.read(async (db) => {
        const [list, uses] = await Promise.all([
          db.taskMemory.findMany({ where: { id: { in: ids }, organization_id: organizationId } }),
          db.memoryUse.groupBy({
            by: ['memory_id', 'helped'],
            where: { memory_id: { in: ids }, helped: { not: null } },
            _count: true,
          }),
        ]);
        return list.map((row) => ({
          ...memoryRow(row),
          uses: usesOf(uses, 'memory_id', row.id),
        }));
      }),
  };
}
