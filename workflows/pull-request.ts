import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  executeChild,
  patched,
  uuid4,
} from '@temporalio/workflow';
import type { OpenedChanges } from '#activities/ticket/open-changes.ts';
import { workflowId } from './contracts/ids.ts';
import {
  closePullUpdate,
  hostChangedUpdate,
  mergeUpdate,
  requestPullChangesUpdate,
  type PullRequestInput,
} from './contracts/pull-request.ts';
import { recheckSignal, retryUpdate, type TicketResult } from './contracts/work.ts';
import { mergeWorkflow } from './merge.ts';
import { records, work } from './support/activities.ts';
import { childOptions } from './support/children.ts';
import { stepFailure, throwIfCancelled, wasCancelled } from './support/failure.ts';
import { ProgressReport } from './support/progress.ts';
import { handleUpdate, refuse, signalIfRunning } from './support/handlers.ts';
import { Turns } from './support/turns.ts';
import { ticketWorkflow } from './ticket.ts';
import { handlersFinished, historyIsLong } from './support/history.ts';

/** Seconds between two looks at a merge that the code host carries out by itself, where it does not tell. */
const mergePollSeconds = 600;

/** Carries out requests on a pull request, one after another: merge, close, and changes that go back to its branch. */
export async function pullRequestWorkflow(input: PullRequestInput): Promise<void> {
  const progress = new ProgressReport('reading the request');
  const ref = { organization_id: input.organization_id, pull_request_id: input.pull_request_id };
  const changes: OpenedChanges[] = [];
  /** Changes that have failed since a person last asked for a retry. */
  const tried = new Set<OpenedChanges>();
  /** Tasks of the changes that reviews at the code host ask for. */
  const reviewed = new Set<string>();
  let requests = 0;
  const turns = new Turns();
  /** Why requested changes wait for a person; a retry of their ticket clears it. */
  let failed: string | undefined;
  let ended = false;
  let hostChanged = false;
  /** What a merge waits for that the code host carries out by itself. */
  let mergeWait: string | undefined;

  /** Concurrent decisions are carried out one after another: the second one finds the state that the first one left. */
  async function oneAtATime<T>(decide: () => Promise<T>): Promise<T> {
    if (turns.taken && !patched('decisions-in-order')) await condition(() => !turns.taken);
    return turns.take(decide);
  }

  handleUpdate(mergeUpdate, {
    apply: async ({ method, when_ready, actor }) => {
      // Recorded histories wait here once, also where nothing else is being decided.
      await condition(() => true);
      const merged = await oneAtATime(() =>
        work.mergePull({
          ...{ ...ref, method: method ?? null, actor: actor ?? 'operator' },
          ...(when_ready === undefined ? {} : { when_ready }),
        }),
      );
      if ('waits_for' in merged) mergeWait = merged.waits_for;
      else ended = true;
      return merged;
    },
  });
  handleUpdate(closePullUpdate, {
    apply: async ({ actor }) => {
      const closed = await oneAtATime(() => records.closePull({ ...ref, actor: actor ?? 'operator' }));
      ended = true;
      return closed;
    },
  });
  handleUpdate(requestPullChangesUpdate, {
    apply: async ({ comments, actor, request = uuid4() }) => {
      const opened = await oneAtATime(() =>
        work.openChanges({ ...ref, comments, actor: actor ?? 'operator', request }),
      );
      changes.push(opened);
      requests += 1;
      return { ticket_id: opened.ticket_id, task_id: opened.task_id };
    },
  });

  // Its sender waits only for the note: a code host gives up after seconds.
  handleUpdate(hostChangedUpdate, {
    apply: () => {
      hostChanged = true;
      return { noted: true as const };
    },
  });

  handleUpdate(retryUpdate, {
    check: () => {
      if (!failed) throw refuse('No requested changes have failed: there is nothing to retry.');
    },
    apply: () => {
      failed = undefined;
      tried.clear();
      return { status: 'running' };
    },
  });

  progress.set('running', 'working on the request');
  await readHost();
  do {
    for (let change = changes.shift(); change; change = changes.shift()) {
      // Its ticket ended with the pull request.
      if (!ended || change.next || !patched('ended-pull-drops-changes')) await besideHost(change);
      await readHost();
    }
  } while (await awaitMerge());
  progress.set('completed', 'all requests are done');

  /** Waits until something has happened that may end a merge of the code host. @returns false where none waits. */
  async function awaitMerge(): Promise<boolean> {
    if (mergeWait === undefined || ended) return changes.length > 0;
    // A new run reads it at the code host, as this one does after its wait.
    if (historyIsLong()) {
      await handlersFinished();
      if (changes.length === 0) await continueAsNew<typeof pullRequestWorkflow>(input);
    }
    const until = new Date(Date.now() + mergePollSeconds * 1000).toISOString();
    progress.set('waiting', mergeWait, { for: 'person', until });
    await condition(() => hostChanged || ended || changes.length > 0, `${mergePollSeconds}s`);
    // A code host may fail to tell.
    hostChanged = true;
    await readHost();
    return true;
  }

  /** Lets all requests end, then takes over what people did at the code host. */
  async function readHost(): Promise<void> {
    await condition(allHandlersFinished);
    while (hostChanged) {
      hostChanged = false;
      const read = await oneAtATime(() => work.readHostPull(ref));
      const { state, changes: asked = [] } = read;
      mergeWait = read.merge_waits_for;
      for (const change of asked) {
        // It is told again until its task has ended.
        if (reviewed.has(change.task_id)) continue;
        reviewed.add(change.task_id);
        changes.push(change);
        requests += 1;
      }
      // One that was closed may have been reopened.
      ended = state !== 'open';
      await condition(allHandlersFinished);
    }
  }

  /** Makes the changes. What people do at the code host counts meanwhile: the changes may wait long for a person. */
  async function besideHost(change: OpenedChanges): Promise<void> {
    if (!patched('host-read-beside-changes')) return untilMade(change);
    let made = false;
    const making = untilMade(change).finally(() => {
      made = true;
    });
    const reading = async () => {
      for (;;) {
        await condition(() => made || hostChanged);
        if (made) return;
        await readHost();
      }
    };
    await Promise.all([making, reading()]);
  }

  /** Makes the changes, again each time they have failed and a person has asked for a retry, while that has a use. */
  async function untilMade(change: OpenedChanges): Promise<void> {
    const ticket = { organization_id: input.organization_id, ticket_id: change.ticket_id };
    for (;;) {
      try {
        await makeChange(change);
        return;
      } catch (error) {
        if (wasCancelled(error)) throw error;
        const continues = !change.next && patched('changes-retry');
        const remedy = continues ? 'Fix the cause, then retry the ticket.' : 'Request them again.';
        const reason = `The requested changes were not made: ${stepFailure(error)} ${remedy}`;
        // Where even this cannot be recorded, the progress of the workflow still says it.
        await records.needPerson({ ...ticket, reason }).catch(throwIfCancelled);
        if (!continues || ended) return;
        failed = reason;
        tried.add(change);
        const known = requests;
        progress.set('waiting', reason, { for: 'person' });
        const untried = () => changes.some((other) => !tried.has(other));
        const passes = untried() && patched('queued-changes-pass');
        await condition(() => failed === undefined || ended || requests > known || passes);
        if (ended) return;
        await records.personCame(ticket).catch(throwIfCancelled);
        if (failed === undefined) continue;
        // No other request waits for a person's retry of this one, which is tried again after them.
        failed = undefined;
        changes.push(change);
        return;
      }
    }
  }

  async function makeChange({
    ticket_id: ticketId,
    spec_id: specId,
    base_branch: baseBranch,
    next,
    draft,
  }: OpenedChanges): Promise<void> {
    const scope = { organization_id: input.organization_id, project_id: input.project_id, spec_id: specId };
    progress.set('running', 'the requested changes are being made');
    // Beside the work, which does not wait for the code host.
    const [result] = await Promise.all([workOnTicket(), draft ? work.settleDraft(ref) : undefined]);
    // The ticket's own workflow updates its pull request, or opens the next one, when its tasks are done.
    if (!result || next) return;
    // A pull request that has ended meanwhile takes no more commits.
    if (ended && patched('ended-pull-not-updated')) return;
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
        const merged = await executeChild(mergeWorkflow, {
          ...childOptions(scope),
          workflowId: id,
          args: [{ merge_id: id, ...scope, ticket_id: null, target: baseBranch, sources: [joined.source] }],
        });
        if (merged.status !== 'completed' && patched('pull-request-merge-result'))
          throw ApplicationFailure.nonRetryable(`They could not be merged into ${baseBranch}: ${merged.message}`);
      }
    }
    await work.refreshPull(ref);

    /** @returns the result of the ticket; undefined when its workflow runs already, and has the task now. */
    async function workOnTicket(): Promise<TicketResult | undefined> {
      for (;;) {
        try {
          return await executeChild(ticketWorkflow, {
            ...childOptions(scope, { ticket: ticketId }),
            workflowId: workflowId.ticket(ticketId),
            args: [{ ...scope, ticket_id: ticketId, base_branch: baseBranch }],
          });
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          if (!patched('changes-join-running-ticket')) throw error;
          // Without the signal the workflow has ended meanwhile, without having seen the task.
          if (await signalIfRunning(workflowId.ticket(ticketId), recheckSignal, {})) return undefined;
        }
      }
    }
  }
}
