import type { Client } from '@temporalio/client';
import type { HistoryAndWorkflowId } from '@temporalio/common';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { dataConverter } from '#temporal/data-converter.ts';

// Without this each replay logs every state of its worker.
Runtime.install({ logger: new DefaultLogger('ERROR') });

/** Every history of the projects' workflows, each run of a chain for itself. */
async function* historiesOf(client: Client, projectIds: string[]): AsyncGenerator<HistoryAndWorkflowId> {
  for (const id of projectIds) {
    for await (const { workflowId, runId } of client.workflow.list({ query: `OmoiosProject="${id}"` })) {
      yield { workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
    }
  }
}

/** Replays them all on a bundle; what differs, each with its workflow. */
export async function unreplayable(
  client: Client,
  projectIds: string[],
  bundle: string,
): Promise<{ replayed: number; failures: string[] }> {
  const failures: string[] = [];
  let replayed = 0;
  for await (const result of Worker.runReplayHistories(
    { workflowBundle: { codePath: bundle }, dataConverter },
    historiesOf(client, projectIds),
  )) {
    replayed += 1;
    if (result.error) failures.push(`${result.workflowId}: ${result.error.message}`);
  }
  return { replayed, failures };
}
