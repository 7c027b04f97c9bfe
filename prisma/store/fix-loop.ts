import { AppError } from '#workflows/domain/errors.ts';
import { fixMarkOf, fixTexts, phasesOfFix, type FailedCheck, type FixMark } from '#workflows/domain/tasks/fix-loop.ts';
import { finishedTask } from '#workflows/domain/tasks/states.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { taskRow, type Task } from './json.ts';
import { lockTicket } from './row-locks.ts';
import { insertTask, moveTask } from './tasks.ts';

export interface Finding {
  of: FailedCheck;
  /** The task that failed; absent: the finding is the ticket's. */
  task_id?: string;
  /** What failed, in a few words, and what its check said. */
  name: string;
  text: string;
  /** The phase in which it was found. */
  phase_id: string;
  by: string;
}

export interface FixRound {
  fix: Task;
  recheck: Task;
  /** False: the round was open already. */
  opened: boolean;
  /** Other tickets whose tasks wait for the check now. */
  waiting: string[];
}

const priority = 'HIGH';

/** Others take the place of a task that failed or was cancelled: one in the plan, one for the tasks that wait for it. @returns their tickets. */
export async function takePlaceOf(
  tx: Transaction,
  emit: Emit,
  failed: Task,
  by: { fix: Task; before: Task; reason: string; actor: string },
): Promise<{ fix: Task; waiting: string[] }> {
  const { id, local_id, requirements, estimated_hours } = failed;
  await tx.task.update({ where: { id }, data: { local_id: null, requirements: [] } });
  const place = { local_id, requirements, estimated_hours };
  const fix = await tx.task.update({ where: { id: by.fix.id }, data: place });
  const waiting = await tx.task.findMany({ where: { status: 'pending', attempt: 0, depends_on: { has: id } } });
  for (const { id: waits, depends_on: before } of waiting)
    await tx.task.update({
      where: { id: waits },
      data: { depends_on: before.map((one) => (one === id ? by.before.id : one)), updated_at: new Date() },
    });
  if (failed.status !== 'cancelled')
    await moveTask(tx, emit, failed.organization_id, id, 'cancelled', { reason: by.reason, by: by.actor });
  const others = waiting.map(({ ticket_id }) => ticket_id).filter((ticket) => ticket !== failed.ticket_id);
  return { fix: taskRow(fix), waiting: [...new Set(others)] };
}

/** Opens the rounds of the loop of fix and check (EXEC-39). */
export function fixLoop(core: StoreCore) {
  const openRound = (tasks: Task[], { of, task_id }: Finding): FixRound | undefined => {
    const marked = (role: FixMark['role']) => (task: Task) =>
      fixMarkOf(task)?.role === role && fixMarkOf(task)?.of === of && task.parent_task_id === (task_id ?? null);
    const fix = tasks.findLast(marked('fix'));
    const recheck = tasks.findLast(marked('recheck'));
    if (!fix || !recheck) return undefined;
    return task_id || !finishedTask(fix.status) || !finishedTask(recheck.status)
      ? { fix, recheck, opened: false, waiting: [] }
      : undefined;
  };

  return {
    /**
     * Creates a task that fixes a finding and one that does its check again, and gives them the place of the task that
     * failed. A repeated call gives the round that is open.
     * @throws conflict when the task has not failed.
     */
    openFix: (organizationId: string, ticketId: string, finding: Finding): Promise<FixRound> =>
      core.change(async (tx, emit) => {
        const ticket = await lockTicket(tx, organizationId, ticketId);
        const rows = await tx.task.findMany({ where: { ticket_id: ticketId }, orderBy: { number: 'asc' } });
        const tasks = rows.map(taskRow);
        const known = openRound(tasks, finding);
        if (known) return known;
        const failed = tasks.find(({ id }) => id === finding.task_id);
        if (finding.task_id && failed?.status !== 'failed')
          throw new AppError(
            'conflict',
            `task_id: ${failed?.key ?? 'the task'} has not failed. There is nothing to fix.`,
          );
        const { of, name, text } = finding;
        const phases = phasesOfFix(finding.phase_id);
        const before = failed
          ? fixMarkOf(failed)?.round
          : Math.max(0, ...tasks.map((one) => fixMarkOf(one)?.round ?? 0));
        const mark = { of, round: (before ?? 0) + 1 };
        const texts = fixTexts(of, name, failed?.description ?? ticket.description);
        const run = failed?.run_id ? await tx.run.findUnique({ where: { id: failed.run_id } }) : null;
        const left = run?.head_sha ?? failed?.head_sha ?? failed?.resume_sha;
        const shared = {
          ...{ organization_id: organizationId, project_id: ticket.project_id, ticket_id: ticketId, priority },
          ...{ spec_id: ticket.spec_id, parent_task_id: failed?.id ?? null },
        };
        const config = (role: FixMark['role']) => ({
          force_execute: true,
          fix: { ...mark, role },
          outside: { source: `failed check of ${failed?.key ?? ticket.key}`, text },
        });
        const fix = await insertTask(tx, emit, {
          ...{ ...shared, ...texts.fix, task_type: 'fix_bug', phase_id: phases.fix, execution_config: config('fix') },
          criteria: failed?.criteria ?? [],
          owned_files: failed?.owned_files ?? [],
          depends_on: failed?.depends_on ?? [],
          ...(left ? { resume_sha: left } : {}),
        });
        const recheck = await insertTask(tx, emit, {
          ...{ ...shared, ...texts.recheck, task_type: 'run_tests', phase_id: phases.recheck },
          ...{ execution_config: config('recheck'), criteria: failed?.criteria ?? [], depends_on: [fix.id] },
          // A check that still fails is a finding for the next round. One retry is for a lost sandbox.
          max_retries: 1,
        });
        const round = { fix, recheck, opened: true, waiting: [] };
        if (!failed) return round;
        const reason = `${fix.key} fixes it, and ${recheck.key} checks it again.`;
        return {
          ...round,
          ...(await takePlaceOf(tx, emit, failed, { fix, before: recheck, reason, actor: finding.by })),
        };
      }),
  };
}
