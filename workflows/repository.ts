import { continueAsNew } from '@temporalio/workflow';
import { pushedSignal, type RepositoryInput } from './contracts/repository.ts';
import { work } from './support/activities.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { SignalHandlers } from './support/handlers.ts';
import { historyIsLong } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';

/** Takes over what happens in a project's repository at its code host, until nothing more has happened. */
export async function repositoryWorkflow(input: RepositoryInput): Promise<void> {
  const progress = new ProgressReport('reading the repository');
  const signals = new SignalHandlers(input);
  let pushed = false;
  let failed: string | undefined;
  signals.handle(pushedSignal, () => {
    pushed = true;
  });
  signals.ignoreRest();

  while (pushed) {
    if (historyIsLong()) await continueAsNew<typeof repositoryWorkflow>(input);
    pushed = false;
    progress.set('running', 'linking new commits to their tickets');
    try {
      await work.readPushed(input);
      failed = undefined;
    } catch (error) {
      if (wasCancelled(error)) throw error;
      failed = stepFailure(error);
    }
    if (signals.someIgnored) await signals.recordIgnored();
  }
  progress.set(failed ? 'failed' : 'completed', failed ?? 'all is read');
}
