import { work } from './support/activities.ts';
import { ProgressReport } from './support/progress.ts';

/** Deletes old rows of tables that only grow. A schedule starts it. */
export async function retentionWorkflow(): Promise<void> {
  const progress = new ProgressReport('trimming');
  progress.set('running', 'trimming');
  progress.now.totals = await work.trimTables();
  progress.set('completed', 'trimmed');
}
