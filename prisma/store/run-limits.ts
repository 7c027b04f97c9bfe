import { isDeepStrictEqual } from 'node:util';
import { notFound } from '#workflows/domain/errors.ts';
import type { RaisedLimits } from '#workflows/domain/agent/limits.ts';
import type { StoreCore } from './core.ts';
import { asJson, runRow } from './json.ts';

/** The limits of runs. */
export function runLimitsStore(core: StoreCore) {
  return {
    /** Stores raised limits of a run; a step that is repeated, or comes after the run's end, changes nothing. */
    raiseLimits: (organizationId: string, id: string, raised: RaisedLimits, by: string) =>
      core.change(async (tx, emit) => {
        const row = await tx.run.findFirst({ where: { id, organization_id: organizationId } });
        if (!row) throw notFound('run');
        const { limits, project_id, ended_at } = runRow(row);
        const now = { ...limits, ...raised };
        if (ended_at || isDeepStrictEqual(now, limits)) return;
        await tx.run.update({ where: { id }, data: { limits: asJson(now) } });
        const { max_turns, max_usd, max_seconds } = now;
        emit({
          type: 'run.limits_raised',
          organization_id: organizationId,
          project_id,
          entity: { kind: 'run', id },
          data: { run_id: id, max_turns, max_usd, max_seconds, by },
        });
      }),
  };
}
