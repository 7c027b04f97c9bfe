import { ActivityCancellationType, CancellationScope, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '#activities/index.ts';
import type { McpCallInput } from './contracts/mcp.ts';
import { heartbeatTimeoutSeconds } from './contracts/ids.ts';
import { callSeconds, callTries } from './domain/mcp/rules.ts';
import { records } from './support/activities.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { ProgressReport } from './support/progress.ts';

/** The activity says after each failure how long to wait, and whether the call may be made again at all (MCP-05). */
const { callMcpTool } = proxyActivities<Pick<Activities, 'callMcpTool'>>({
  startToCloseTimeout: (callSeconds + 15) * 1000,
  heartbeatTimeout: heartbeatTimeoutSeconds * 1000,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { maximumAttempts: callTries, initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
});

/** Makes one call of a foreign tool. Whatever happens, the row of the call says at the end what came of it. */
export async function mcpCallWorkflow(input: McpCallInput): Promise<void> {
  const progress = new ProgressReport('calling');
  progress.set('running', 'calling');
  try {
    await callMcpTool(input);
    progress.set('completed', 'ended');
  } catch (error) {
    const reason = wasCancelled(error) ? 'It was cancelled.' : stepFailure(error);
    await CancellationScope.nonCancellable(() => records.endMcpCall({ ...input, reason }));
    progress.set('failed', reason);
  }
}
