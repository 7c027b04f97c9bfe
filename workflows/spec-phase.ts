import { condition, sleep } from '@temporalio/workflow';
import { holdSignal, type PhaseInput, type PhaseResult } from './contracts/spec.ts';
import { records, work } from './support/activities.ts';
import { runAgent } from './support/agent-child.ts';
import { ProgressReport } from './support/progress.ts';
import { SignalHandlers } from './support/handlers.ts';

/**
 * One phase of planning. Its attempts are iterations of one session: a retry continues in the same conversation with
 * the gate's feedback, so that nothing is read or paid for twice. When a session breaks, a fresh one gets the draft, as
 * long as attempts are left.
 */
export async function specPhaseWorkflow(input: PhaseInput): Promise<PhaseResult> {
  const progress = new ProgressReport(`preparing ${input.phase}`);
  const ref = { organization_id: input.organization_id, spec_id: input.spec_id, phase: input.phase };
  const scope = { organization_id: input.organization_id, project_id: input.project_id, spec_id: input.spec_id };
  const signals = new SignalHandlers(input);
  let paused: string | null = null;
  let running: string | null = null;
  const held: string[] = [];
  let passing = Promise.resolve();

  /**
   * Passes the start or end of a pause on to the agent. The calls run one after another, and each uses the state at its
   * own time.
   */
  const forwardPause = () => {
    passing = passing
      .then(async () => {
        if (running && paused)
          held.push(...(await records.holdRuns({ ...scope, run_id: running, reason: paused })).run_ids);
        else if (held.length > 0) await records.resumeRuns({ run_ids: held.splice(0) });
      })
      .catch(() => undefined);
  };
  const untilResumed = async () => {
    if (signals.someIgnored) await signals.recordIgnored();
    if (!paused) return;
    progress.set('paused', paused, { for: 'person' });
    await condition(() => paused === null);
  };
  signals.handle(holdSignal, ({ reason }) => {
    paused = reason;
    if (running) forwardPause();
  });

  for (let session = 1; ; session += 1) {
    await untilResumed();
    progress.set('running', `preparing ${input.phase}`);
    const prepared = await work.preparePhase({
      ...ref,
      chain: input.chain,
      session,
      feedback: input.feedback,
      from: input.from,
    });
    progress.now.attempt = prepared.attempt;
    await untilResumed();
    progress.set('running', `an agent works on ${input.phase}`);
    const outcome = await runAgent(scope, prepared, 'phase', { phase: input.phase }, () => {
      running = prepared.run_id;
      if (paused) forwardPause();
    });
    const passed = outcome.status === 'completed';
    const { message, reason } = outcome;
    const closed = await work.closePhase({ ...ref, run_id: prepared.run_id, passed, reason, message });
    if (passed || closed.again_after_seconds === null) {
      progress.set(passed ? 'completed' : 'failed', message);
      return { passed, score: closed.score, attempt: closed.attempt, message, reason, sections: closed.sections };
    }
    progress.set('waiting', `${message} A fresh session follows.`);
    await sleep(closed.again_after_seconds * 1000);
  }
}
