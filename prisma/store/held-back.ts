import { isShort } from '#workflows/domain/billing/least-call.ts';
import { isOver } from '#workflows/domain/billing/periods.ts';
import { spentBudget } from '#workflows/domain/billing/spent-budget.ts';
import { scopeOfTask, scopesOf } from '#workflows/domain/billing/scopes.ts';
import { holdsTasks } from '#workflows/domain/tasks/ticket-moves.ts';
import type { Budget, Task } from '../generated/client.ts';
import { withoutAgent } from './agent-work.ts';
import type { StoreCore, Transaction } from './core.ts';
import { contestedTasks } from './file-owners.ts';
import type { ExecutionConfig } from './json.ts';
import { budgetRow } from './reservations.ts';
import { openTickets } from './ticket-dependencies.ts';

export interface HeldBack {
  task_id: string;
  /** `task`: it starts when another task or ticket is done. `agent`: when a registered agent can take it. */
  waiting_for: 'budget' | 'person' | 'task' | 'agent';
  reason: string;
}

const archived = 'The organization is archived. Its owner restores it, and the task starts.';

const leftOut =
  'It was left out when a person started tasks of the plan. Start it with POST /specs/{id}/execute-tasks.';

/** EXEC-04: why tasks that want capabilities get no agent now, in the order in which they would start. */
async function agentlessTasks(
  db: Transaction,
  organizationId: string,
  { rows, taskIds, holders }: { rows: Task[]; taskIds: string[]; holders: string[] },
): Promise<Map<string, string>> {
  const [first] = rows;
  if (!first || !rows.some((task) => task.required_capabilities.length > 0)) return new Map();
  const placed = await db.task.findMany({
    where: { id: { in: holders }, organization_id: organizationId, status: 'pending' },
  });
  const ordered = taskIds.flatMap((id) => rows.find((task) => task.id === id) ?? []);
  return withoutAgent(db, organizationId, first.project_id, ordered, placed);
}

/** Tasks that would get a slot and could not work: they leave it to others. */
export function heldBackStore(core: StoreCore) {
  return {
    /**
     * The tasks among these that no budget has money for, whose organization is archived, whose ticket is blocked or waits for another, that a
     * person left out, whose files belong to another that is at work, or whose capabilities no free agent has. Their records say so, and those of the others no longer do. A task whose agent works
     * already waits by itself.
     * @param taskIds in the order in which they would start. @param holders the tasks that hold a slot.
     * @param least the money in micro-dollars that the first call of a task gets at least.
     */
    holdBack: async (
      organizationId: string,
      { taskIds, holders }: { taskIds: string[]; holders: string[] },
      least: number,
    ): Promise<HeldBack[]> => {
      if (taskIds.length === 0) return [];
      const { tasks, held } = await core.read(async (db) => {
        const where = { organization_id: organizationId };
        const [organization, budgets, rows] = await Promise.all([
          db.organization.findUnique({ where: { id: organizationId }, select: { archived_at: true } }),
          db.$queryRaw<Budget[]>`
            SELECT *
            FROM budgets
            WHERE organization_id = ${organizationId}::uuid
              AND scope_type NOT IN ('run', 'agent')
              AND limit_micros - spent_micros < ${least}::bigint`,
          db.task.findMany({
            where: { ...where, id: { in: taskIds }, status: 'pending' },
            include: {
              ticket: {
                select: {
                  ...{ key: true, is_blocked: true, blocked_actor: true, blocked_reason: true },
                  ...{ spec_id: true, blocked_by: true },
                },
              },
            },
          }),
        ]);
        const before = await openTickets(db, rows);
        const contested = await contestedTasks(db, rows, taskIds, holders);
        const agentless = await agentlessTasks(db, organizationId, { rows, taskIds, holders });
        const now = new Date();
        const low = budgets
          .filter((row) => !isOver(row, now))
          .map(budgetRow)
          .filter((budget) => isShort(budget, least));
        const held = rows.flatMap((task): HeldBack[] => {
          if (organization?.archived_at) return [{ task_id: task.id, waiting_for: 'person', reason: archived }];
          const { ticket } = task;
          if (holdsTasks(ticket)) {
            const reason = `${ticket.key} is blocked: ${ticket.blocked_reason}. It starts when a person unblocks it.`;
            return [{ task_id: task.id, waiting_for: 'person', reason }];
          }
          // The spec itself carries out its tickets in the order of its plan.
          const waits = ticket.spec_id ? [] : before.filter(({ id }) => ticket.blocked_by.includes(id));
          if (waits.length > 0) {
            const keys = waits.map(({ key }) => key).join(', ');
            return [{ task_id: task.id, waiting_for: 'task', reason: `It starts when ${keys} has ended.` }];
          }
          if ((task.execution_config as ExecutionConfig).left_out === true)
            return [{ task_id: task.id, waiting_for: 'person', reason: leftOut }];
          const scopes = scopesOf(scopeOfTask(task));
          const budget = low.find(({ scope_type, scope_id }) =>
            scopes.some(({ type, id }) => type === scope_type && id === scope_id),
          );
          const contest = contested.get(task.id);
          if (!budget && contest) {
            const { owner, glob } = contest;
            const reason = `It starts when ${owner.key} is done: both own ${glob}, and the project's ownership is strict.`;
            return [{ task_id: task.id, waiting_for: 'task', reason }];
          }
          const without = agentless.get(task.id);
          if (!budget && without) return [{ task_id: task.id, waiting_for: 'agent', reason: without }];
          if (!budget) return [];
          return [
            {
              task_id: task.id,
              waiting_for: 'budget',
              reason: spentBudget(budget, now, { work: 'task', least }).message,
            },
          ];
        });
        return { tasks: rows, held };
      });
      const reasons = new Map(held.map((one) => [one.task_id, one]));
      const changed = tasks.filter((task) => task.waiting_reason !== (reasons.get(task.id)?.reason ?? null));
      if (changed.length > 0)
        await core.change(async (tx, emit) => {
          for (const { id, project_id, ticket_id, key } of changed) {
            const { waiting_for = null, reason: waiting_reason = null } = reasons.get(id) ?? {};
            const { count } = await tx.task.updateMany({
              where: { id, organization_id: organizationId, status: 'pending' },
              data: { waiting_for, waiting_reason },
            });
            if (count > 0)
              emit({
                type: 'task.held_back',
                organization_id: organizationId,
                project_id,
                entity: { kind: 'task', id },
                data: { task_id: id, key, ticket_id, waiting_for, waiting_reason },
              });
          }
        });
      return held;
    },
    /** Projects with tasks that are held back. */
    projectsHeldBack: (organizationId: string) =>
      core.read(async (db) => {
        const rows = await db.task.findMany({
          where: { organization_id: organizationId, waiting_for: { not: null }, status: 'pending' },
          distinct: ['project_id'],
          select: { project_id: true },
        });
        return rows.map(({ project_id: id }) => id);
      }),
  };
}
