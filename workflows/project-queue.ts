import { condition, continueAsNew, getExternalWorkflowHandle, setHandler, workflowInfo } from '@temporalio/workflow';
import { z } from 'zod';
import { workflowId } from './contracts/ids.ts';
import { grantedSignal, queueQuery, queueRequest, releaseSignal, reprioritiseSignal, requestSignal, setOpenInput, setOpenSignal, setPriorityInput, type QueueEntry, type QueueHolder, type QueueInput } from './contracts/work.ts';
import { taskScore } from './domain/tasks/score.ts';
import { records } from './support/activities.ts';
import { historyIsLong, settleHandlers } from './support/history.ts';
import { ProgressBoard } from './support/progress.ts';
import { IgnoredSignals } from './support/signals.ts';

const taskRef = z.object({ task_id: z.string() });

/**
 * A project's slots: a durable priority semaphore. Whoever asks waits for the signal `granted`; the highest score
 * goes first, and among equals the ticket that has the fewest slots. It ends when nobody holds or waits.
 */
export async function projectQueueWorkflow(input: QueueInput): Promise<void> {
  const waiting: QueueEntry[] = input.state?.waiting ?? [];
  let holders: QueueHolder[] = input.state?.holders ?? [];
  let open = input.state?.open ?? true;
  let changed = true;
  const board = new ProgressBoard('open');
  const ignored = new IgnoredSignals();

  const score = (entry: QueueEntry) => {
    const now = Date.now();
    const slack = entry.deadline_at ? (Date.parse(entry.deadline_at) - now) / 1000 : undefined;
    return taskScore({ ...entry, age: (now - Date.parse(entry.requested_at)) / 1000, slack }, input.weights);
  };
  const release = (taskId: string) => {
    holders = holders.filter((holder) => holder.task_id !== taskId);
    const at = waiting.findIndex((entry) => entry.task_id === taskId);
    if (at >= 0) waiting.splice(at, 1);
    changed = true;
  };

  ignored.handle(requestSignal, queueRequest, ({ project_open: projectOpen, ...entry }) => {
    open = projectOpen;
    if (waiting.some((other) => other.task_id === entry.task_id)) return;
    // Asking again while holding: the grant was missed.
    holders = holders.filter((holder) => holder.task_id !== entry.task_id);
    waiting.push(entry);
    changed = true;
  });
  ignored.handle(releaseSignal, taskRef, ({ task_id: taskId }) => release(taskId));
  ignored.handle(reprioritiseSignal, setPriorityInput.extend({ task_id: z.string() }), ({ task_id: taskId, priority }) => {
    const entry = waiting.find((other) => other.task_id === taskId);
    if (entry) entry.priority = priority;
    changed = true;
  });
  ignored.handle(setOpenSignal, setOpenInput, (told) => {
    open = told.open;
    changed = true;
  });
  ignored.catchRest();
  setHandler(queueQuery, () => ({ limit: input.limit, active: holders, waiting: waiting.map((entry) => ({ ...entry, score: score(entry) })).sort((a, b) => b.score - a.score) }));

  async function grantFreeSlots(): Promise<void> {
    const eligible = () => waiting.filter((entry) => open || entry.forced);
    while (holders.length < input.limit && eligible().length > 0) {
      const held = (ticketId: string) => holders.filter((holder) => holder.ticket_id === ticketId).length;
      const ranked = eligible().map((entry, i) => ({ entry, i, score: score(entry) })).sort((a, b) => b.score - a.score || held(a.entry.ticket_id) - held(b.entry.ticket_id) || a.i - b.i);
      const next = ranked[0]?.entry as QueueEntry;
      waiting.splice(waiting.indexOf(next), 1);
      holders.push({ task_id: next.task_id, ticket_id: next.ticket_id, since: new Date().toISOString() });
      try {
        await getExternalWorkflowHandle(workflowId.task(next.task_id)).signal(grantedSignal, {});
      } catch {
        // Its workflow is gone; the slot is free again.
        release(next.task_id);
      }
    }
  }

  for (;;) {
    changed = false;
    await grantFreeSlots();
    board.set('running', `${holders.length} of ${input.limit} slots held, ${waiting.length} waiting${open ? '' : '; agents start by hand only'}`);
    board.now.totals = { active: holders.length, waiting: waiting.length };
    if (ignored.some) await records.recordIgnoredSignals({ organization_id: input.organization_id, project_id: input.project_id, workflow_id: workflowInfo().workflowId, signals: ignored.take() });
    if (historyIsLong()) {
      await settleHandlers();
      await continueAsNew<typeof projectQueueWorkflow>({ ...input, state: { waiting, holders, open } });
    }
    const told = await condition(() => changed || ignored.some, input.holder_check_seconds * 1000);
    if (told) continue;
    if (holders.length === 0 && waiting.length === 0) {
      board.set('completed', 'idle');
      return;
    }
    const dead = holders.length > 0 ? await records.deadHolders({ task_ids: holders.map((holder) => holder.task_id) }) : [];
    dead.forEach(release);
  }
}
