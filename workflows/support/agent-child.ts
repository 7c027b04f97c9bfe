import { CancellationScope, startChild } from '@temporalio/workflow';
import type { agentWorkflow } from '../agent.ts';
import { workflowId } from '../contracts/ids.ts';
import type { RunOutcome } from '../contracts/run.ts';
import type { RunKind } from '../domain/agent/run.ts';
import type { PreparedRun, Scope } from '../contracts/work.ts';
import { work } from './activities.ts';
import { agentInput, childOptions } from './children.ts';
import { failureOf, wasCancelled } from './failure.ts';

/**
 * Runs an agent to its end. When its workflow cannot end the run itself (cancelled before the start, terminated by an
 * operator, broken), this function closes the run's record and destroys its sandbox.
 */
export async function runAgent(
  scope: Scope,
  prepared: PreparedRun,
  kind: RunKind,
  extra: { task?: string; phase?: string } = {},
  started?: () => void,
): Promise<RunOutcome> {
  try {
    const agent = await startChild<typeof agentWorkflow>('agentWorkflow', {
      ...childOptions(scope, extra),
      workflowId: workflowId.run(prepared.run_id),
      args: [agentInput(scope, extra.task ?? null, prepared, kind)],
    });
    started?.();
    return await agent.result();
  } catch (error) {
    const cancelled = wasCancelled(error);
    const { message } = failureOf(error);
    const end = cancelled
      ? ({ status: 'cancelled', reason: 'cancelled', message: 'The run was cancelled.' } as const)
      : ({ status: 'failed', reason: 'workflow_failed', message } as const);
    await CancellationScope.nonCancellable(() =>
      work.endRun({ organization_id: scope.organization_id, run_id: prepared.run_id, ...end, turn: 0 }),
    );
    if (cancelled) throw error;
    return { ...end, turns: 0, cost_micros: 0 };
  }
}
