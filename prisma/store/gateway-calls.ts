import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import { runRow, type Run } from './json.ts';
import { recordCost, type CostEntry } from './recorded-costs.ts';

/** How the keys of reservations and costs of these calls begin. */
const prefix = 'gateway:';
/** Seconds that a call lives without a renewal. */
const lease = 120;

/** A call whose process ended: nobody knows whether the provider has answered it. */
export interface LostCall {
  key: string;
  run: Run;
  /** Micro-dollars that were reserved for it. */
  held_micros: number;
}

/** Calls of the model that programs in sandboxes make through the gateway. Each holds money from before it is sent. */
export function gatewayCallsStore(core: StoreCore, thresholds: { critical: number }) {
  return {
    keyOf: (runId: string, callId: string) => `${prefix}${runId}:${callId}`,
    /** Says that the call is under way. */
    renew: async (key: string, seconds = lease): Promise<void> => {
      await core.statement(Prisma.sql`
        UPDATE reservations SET lease_until = now() + make_interval(secs => ${seconds}::int)
        WHERE id = ${key} AND state = 'held'`);
    },
    /** Records the cost of a call once, in the ledger and at its run. */
    settle: (cost: CostEntry & { run_id: string }): Promise<void> =>
      core.change(async (tx, emit) => {
        if (!(await recordCost(tx, emit, cost, thresholds))) return;
        await tx.run.updateMany({
          where: { id: cost.run_id, organization_id: cost.organization_id },
          data: {
            cost_micros: { increment: cost.cost_micros },
            input_tokens: { increment: cost.input_tokens },
            output_tokens: { increment: cost.output_tokens },
            cache_read_tokens: { increment: cost.cache_read_tokens },
            cache_write_tokens: { increment: cost.cache_write_tokens },
          },
        });
      }),
    /** Calls that nobody renews. */
    lost: (): Promise<LostCall[]> =>
      core.read(async (db) => {
        const now = Date.now();
        const held = await db.reservation.findMany({
          where: {
            id: { startsWith: prefix },
            state: 'held',
            OR: [
              { lease_until: { lt: new Date(now) } },
              { lease_until: null, created_at: { lt: new Date(now - lease * 1000) } },
            ],
          },
          take: 500,
        });
        const runs = await db.run.findMany({ where: { id: { in: held.flatMap(({ run_id: id }) => id ?? []) } } });
        return held.flatMap(({ id: key, run_id: runId, held_micros }) => {
          const run = runs.find(({ id }) => id === runId);
          return run ? [{ key, run: runRow(run), held_micros }] : [];
        });
      }),
  };
}
