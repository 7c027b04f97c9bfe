import type { DiagnosticInput } from './contracts/diagnostic.ts';
import { work } from './support/activities.ts';
import { ProgressReport } from './support/progress.ts';

/** Finds out why a ticket does not move, and begins the work that removes the cause where more work can. */
export async function diagnosticWorkflow(input: DiagnosticInput): Promise<void> {
  const progress = new ProgressReport('diagnosing');
  progress.set('running', 'looking whether a diagnosis may begin');
  const { refused } = await work.openDiagnostic(input);
  if (refused) {
    progress.set('completed', refused);
    return;
  }
  progress.set('running', 'finding the cause');
  await work.diagnoseTicket(input);
  progress.set('running', 'beginning the recovery');
  const { said } = await work.recoverTicket(input);
  progress.set('completed', said);
}
