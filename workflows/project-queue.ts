import { condition, continueAsNew, patched, setHandler } from '@temporalio/workflow';
import { workflowId } from './contracts/ids.ts';
import {
  bumpUpdate,
  grantedSignal,
  organizationFreeSignal,
  queueQuery,
  releaseSignal,
  reprioritiseSignal,
  requestSignal,
  setOpenSignal,
  type QueueEntry,
  type QueueHolder,
  type QueueInput,
} from './contracts/work.ts';
import { taskScore } from './domain/tasks/score.ts';
import { records } from './support/activities.ts';
import { historyIsLong, handlersFinished } from './support/history.ts';
import { ProgressReport } from './support/progress.ts';
import { handleUpdate, refuse, signalIfRunning, SignalHandlers } from './support/handlers.ts';
import { SlotDelay } from './support/slot-delay.ts';

/** Candidates sent in one request: more than the limit of any organization. */
const maxCandidates = 100;

/**
 * The slots of a project: a durable priority semaphore. A task that requests a slot waits for the signal `granted`. The
 * highest score goes first; among equal scores, the ticket that holds the fewest slots. A task starts only when its
 * organization has a free slot too: the queues of an organization share its slots through the database. The workflow
 * ends when no task holds or waits for a slot.
 */
export async function projectQueueWorkflow(input: QueueInput): Promise<void> {
  const waiting: QueueEntry[] = input.state?.waiting ?? [];
  let holders: QueueHolder[] = input.state?.holders ?? [];
  /** Tasks that hold a slot and requested it again: they missed their grant, so they are granted before all others. */
  let missed = input.state?.missed ?? [];
  let open = input.state?.open ?? true;
  let changed = true;
  let organizationFree = false;
  let heldBack = 0;
  /** Tasks that wait for money, a person or another task: others go before them until the next look. */
  let unable: string[] = [];
  /** The holders and candidates that the database last recorded, as `claims` writes them. */
  let recorded: string | undefined;
  const shares = patched('organization-slots');
  const looksAgain = patched('release-looks-again');
  const progress = new ProgressReport('open');
  const signals = new SignalHandlers(input);
  const delay = new SlotDelay(waiting, input.holder_check_seconds, input.state?.delayed);

  const score = (entry: QueueEntry) => {
    const now = Date.now();
    const slack = entry.deadline_at ? (Date.parse(entry.deadline_at) - now) / 1000 : undefined;
    return taskScore({ ...entry, age: (now - Date.parse(entry.requested_at)) / 1000, slack }, input.weights);
  };
  const release = (taskId: string) => {
    holders = holders.filter((holder) => holder.task_id !== taskId);
    missed = missed.filter((id) => id !== taskId);
    // A task whose files another owned may start now.
    unable = looksAgain ? [] : unable.filter((id) => id !== taskId);
    const at = waiting.findIndex((entry) => entry.task_id === taskId);
    if (at >= 0) waiting.splice(at, 1);
    changed = true;
  };

  signals.handle(requestSignal, ({ project_open: projectOpen, ...entry }) => {
    open = projectOpen;
    if (waiting.some((other) => other.task_id === entry.task_id)) return;
    if (holders.some((holder) => holder.task_id === entry.task_id)) missed.push(entry.task_id);
    holders = holders.filter((holder) => holder.task_id !== entry.task_id);
    waiting.push(entry);
    changed = true;
  });
  signals.handle(releaseSignal, ({ task_id: taskId }) => release(taskId));
  signals.handle(reprioritiseSignal, ({ task_id: taskId, priority }) => {
    const entry = waiting.find((other) => other.task_id === taskId);
    if (entry) entry.priority = priority;
    changed = true;
  });
  signals.handle(setOpenSignal, (now) => {
    open = now.open;
    changed = true;
  });
  signals.handle(organizationFreeSignal, () => {
    organizationFree = true;
    changed = true;
  });
  handleUpdate(bumpUpdate, {
    check: ({ task_id: taskId }) => {
      if (!waiting.some((entry) => entry.task_id === taskId))
        throw refuse('The task does not wait for a slot of its project: it has one, or something else holds it up.');
      const ahead = waiting.filter((entry) => entry.bumped && entry.task_id !== taskId).length;
      if (holders.length + ahead > input.limit)
        throw refuse(
          `The project runs ${holders.length} tasks already, one more than its limit of ${input.limit}. Wait until one of them ends.`,
        );
    },
    apply: async ({ task_id: taskId, actor: by = 'operator' }) => {
      const entry = waiting.find((other) => other.task_id === taskId);
      if (!entry) return { status: 'started' };
      entry.bumped = true;
      await records.recordBump({ organization_id: input.organization_id, task_id: taskId, by });
      changed = true;
      return { status: 'starting' };
    },
  });
  signals.ignoreRest();
  setHandler(queueQuery, () => ({
    limit: input.limit,
    held_back: heldBack,
    active: holders,
    waiting: waiting.map((entry) => ({ ...entry, score: score(entry) })).sort((a, b) => b.score - a.score),
  }));

  /** The waiting tasks that the project has slots for: the highest score first. */
  function candidates(): QueueEntry[] {
    const taken = holders.map((holder) => holder.ticket_id);
    const held = (entry: QueueEntry) => taken.filter((ticketId) => ticketId === entry.ticket_id).length;
    const able = waiting.filter((entry) => !unable.includes(entry.task_id));
    const chosen = able.filter((entry) => missed.includes(entry.task_id));
    for (const entry of able)
      if (entry.bumped && !chosen.includes(entry) && holders.length + chosen.length <= input.limit) chosen.push(entry);
    chosen.forEach((entry) => taken.push(entry.ticket_id));
    const eligible = able
      .filter((entry) => !chosen.includes(entry) && (open || entry.forced))
      .map((entry, i) => ({ entry, i, score: score(entry) }));
    while (holders.length + chosen.length < input.limit && chosen.length < maxCandidates && eligible.length > 0) {
      eligible.sort((a, b) => b.score - a.score || held(a.entry) - held(b.entry) || a.i - b.i);
      const { entry } = eligible.shift() as (typeof eligible)[number];
      chosen.push(entry);
      taken.push(entry.ticket_id);
    }
    return chosen;
  }

  function hold(entry: QueueEntry): void {
    waiting.splice(waiting.indexOf(entry), 1);
    missed = missed.filter((id) => id !== entry.task_id);
    holders.push({ task_id: entry.task_id, ticket_id: entry.ticket_id, since: new Date().toISOString() });
  }

  const claims = (held: string[], wanted: QueueEntry[]) =>
    [...held, ...wanted.map((entry) => `${entry.task_id} ${entry.priority}${entry.bumped ? ' bumped' : ''}`)]
      .sort()
      .join();

  async function share(check = false): Promise<void> {
    const held = holders.map((holder) => holder.task_id);
    if (organizationFree || check) unable = [];
    const chosen = candidates();
    if (claims(held, chosen) === recorded && !organizationFree && !check) return;
    organizationFree = false;
    const {
      granted,
      gone,
      held_back: now = [],
    } = await records.shareSlots({
      organization_id: input.organization_id,
      project_id: input.project_id,
      holders: held,
      candidates: chosen,
      check,
    });
    if (now.length > 0) {
      unable = [...unable, ...now];
      changed = true;
    }
    const refused = chosen.filter(({ task_id: id }) => !granted.includes(id) && !now.includes(id));
    recorded = claims([...held, ...granted], refused);
    heldBack = refused.length - gone.length;
    // A task that released its slot before the answer came is not a holder. One that requested again meanwhile is
    // granted again.
    for (const entry of chosen) if (granted.includes(entry.task_id) && waiting.includes(entry)) hold(entry);
    gone.forEach(release);
  }

  async function grantFreely(): Promise<void> {
    for (let [next] = candidates(); next; [next] = candidates()) {
      hold(next);
      // When the task's workflow has ended, its slot is free again.
      if (!(await signalIfRunning(workflowId.task(next.task_id), grantedSignal, {}))) release(next.task_id);
    }
  }

  for (;;) {
    changed = false;
    const trouble = await delay.orLater('shareSlots', shares ? share : grantFreely);
    progress.set(
      'running',
      `${holders.length} of ${input.limit} slots held, ${waiting.length} waiting${open ? '' : '; agents start by hand only'}${heldBack > 0 ? '; the organization has no slot free' : ''}${unable.length > 0 ? `; ${unable.length} wait for money, a person or another task` : ''}${trouble}`,
    );
    progress.now.totals = { active: holders.length, waiting: waiting.length };
    if (signals.someIgnored) await signals.recordIgnored();
    if (historyIsLong()) {
      await handlersFinished();
      await continueAsNew<typeof projectQueueWorkflow>({
        ...input,
        state: { waiting, holders, open, missed, delayed: delay.shown },
      });
    }
    if (await condition(() => changed || signals.someIgnored, input.holder_check_seconds * 1000)) continue;
    if (holders.length === 0 && waiting.length === 0) {
      progress.set('completed', 'idle');
      return;
    }
    await delay.orLater('deadHolders', async () => {
      const dead =
        holders.length > 0 ? await records.deadHolders({ task_ids: holders.map((holder) => holder.task_id) }) : [];
      dead.forEach(release);
      if (heldBack > 0 || unable.length > 0) await share(true);
    });
  }
}
