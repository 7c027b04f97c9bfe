import { AppError } from '#workflows/domain/errors.ts';
import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import type { Run } from './json.ts';

/** Characters in a part of a session, besides its first entry. */
const maxPartLength = 1_000_000;
/** Bytes of a run's session. */
const maxSessionBytes = 256_000_000;

/** Sessions of runs that a program in their sandbox carries on: lines of the program's own format, in order. */
export function sessionEntriesStore(core: StoreCore) {
  return {
    /**
     * Stores entries from a position. Those that are there already stay.
     * @returns the number of entries after that.
     * @throws conflict where entries before them are missing, or the session is too large.
     */
    appendSession: (run: Pick<Run, 'id'>, from: number, entries: string[]): Promise<number> =>
      core.change(async (tx) => {
        await tx.$queryRaw`SELECT id FROM runs WHERE id = ${run.id}::uuid FOR NO KEY UPDATE`;
        const { _count: count, _sum: sum } = await tx.sessionEntry.aggregate({
          where: { run_id: run.id },
          _count: true,
          _sum: { bytes: true },
        });
        if (from > count) throw new AppError('conflict', `from must be at most ${count}: so many entries are stored.`);
        const rows = entries
          .map((content, i) => ({ run_id: run.id, position: from + i, content, bytes: Buffer.byteLength(content) }))
          .slice(count - from);
        if ((sum.bytes ?? 0) + rows.reduce((all, { bytes }) => all + bytes, 0) > maxSessionBytes)
          throw new AppError('conflict', `A session has at most ${maxSessionBytes / 1e6} MB. Start a new attempt.`);
        await tx.sessionEntry.createMany({ data: rows });
        return count + rows.length;
      }),

    /** A part of a run's session after a position: about a megabyte. */
    sessionPage: ({ id }: Pick<Run, 'id'>, after: number) =>
      core.read(async (db) => {
        const where = { run_id: id };
        const sizes = await db.sessionEntry.findMany({
          where: { ...where, position: { gte: after } },
          orderBy: { position: 'asc' },
          take: 500,
          select: { position: true, bytes: true },
        });
        let size = 0;
        const end = sizes.findIndex(({ bytes }, at) => at > 0 && (size += bytes) > maxPartLength);
        const part = end === -1 ? sizes : sizes.slice(0, end);
        const next = (part.at(-1)?.position ?? after - 1) + 1;
        const [rows, stored] = [
          await db.sessionEntry.findMany({
            where: { ...where, position: { gte: after, lt: next } },
            orderBy: { position: 'asc' },
            select: { content: true },
          }),
          await db.sessionEntry.count({ where }),
        ];
        return { entries: rows.map(({ content }) => content), stored, next: next < stored ? next : null };
      }),

    /** The runs whose sessions follow each other, oldest first: the newest one continues the others. */
    sessionChain: async (run: Pick<Run, 'id' | 'organization_id'>): Promise<string[]> => {
      const rows = await core.statement<{ id: string }>(Prisma.sql`
        WITH RECURSIVE chain AS (
          SELECT id, settings, 0 AS depth
          FROM runs
          WHERE id = ${run.id}::uuid AND organization_id = ${run.organization_id}::uuid
          UNION ALL
          SELECT r.id, r.settings, c.depth + 1
          FROM chain c
          JOIN runs r ON r.id = (c.settings->'continues'->>'run_id')::uuid
            AND r.organization_id = ${run.organization_id}::uuid
          WHERE c.depth < 50
        )
        SELECT id FROM chain ORDER BY depth DESC`);
      return rows.map(({ id }) => id);
    },
  };
}
