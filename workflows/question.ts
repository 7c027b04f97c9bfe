import { CancellationScope, TemporalFailure } from '@temporalio/workflow';
import type { QuestionInput } from './contracts/question.ts';
import { records, work } from './support/activities.ts';
import { runAgent } from './support/agent-child.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { SignalHandlers } from './support/handlers.ts';
import { ProgressReport } from './support/progress.ts';

/**
 * Answers a person's question about the code: a run reads it, and the places that its answer names are checked. A
 * question without an answer says why, and can be asked again.
 */
export async function questionWorkflow(input: QuestionInput): Promise<void> {
  const progress = new ProgressReport('preparing');
  new SignalHandlers(input).ignoreRest();
  const { organization_id, project_id } = input;
  let problem: string | null = null;
  try {
    const prepared = await work.prepareQuestion(input);
    progress.set('running', `run ${input.run_id} reads the code`);
    const end = await runAgent({ organization_id, project_id, spec_id: null }, prepared, 'explore');
    if (end.status !== 'completed') problem = end.message;
  } catch (error) {
    // An error of the code itself fails the workflow task, which a corrected version repeats.
    if (!wasCancelled(error) && !(error instanceof TemporalFailure)) throw error;
    problem = wasCancelled(error) ? 'The question was cancelled.' : stepFailure(error);
  }
  await CancellationScope.nonCancellable(() => records.closeQuestion({ ...input, problem }));
  if (problem === null) progress.set('completed', 'answered');
  else progress.set('failed', problem);
}
