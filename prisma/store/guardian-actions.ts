import { AppError, notFound } from '#workflows/domain/errors.ts';
import { mostCapacity } from '#workflows/domain/agents/agent.ts';
import { actionKinds, actionStatuses, type ActionKind, type ActionState } from '#workflows/domain/watch/actions.ts';
import { z } from 'zod';
import { Prisma, type GuardianAction as ActionRow } from '../generated/client.ts';
import { lockAgent } from './agent-moves.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { takePlaceOf } from './fix-loop.ts';
import { asJson, record, taskRow, typed, type Task, type Typed } from './json.ts';
import { pageOf, type PageQuery } from './page.ts';
import { insertTask } from './tasks.ts';

const actionJson = {
  kind: z.enum(actionKinds),
  status: z.enum(actionStatuses),
  before: record<ActionState>(),
  after: record<ActionState>().nullable(),
};
export type GuardianAction = Typed<ActionRow, typeof actionJson>;
const actionRow = typed<ActionRow, typeof actionJson>(actionJson);

export interface NewAction {
  id: string;
  organization_id: string;
  reason: string;
  actor: string;
  authority: number;
}

/** The event's frame of an action: its task, or the agent that gives. */
const aboutAction = (
  { id, organization_id, project_id, task_id, kind, reason }: GuardianAction,
  { agent, by }: { agent?: string; by: string },
) => ({
  organization_id,
  project_id: project_id ?? undefined,
  entity: task_id ? { kind: 'task', id: task_id } : { kind: 'agent', id: agent ?? id },
  data: { action_id: id, kind, by, reason },
});

/** Reads an action for its reversal: of two reversals at once one finds nothing. @throws not_found */
async function lockDone(tx: Transaction, organizationId: string, id: string): Promise<GuardianAction> {
  await tx.$queryRaw`SELECT 1 FROM guardian_actions WHERE id = ${id}::uuid FOR UPDATE`;
  const row = await tx.guardianAction.findFirst({
    where: { id, organization_id: organizationId, status: { in: ['started', 'done'] } },
  });
  if (!row) throw notFound('action that can be reverted');
  return actionRow(row);
}

async function markReverted(tx: Transaction, emit: Emit, action: GuardianAction, by: string, after?: ActionState) {
  const agent = Object.keys(action.before.capacities ?? {})[0];
  emit({ ...aboutAction(action, { agent, by }), type: 'guardian.intervention.reverted' });
  const data = { status: 'reverted', reverted_at: new Date(), reverted_by: by };
  return actionRow(
    await tx.guardianAction.update({
      where: { id: action.id },
      data: { ...data, ...(after ? { after: asJson({ ...action.after, ...after }) } : {}) },
    }),
  );
}

/** Sets the number of places of two agents. @throws conflict where one has another number than is expected. */
async function setCapacities(
  tx: Transaction,
  organizationId: string,
  { expected, wanted }: { expected: Record<string, number>; wanted: Record<string, number> },
): Promise<void> {
  for (const id of Object.keys(wanted).sort()) {
    const agent = await lockAgent(tx, organizationId, id);
    if (agent.status === 'terminated')
      throw new AppError('conflict', `The agent ${agent.name} has ended, so its capacity stays.`);
    if (agent.capacity !== expected[id])
      throw new AppError('conflict', `The capacity of ${agent.name} was changed meanwhile: it is ${agent.capacity}.`);
    await tx.agent.update({ where: { id }, data: { capacity: wanted[id], updated_at: new Date() } });
  }
}

