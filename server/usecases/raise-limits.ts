import { workflowId } from '#workflows/contracts/ids.ts';
import { raiseLimitsUpdate, wakeSignal } from '#workflows/contracts/run.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/runs.ts';
import type { Body } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';

/** Raises limits of a run, and its budget with max_usd. The organization's limit of time stays above them. */
export async function raiseRunLimits(
  { services, organization_id, actor }: Call,
  id: string,
  raised: Body<typeof contracts.raiseRunLimits>,
) {
  const { store, workflows } = services;
  const run = await store.runs.get(organization_id, id);
  if (run.ended_at) throw new AppError('conflict', `The run has ended (${run.status}).`);
  const { max_agent_runtime_hours: hours } = await store.identity.organization(organization_id);
  if ((raised.max_seconds ?? 0) > hours * 3600)
    throw new AppError(
      'conflict',
      `max_seconds must be at most ${hours * 3600}: a run of the organization has ${hours} h.`,
    );
  const answer = await workflows.update(workflowId.run(id), raiseLimitsUpdate, { ...raised, actor: actor.email });
  if (raised.max_usd !== undefined) {
    const limit_micros = Math.round(raised.max_usd * 1e6);
    await store.budgets.set({ organization_id, scope: { type: 'run', id }, limit_micros });
    await workflows.signal(workflowId.run(id), wakeSignal, {});
  }
  return answer;
}
