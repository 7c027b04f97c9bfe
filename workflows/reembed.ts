import { continueAsNew, executeChild, workflowInfo } from '@temporalio/workflow';
import { workflowId } from './contracts/ids.ts';
import type { EmbeddedTable } from './domain/embedded-tables.ts';
import { work } from './support/activities.ts';
import { ProgressReport } from './support/progress.ts';

/**
 * Makes the vectors that are missing, of one table or of all that lack some: texts that were stored while the provider
 * did not answer, and those whose vectors another model made. Searches go on meanwhile.
 */
export async function reembedWorkflow(input: { table?: EmbeddedTable } = {}): Promise<void> {
  const progress = new ProgressReport('embedding');
  if (input.table === undefined) {
    progress.set('running', 'looking for texts without a vector');
    const behind = await work.tablesToEmbed();
    for (const table of behind) {
      progress.set('running', `embedding ${table}`);
      await executeChild('reembedWorkflow', { workflowId: workflowId.reembed(table), args: [{ table }] });
    }
    progress.set('completed', behind.length === 0 ? 'every text has its vector' : `embedded ${behind.join(', ')}`);
    return;
  }
  for (;;) {
    const { done, total } = await work.embedSome({ table: input.table });
    progress.set('running', `embedded ${done} of ${total} in ${input.table}`);
    progress.now.totals = { done, total };
    if (done >= total) break;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof reembedWorkflow>(input);
  }
  progress.set('completed', `every row of ${input.table} has its vector`);
}
