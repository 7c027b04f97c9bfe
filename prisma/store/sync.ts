import { createHash, randomUUID } from 'node:crypto';
import type { BoardPlan } from '#workflows/domain/phases/board.ts';
import type { Twin } from '#workflows/domain/phases/twins.ts';
import { comparable, normalised } from '#workflows/domain/comparable-text.ts';
import { present } from '#workflows/domain/errors.ts';
import type { Prisma } from '../generated/client.ts';
import type { StoreCore, Transaction } from './core.ts';
import { lockSpec } from './spec-record.ts';

export interface SyncResult {
  requirements_created: number;
  requirements_skipped: number;
  criteria_created: number;
  criteria_skipped: number;
  tickets_created: number;
  tickets_skipped: number;
  tasks_created: number;
  tasks_skipped: number;
  ticket_ids: Record<string, string>;
  task_ids: Record<string, string>;
}

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

/** Writes the requirements of a plan and their criteria; those with a known key or the same words are left as they are. */
async function writeRequirements(
  tx: Transaction,
  of: { organization_id: string; spec_id: string },
  plan: BoardPlan,
  result: SyncResult,
): Promise<void> {
  const stored = await tx.requirement.findMany({ where: { spec_id: of.spec_id }, include: { criteria: true } });
  const known = new Map(
    stored.map(({ key, id, criteria }) => [
      key,
      { id, seen: new Set(criteria.flatMap((one) => [one.key, one.content_hash])) },
    ]),
  );
  const requirements: Prisma.RequirementCreateManyInput[] = [];
  const criteria: Prisma.AcceptanceCriterionCreateManyInput[] = [];
  for (const { criteria: asked, ...requirement } of plan.requirements) {
    const before = known.get(requirement.key);
    const { id: requirement_id, seen } = before ?? { id: randomUUID(), seen: new Set<string>() };
    known.set(requirement.key, { id: requirement_id, seen });
    result[before ? 'requirements_skipped' : 'requirements_created'] += 1;
    if (!before)
      requirements.push({ ...requirement, ...of, id: requirement_id, content_hash: sha(normalised(requirement.text)) });
    for (const criterion of asked) {
      const content_hash = sha(normalised(criterion.text));
      const twin = seen.has(criterion.key) || seen.has(content_hash);
      result[twin ? 'criteria_skipped' : 'criteria_created'] += 1;
      if (twin) continue;
      seen.add(criterion.key).add(content_hash);
      const { organization_id } = of;
      criteria.push({ ...criterion, id: randomUUID(), organization_id, requirement_id, content_hash });
    }
  }
  await tx.requirement.createMany({ data: requirements });
  await tx.acceptanceCriterion.createMany({ data: criteria });
}

/**
 * Writes the plan onto the board in one transaction. The plan's local ids become row ids; existing rows do not change.
 * A repeated call, or one that finds a part of the rows, gives the same board.
 */
