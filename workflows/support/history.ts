import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';

/**
 * Events in a history before it is continued as new. Short histories replay fast: 200 runs recover at once when a
 * worker dies.
 */
const maxEvents = 1000;

/** Whether the workflow must continue as new: the server suggests it, or the history has over `maxEvents` events. */
export function historyIsLong(): boolean {
  const info = workflowInfo();
  return info.continueAsNewSuggested || info.historyLength > maxEvents;
}

/** Waits until all handlers have finished, since continue-as-new would drop an update that is being answered. */
export async function handlersFinished(): Promise<void> {
  await condition(allHandlersFinished);
}
