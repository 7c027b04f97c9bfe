import { openTaskFix } from '#activities/ports/open-fix.ts';
import { took } from '#activities/ports/act-on-ticket.ts';
import type { FixRound } from '#prisma/store/fix-loop.ts';
import type { Task } from '#prisma/store/tasks.ts';
import type { Ticket } from '#prisma/store/tickets.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { cancelUpdate } from '#workflows/contracts/work.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type { FailedCheck } from '#workflows/domain/tasks/fix-loop.ts';
import type { Body } from '../contracts/contract.ts';
import type * as contracts from '../contracts/gates.ts';
import type { Call } from '../http/context.ts';
import { standOf } from './gates.ts';
import { notifyTicket, requireOpenTicket } from './tickets.ts';
import { toTaskView } from './views.ts';

interface TicketFinding {
  of: FailedCheck;
  name: string;
  text: string;
}

/** The task that failed and was not fixed yet; with `id`, that one. */
function failedTask(tasks: Task[], id: string | undefined, ticket: Ticket): Task | undefined {
  const task = id === undefined ? tasks.find(({ status }) => status === 'failed') : tasks.find((one) => one.id === id);
  if (id === undefined || task?.status === 'failed' || tasks.some((one) => one.parent_task_id === id)) return task;
  throw new AppError(
    'invalid_rule',
    task
      ? `task_id: ${task.key} is ${task.status}: only a failed task is fixed.`
      : `task_id: ${ticket.key} has no such task.`,
    [{ field: 'task_id', message: 'takes a failed task of the ticket' }],
  );
}

/** What holds the ticket itself up: the platform's block, or the gate of its phase. */
async function findingOf(
  call: Call,
  ticket: Ticket,
  wanted: FailedCheck | undefined,
): Promise<TicketFinding | undefined> {
  if (ticket.is_blocked && wanted !== 'gate')
    return { of: 'block', name: `${ticket.key} is blocked`, text: ticket.blocked_reason ?? 'Nothing happens on it.' };
  if (wanted === 'block') return undefined;
  const { phase, judged } = await standOf(call, ticket.id);
  const { blocking_reasons: reasons } = judged(phase);
  return reasons.length > 0
    ? { of: 'gate', name: `the gate of ${phase.name} of ${ticket.key}`, text: reasons.join('\n') }
    : undefined;
}

/** Lets a task fix a failed check of a ticket: a failed task before a block before the gate. */
export async function fixTicket(call: Call, id: string, { check, task_id }: Body<typeof contracts.fixTicket>) {
  const { services, organization_id, actor } = call;
  const ticket = await services.store.tickets.get(organization_id, id);
  if (ticket.is_blocked && ticket.blocked_actor !== 'platform')
    throw new AppError(
      'conflict',
      `${ticket.key} is blocked by ${ticket.blocked_actor}, so no task of it starts. Unblock it first.`,
    );
  await requireOpenTicket(call, id);
  const own = check === undefined || check === 'task';
  const failed = own ? failedTask(await services.store.tasks.ofTicket(id), task_id, ticket) : undefined;
  const view = ({ fix, recheck }: FixRound, of: FailedCheck) => ({
    ...{ check: of, fix: toTaskView(fix), recheck: toTaskView(recheck) },
  });
  if (failed) {
    const round = await openTaskFix(services, failed, actor.email);
    await took(services, workflowId.task(failed.id), cancelUpdate, {
      ...{ reason: `${round.fix.key} fixes it.`, actor: actor.email },
    });
    await notifyTicket(call, ticket, round.fix.id);
    return view(round, 'task');
  }
  const finding = check === 'task' ? undefined : await findingOf(call, ticket, check);
  if (!finding)
    throw new AppError('invalid_rule', `check: nothing of ${ticket.key} fails that a task could fix.`, [
      { field: 'check', message: 'names a check that has not failed' },
    ]);
  const order = { ...finding, phase_id: ticket.phase_id, by: actor.email };
  const round = await services.store.tasks.openFix(organization_id, id, order);
  try {
    await notifyTicket(call, ticket, round.fix.id);
  } catch (error) {
    // The fix was refused and is cancelled: there is nothing to check again.
    if (round.opened)
      await services.store.tasks.move(organization_id, round.recheck.id, 'cancelled', { by: actor.email });
    throw error;
  }
  return view(round, finding.of);
}
