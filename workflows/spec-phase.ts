import { executeChild, isCancellation } from '@temporalio/workflow';
import { agentWorkflow } from './agent.ts';
import { workflowId } from './contracts/ids.ts';
import type { PhaseInput, PhaseResult } from './contracts/spec.ts';
import { work } from './support/activities.ts';
import { agentInput, childOptions } from './support/children.ts';
import { failureOf } from './support/failure.ts';
import { ProgressBoard } from './support/progress.ts';

/**
 * One phase of planning. Its attempts are iterations of one session: a retry goes on in the same conversation with
 * the gate's feedback, so what was read is not read again, nor paid for again.
 */
export async function specPhaseWorkflow(input: PhaseInput): Promise<PhaseResult> {
  const board = new ProgressBoard(`preparing ${input.phase}`);
  const ref = { organization_id: input.organization_id, spec_id: input.spec_id, phase: input.phase };
  const family = { organization_id: input.organization_id, project_id: input.project_id, spec_id: input.spec_id };
  board.set('running', `preparing ${input.phase}`);
  const prepared = await work.preparePhase({ ...ref, chain: input.chain, feedback: input.feedback });
  board.now.attempt = prepared.attempt;
  board.set('running', `an agent works on ${input.phase}`);
  let passed = false;
  let message: string;
  try {
    const outcome = await executeChild(agentWorkflow, { ...childOptions(family, { phase: input.phase }), workflowId: workflowId.run(prepared.run_id), args: [agentInput(family, null, prepared, 'phase')] });
    passed = outcome.status === 'completed';
    message = outcome.message;
  } catch (error) {
    if (isCancellation(error)) throw error;
    message = failureOf(error).message;
    await work.endRun({ organization_id: input.organization_id, run_id: prepared.run_id, status: 'failed', reason: 'workflow_failed', message, turn: 0 });
  }
  const { score, attempt } = await work.closePhase({ ...ref, passed, message });
  board.set(passed ? 'completed' : 'failed', message);
  return { passed, score, attempt, message };
}
