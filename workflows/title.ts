import { CancellationScope, TemporalFailure } from '@temporalio/workflow';
import type { TitleInput } from './contracts/title.ts';
import { records, work } from './support/activities.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { SignalHandlers } from './support/handlers.ts';
import { ProgressReport } from './support/progress.ts';

/** Gives a task another title. A task that keeps its title says why. */
export async function titleWorkflow(input: TitleInput): Promise<void> {
  const progress = new ProgressReport('asking a model');
  new SignalHandlers(input).ignoreRest();
  progress.set('running', 'asking a model');
  let kept: string | null;
  try {
    kept = await work.titleTask(input);
  } catch (error) {
    // An error of the code itself fails the workflow task, which a corrected version repeats.
    if (!wasCancelled(error) && !(error instanceof TemporalFailure)) throw error;
    kept = wasCancelled(error) ? 'The request was cancelled.' : stepFailure(error);
  }
  if (kept === null) return progress.set('completed', 'renamed');
  const reason = kept;
  await CancellationScope.nonCancellable(() => records.keepTitle({ ...input, reason }));
  progress.set('failed', reason);
}
