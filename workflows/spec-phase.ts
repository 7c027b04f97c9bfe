import { sleep } from '@temporalio/workflow';
import type { PhaseInput, PhaseResult } from './contracts/spec.ts';
import { work } from './support/activities.ts';
import { runAgent } from './support/agent-child.ts';
import { ProgressBoard } from './support/progress.ts';

/**
 * One phase of planning. Its attempts are iterations of one session: a retry goes on in the same conversation with
 * the gate's feedback, so what was read is not read again, nor paid for again. A session that breaks is followed by a
 * fresh one that is given the draft, as long as attempts are left.
 */
export async function specPhaseWorkflow(input: PhaseInput): Promise<PhaseResult> {
  const board = new ProgressBoard(`preparing ${input.phase}`);
  const ref = { organization_id: input.organization_id, spec_id: input.spec_id, phase: input.phase };
  const family = { organization_id: input.organization_id, project_id: input.project_id, spec_id: input.spec_id };

  for (let session = 1; ; session += 1) {
    board.set('running', `preparing ${input.phase}`);
    const prepared = await work.preparePhase({ ...ref, chain: input.chain, session, feedback: input.feedback });
    board.now.attempt = prepared.attempt;
    board.set('running', `an agent works on ${input.phase}`);
    const outcome = await runAgent(family, prepared, 'phase', { phase: input.phase });
    const passed = outcome.status === 'completed';
    const { message, reason } = outcome;
    const closed = await work.closePhase({ ...ref, run_id: prepared.run_id, passed, reason, message });
    if (passed || closed.again_after_seconds === null) {
      board.set(passed ? 'completed' : 'failed', message);
      return { passed, score: closed.score, attempt: closed.attempt, message };
    }
    board.set('waiting', `${message} A fresh session follows.`);
    await sleep(closed.again_after_seconds * 1000);
  }
}