/** Acts on work at large (WATCH-12), each with what was before and after it. */
export function guardianActionsStore(core: StoreCore) {
  const find = async (organizationId: string, id: string): Promise<GuardianAction | null> => {
    const row = await core.read((db) =>
      db.guardianAction.findFirst({ where: { id, organization_id: organizationId } }),
    );
    return row && actionRow(row);
  };

  return {
    find,
    get: async (organizationId: string, id: string): Promise<GuardianAction> => {
      const action = await find(organizationId, id);
      if (!action) throw notFound('action');
      return action;
    },
    page: (
      organizationId: string,
      filter: { project_id?: string; task_id?: string; kind?: ActionKind },
      page: PageQuery,
    ) =>
      core.read(async (db) => {
        const found = await pageOf(page, ({ where, orderBy, take }) =>
          db.guardianAction.findMany({
            where: { AND: [{ organization_id: organizationId, ...filter }, where] },
            orderBy,
            take,
          }),
        );
        return { ...found, items: found.items.map(actionRow) };
      }),
    /**
     * Stores an action on a task before it is done. A repeated call finds the first.
     * @param action `after`: what it is to lead to.
     */
    open: (
      action: NewAction & {
        project_id: string;
        task_id: string;
        kind: ActionKind;
        before: ActionState;
        after: ActionState;
      },
    ): Promise<GuardianAction> =>
      core.change(async (tx, emit) => {
        const known = await tx.guardianAction.findUnique({ where: { id: action.id } });
        if (known) return actionRow(known);
        const states = { before: asJson(action.before), after: asJson(action.after) };
        const row = actionRow(await tx.guardianAction.create({ data: { ...action, ...states } }));
        const { data, ...frame } = aboutAction(row, { by: row.actor });
        emit({ ...frame, type: 'guardian.intervention.started', data: { ...data, before: { ...row.before } } });
        return row;
      }),
    /** Stores how an action ended. @param error why nothing changed. One that has an end already keeps it. */
    end: (id: string, error: string | null) =>
      core.change(async (tx, emit): Promise<GuardianAction> => {
        const ended = { status: error === null ? 'done' : 'failed', error };
        const { count } = await tx.guardianAction.updateMany({
          where: { id, status: 'started' },
          data: error === null ? ended : { ...ended, after: Prisma.DbNull },
        });
        const row = actionRow(await tx.guardianAction.findUniqueOrThrow({ where: { id } }));
        const { data, ...frame } = aboutAction(row, { by: row.actor });
        if (count > 0)
          emit({
            ...{ ...frame, type: 'guardian.action.ended' },
            data: { ...data, after: row.after && { ...row.after }, error },
          });
        return row;
      }),
    /**
     * Moves places from one agent to another. A repeated call finds the first.
     * @param capacity number of places.
     * @throws invalid_rule where one would have fewer than 1 or more than 10.
     */
    reallocate: (
      action: NewAction,
      { from, to, capacity }: { from: string; to: string; capacity: number },
    ): Promise<GuardianAction> =>
      core.change(async (tx, emit) => {
        const { organization_id: organizationId } = action;
        const known = await tx.guardianAction.findUnique({ where: { id: action.id } });
        if (known) return actionRow(known);
        // In the order of their ids, as two exchanges at once do.
        const locked = new Map<string, Awaited<ReturnType<typeof lockAgent>>>();
        for (const id of [from, to].sort()) locked.set(id, await lockAgent(tx, organizationId, id));
        const [giver, taker] = [locked.get(from), locked.get(to)];
        if (!giver || !taker) throw notFound('agent');
        const most = Math.min(giver.capacity - 1, mostCapacity - taker.capacity);
        if (capacity < 1 || capacity > most)
          throw new AppError(
            'invalid_rule',
            most < 1
              ? `capacity: ${giver.name} has ${giver.capacity} places and ${taker.name} ${taker.capacity}, so none can be moved. An agent has 1 to ${mostCapacity}.`
              : `capacity: must be from 1 to ${most}. ${giver.name} has ${giver.capacity} places, ${taker.name} has ${taker.capacity}, and an agent has 1 to ${mostCapacity}.`,
          );
        const expected = { [from]: giver.capacity, [to]: taker.capacity };
        const wanted = { [from]: giver.capacity - capacity, [to]: taker.capacity + capacity };
        await setCapacities(tx, organizationId, { expected, wanted });
        const row = actionRow(
          await tx.guardianAction.create({
            data: {
              ...{ ...action, kind: 'reallocate', status: 'done', project_id: giver.project_id ?? taker.project_id },
              ...{ before: asJson({ capacities: expected }), after: asJson({ capacities: wanted }) },
            },
          }),
        );
        const { data, ...frame } = aboutAction(row, { agent: from, by: row.actor });
        emit({
          ...{ ...frame, type: 'guardian.resource.reallocated' },
          data: { ...data, before: { ...row.before }, after: { ...row.after } },
        });
        return row;
      }),

    /** Marks an action as taken back. @throws not_found for one that was taken back before, or did nothing. */
    reverted: (organizationId: string, id: string, by: string): Promise<GuardianAction> =>
      core.change(async (tx, emit) => markReverted(tx, emit, await lockDone(tx, organizationId, id), by)),
    /** Gives two agents back the places that they had. @throws not_found, conflict */
    revertCapacities: (organizationId: string, id: string, by: string): Promise<GuardianAction> =>
      core.change(async (tx, emit) => {
        const action = await lockDone(tx, organizationId, id);
        const expected = action.after?.capacities ?? {};
        await setCapacities(tx, organizationId, { expected, wanted: action.before.capacities ?? {} });
        return markReverted(tx, emit, action, by);
      }),
    /**
     * Opens a task in the place of the one that was cancelled: its name in the plan, its criteria, its files, and its last
     * checkpoint. @throws not_found, conflict while the task still ends.
     */
    restoreTask: (
      organizationId: string,
      id: string,
      { newId, by }: { newId: string; by: string },
    ): Promise<{ action: GuardianAction; task: Task }> =>
      core.change(async (tx, emit) => {
        const action = await lockDone(tx, organizationId, id);
        const found = await tx.task.findFirst({ where: { id: action.task_id ?? id, organization_id: organizationId } });
        if (!found) throw notFound('task');
        const old = taskRow(found);
        if (old.status !== 'cancelled')
          throw new AppError('conflict', `${old.key} is still ${old.status}. Try again when it is cancelled.`);
        const run = old.run_id ? await tx.run.findUnique({ where: { id: old.run_id } }) : null;
        const left = run?.head_sha ?? old.head_sha ?? old.resume_sha;
        const { project_id, ticket_id, spec_id, phase_id, task_type, title, description, priority } = old;
        const { criteria, owned_files, depends_on, required_capabilities, max_retries, execution_config } = old;
        const { timeout_seconds, deadline_at, validation_enabled } = old;
        const fresh = await insertTask(tx, emit, {
          ...{ id: newId, organization_id: organizationId, project_id, ticket_id, spec_id, phase_id, task_type, title },
          ...{ description, priority, criteria, owned_files, depends_on, required_capabilities, max_retries },
          ...{ execution_config, timeout_seconds, deadline_at, validation_enabled, parent_task_id: old.id },
          ...(left ? { resume_sha: left } : {}),
        });
        const reason = `${fresh.key} goes on in its place.`;
        const { fix: task } = await takePlaceOf(tx, emit, old, { fix: fresh, before: fresh, reason, actor: by });
        return { task, action: await markReverted(tx, emit, action, by, { replaced_by: task.id }) };
      }),
  };
}
