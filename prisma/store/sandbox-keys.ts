import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

/** The run that a key of a sandbox belongs to. */
export type KeyedRun = {
  organization_id: string;
  project_id: string;
  task_id: string | null;
  run_id: string;
  sandbox_id: string;
};

/** Keys of sandboxes (AUTH-13). A run has one row, so it never has two keys that work. */
export function sandboxKeysStore(core: StoreCore) {
  return {
    /** Makes this the run's key. A repeated call changes nothing, and a run that has ended gets none. */
    issueKey: async (run: { id: string; organization_id: string; sandbox_id: string }, hashedKey: string) => {
      await core.statement(Prisma.sql`
        INSERT INTO sandbox_keys (run_id, organization_id, sandbox_id, hashed_key)
        SELECT id, organization_id, sandbox_id, ${hashedKey}
        FROM runs
        WHERE id = ${run.id}::uuid
          AND organization_id = ${run.organization_id}::uuid
          AND sandbox_id = ${run.sandbox_id}
          AND ended_at IS NULL
        ON CONFLICT (run_id) DO UPDATE
        SET sandbox_id = EXCLUDED.sandbox_id, hashed_key = EXCLUDED.hashed_key, issued_at = now()
        WHERE sandbox_keys.hashed_key <> EXCLUDED.hashed_key`);
    },
    /** The run's key works no longer: its sandbox is gone. */
    endKey: (run: { id: string; organization_id: string }) =>
      core.read((db) => db.sandboxKey.deleteMany({ where: { run_id: run.id, organization_id: run.organization_id } })),
    /** The run of a key that works: neither the run nor its sandbox has ended, which only their own rows decide. */
    runOfKey: async (hashedKey: string): Promise<KeyedRun | undefined> => {
      const [found] = await core.statement<KeyedRun>(Prisma.sql`
        SELECT k.organization_id, r.project_id, r.task_id, k.run_id, k.sandbox_id
        FROM sandbox_keys k
        JOIN runs r ON r.id = k.run_id AND r.sandbox_id = k.sandbox_id AND r.ended_at IS NULL
        LEFT JOIN sandboxes s ON s.id = k.sandbox_id
        WHERE k.hashed_key = ${hashedKey} AND s.ended_at IS NULL`);
      return found;
    },
  };
}
