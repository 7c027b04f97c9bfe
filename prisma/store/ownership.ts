import { fenced } from '#workflows/domain/errors.ts';
import { Prisma } from '../generated/client.ts';
import type { Transaction } from './core.ts';
import type { Run } from './json.ts';

/** The owner of a run as its reader saw it: what it writes later changes nothing once another has taken the run. */
export type RunOwner = Pick<Run, 'id' | 'organization_id' | 'owner'>;

/** A CTE `_owner` with the run's row, locked until the statement ends, unless a newer owner has it. */
export const ownerSql = (run: Pick<RunOwner, 'id' | 'owner'>): Prisma.Sql => Prisma.sql`
          _owner AS (
            SELECT id
            FROM runs
            WHERE id = ${run.id}::uuid AND owner = ${run.owner}
            FOR SHARE
          )`;

/** Locks the run's row for the rest of the transaction. @throws fenced when a newer owner has it. */
export async function requireOwner(tx: Transaction, { id, owner }: Pick<RunOwner, 'id' | 'owner'>): Promise<void> {
  const [owned] = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM runs WHERE id = ${id}::uuid AND owner = ${owner} FOR NO KEY UPDATE`;
  if (!owned) throw fenced();
}
