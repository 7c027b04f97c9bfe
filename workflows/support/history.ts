import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';

/** Histories stay short enough to be replayed in no time: 200 runs recover at once when a worker dies. */
const maxEvents = 1000;

export function historyIsLong(): boolean {
  const info = workflowInfo();
  return info.continueAsNewSuggested || info.historyLength > maxEvents;
}

/** An update that is being answered must not be cut off by continue-as-new. */
export async function settleHandlers(): Promise<void> {
  await condition(allHandlersFinished);
}
