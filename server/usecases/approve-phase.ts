import { correctOutput } from '#workflows/domain/phases/evaluate.ts';
import type { PhaseId, PhaseOutputs } from '#workflows/domain/phases/index.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { retrySpec } from '../contracts/specs.ts';
import type { Call } from '../http/context.ts';
import { takeUpAgain } from './retry.ts';
import { approvePhase as approveAtGate, requireApprover } from './specs.ts';

/**
 * Approves a phase that waits at its gate, or one whose attempts all failed by their score: the plan goes on with the
 * newest submission as it is.
 * @param reason why that is good enough; it stays with the decision.
 */
export async function approvePhase(call: Call, id: string, phase: PhaseId, reason: string | undefined) {
  const { services, organization_id, actor } = call;
  const { specs } = services.store;
  const spec = await specs.get(organization_id, id);
  if (spec.status !== 'failed') {
    if (reason === undefined) return approveAtGate(call, id, phase);
    throw new AppError('invalid_rule', `reason applies only to a phase that failed; the spec is ${spec.status}.`, [
      { field: 'reason', message: 'does not apply: no phase has failed' },
    ]);
  }
  await requireApprover(call, spec);
  if (reason === undefined)
    throw new AppError('invalid_rule', `The phase ${phase} failed, so its approval needs a reason.`, [
      { field: 'reason', message: 'is needed: say why the submission is good enough' },
    ]);
  // Agents go on with the plan, as after a retry, so the same is asked of the caller and of the budget.
  const through = await call.through(retrySpec, { params: { id }, body: {} });
  const prior = await specs.outputs(id);
  await specs.approveFailed(organization_id, id, phase, { actor: actor.email, reason }, (output) =>
    correctOutput(phase, output as PhaseOutputs[typeof phase], prior),
  );
  await takeUpAgain(through, spec, undefined);
  return { status: 'approved' };
}