export function syncStore(core: StoreCore) {
  return {
    syncPlan: (organizationId: string, specId: string, plan: BoardPlan, twins: readonly Twin[] = []) =>
      core.change(async (tx, emit): Promise<SyncResult> => {
        const spec = await lockSpec(tx, organizationId, specId);
        const result: SyncResult = {
          requirements_created: 0,
          requirements_skipped: 0,
          criteria_created: 0,
          criteria_skipped: 0,
          tickets_created: 0,
          tickets_skipped: 0,
          tasks_created: 0,
          tasks_skipped: 0,
          ticket_ids: {},
          task_ids: {},
        };

        await writeRequirements(tx, { organization_id: organizationId, spec_id: specId }, plan, result);

        const tickets = await tx.ticket.findMany({ where: { spec_id: specId, local_id: { not: null } } });
        const fresh = plan.tickets.filter((ticket) => !tickets.some((row) => row.local_id === ticket.local_id));
        for (const row of tickets) if (row.local_id) result.ticket_ids[row.local_id] = row.id;
        for (const ticket of plan.tickets) result.ticket_ids[ticket.local_id] ??= randomUUID();
        result.tickets_skipped = plan.tickets.length - fresh.length;
        if (fresh.length > 0) {
          const { ticket_count: count } = await tx.project.update({
            where: { id: spec.project_id },
            data: { ticket_count: { increment: fresh.length } },
          });
          const rows = await tx.ticket.createManyAndReturn({
            data: fresh.map(({ blocked_by: blockedBy, ...ticket }, i) => {
              const number = count - fresh.length + 1 + i;
              return {
                ...ticket,
                id: present(result.ticket_ids[ticket.local_id], `the id of ${ticket.local_id}`),
                organization_id: organizationId,
                project_id: spec.project_id,
                spec_id: specId,
                user_id: spec.user_id,
                number,
                key: `TKT-${number}`,
                blocked_by: blockedBy.flatMap((id) => result.ticket_ids[id] ?? []),
                content_hash: sha(comparable(ticket.title, ticket.description)),
              };
            }),
          });
          result.tickets_created = rows.length;
          for (const row of rows.sort((one, other) => one.number - other.number)) {
            emit({
              type: 'ticket.created',
              organization_id: organizationId,
              project_id: spec.project_id,
              entity: { kind: 'ticket', id: row.id },
              data: {
                ticket_id: row.id,
                key: row.key,
                title: row.title,
                priority: row.priority,
                phase_id: row.phase_id,
                spec_id: specId,
              },
            });
          }
        }

        const tasks = await tx.task.findMany({
          where: { spec_id: specId, local_id: { not: null } },
          select: { id: true, local_id: true },
        });
        for (const row of tasks) if (row.local_id) result.task_ids[row.local_id] = row.id;
        const open = plan.tasks.filter((task) => !tasks.some((row) => row.local_id === task.local_id));
        for (const task of plan.tasks) result.task_ids[task.local_id] ??= randomUUID();
        result.tasks_skipped = plan.tasks.length - open.length;
        if (open.length > 0) {
          const { task_count: count } = await tx.project.update({
            where: { id: spec.project_id },
            data: { task_count: { increment: open.length } },
          });
          const rows = await tx.task.createManyAndReturn({
            data: open.map(({ ticket, depends_on: dependsOn, ...task }, i) => {
              const number = count - open.length + 1 + i;
              return {
                ...task,
                id: present(result.task_ids[task.local_id], `the id of ${task.local_id}`),
                organization_id: organizationId,
                project_id: spec.project_id,
                ticket_id: present(result.ticket_ids[ticket], `the ticket ${ticket} of the plan`),
                spec_id: specId,
                number,
                key: `TSK-${number}`,
                depends_on: dependsOn.flatMap((id) => result.task_ids[id] ?? []),
                content_hash: sha(comparable(task.title, task.description)),
              };
            }),
          });
          result.tasks_created = rows.length;
          for (const row of rows.sort((one, other) => one.number - other.number)) {
            emit({
              type: 'task.created',
              organization_id: organizationId,
              project_id: spec.project_id,
              entity: { kind: 'task', id: row.id },
              data: {
                task_id: row.id,
                key: row.key,
                ticket_id: row.ticket_id,
                phase_id: row.phase_id,
                task_type: row.task_type,
                status: row.status,
                priority: row.priority,
                title: row.title,
                spec_id: specId,
              },
            });
          }
        }
        for (const { kind, id, of } of twins) {
          result[`${kind}s_skipped`] += 1;
          const ids = kind === 'task' ? result.task_ids : result.ticket_ids;
          if (kind !== 'requirement') ids[id] = present(ids[of], `the id of ${of}`);
        }
        const { ticket_ids: _t, task_ids: _k, ...counts } = result;
        const created =
          counts.requirements_created + counts.criteria_created + counts.tickets_created + counts.tasks_created;
        if (created > 0)
          emit({
            type: 'spec.synced',
            organization_id: organizationId,
            project_id: spec.project_id,
            entity: { kind: 'spec', id: specId },
            data: { spec_id: specId, ...counts, twins },
          });
        return result;
      }),
  };
}
