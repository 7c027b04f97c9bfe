import { allHandlersFinished, condition, executeChild, uuid4 } from '@temporalio/workflow';
import { workflowId } from './contracts/ids.ts';
import { mergeUpdate, requestPullChangesUpdate, type PullRequestInput } from './contracts/pull-request.ts';
import { mergeWorkflow } from './merge.ts';
import { records, work } from './support/activities.ts';
import { childOptions } from './support/children.ts';
import { stepFailure, wasCancelled } from './support/failure.ts';
import { ProgressReport } from './support/progress.ts';
import { handleUpdate } from './support/handlers.ts';
import { ticketWorkflow } from './ticket.ts';

/** Carries out requests on a pull request, one after another: merges, and changes that go back to its branch. */
export async function pullRequestWorkflow(input: PullRequestInput): Promise<void> {
  const progress = new ProgressReport('reading the request');
  const ref = { organization_id: input.organization_id, pull_request_id: input.pull_request_id };
  const changes: { ticket_id: string; spec_id: string | null; base_branch: string | null }[] = [];
  let merging = false;

  handleUpdate(mergeUpdate, {
    apply: async ({ method, actor }) => {
      // Concurrent merges run one after the other; the second one finds the result of the first.
      await condition(() => !merging);
      merging = true;
      try {
        return await work.mergePull({ ...ref, method: method ?? null, actor: actor ?? 'operator' });
      } finally {
        merging = false;
      }
    },
  });
  handleUpdate(requestPullChangesUpdate, {
    apply: async ({ comments, actor }) => {
      const opened = await work.openChanges({ ...ref, comments, actor: actor ?? 'operator', request: uuid4() });
      changes.push(opened);
      return { ticket_id: opened.ticket_id, task_id: opened.task_id };
    },
  });

  progress.set('running', 'working on the request');
  await condition(allHandlersFinished);
  for (let change = changes.shift(); change; change = changes.shift()) {
    try {
      await makeChange(change);
    } catch (error) {
      if (wasCancelled(error)) throw error;
      const reason = `The requested changes were not made: ${stepFailure(error)} Request them again.`;
      await records.needPerson({ organization_id: input.organization_id, ticket_id: change.ticket_id, reason });
    }
    await condition(allHandlersFinished);
  }
  progress.set('completed', 'all requests are done');

  async function makeChange({
    ticket_id: ticketId,
    spec_id: specId,
    base_branch: baseBranch,
  }: (typeof changes)[number]): Promise<void> {
    const scope = { organization_id: input.organization_id, project_id: input.project_id, spec_id: specId };
    progress.set('running', 'the requested changes are being made');
    const result = await executeChild(ticketWorkflow, {
      ...childOptions(scope, { ticket: ticketId }),
      workflowId: workflowId.ticket(ticketId),
      args: [{ ...scope, ticket_id: ticketId, base_branch: baseBranch }],
    });
    if (specId && baseBranch && result.status === 'completed') {
      const joined = await records.joinTicket({
        organization_id: input.organization_id,
        spec_id: specId,
        ticket_id: ticketId,
        branch: baseBranch,
      });
      if (joined.kind === 'merge') {
        const { n } = await records.nextMerge({ subject_id: specId });
        const id = workflowId.merge(specId, n);
        await executeChild(mergeWorkflow, {
          ...childOptions(scope),
          workflowId: id,
          args: [{ merge_id: id, ...scope, ticket_id: null, target: baseBranch, sources: [joined.source] }],
        });
      }
    }
    await work.refreshPull(ref);
  }
}
