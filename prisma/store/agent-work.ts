import { AppError, notFound } from '#workflows/domain/errors.ts';
import { bestFit, canTake, couldTake, type Wanted } from '#workflows/domain/agents/match.ts';
import type { Task as TaskRow } from '../generated/client.ts';
import { agentRow, lockAgent, takesPlace } from './agent-moves.ts';
import { withBusy, type BusyAgent } from './agents.ts';
import type { StoreCore, Transaction } from './core.ts';
import { taskRow, type Task } from './json.ts';

/** What a task wants of an agent. */
const wantedBy = (task: Pick<TaskRow, 'required_capabilities' | 'phase_id'>): Wanted => ({
  capabilities: task.required_capabilities,
  phase_id: task.phase_id,
});

/** The agents that serve a project and have not ended, the oldest first. `lock`: their changes wait. */
async function placesOf(db: Transaction, organizationId: string, projectId: string, lock = false) {
  if (lock)
    await db.$queryRaw`
      SELECT 1 FROM agents
      WHERE organization_id = ${organizationId}::uuid AND status <> 'terminated'
        AND (project_id IS NULL OR project_id = ${projectId}::uuid)
      ORDER BY id FOR UPDATE`;
  const rows = await db.agent.findMany({
    where: {
      organization_id: organizationId,
      status: { not: 'terminated' },
      OR: [{ project_id: projectId }, { project_id: null }],
    },
    orderBy: [{ created_at: 'asc' }, { id: 'asc' }],
  });
  return withBusy(db, rows.map(agentRow));
}

/**
 * EXEC-04: why each task that wants capabilities gets no agent now, by its id. Earlier tasks take places first.
 * @param placed tasks that hold a slot and take no place yet.
 */
export async function withoutAgent(
  db: Transaction,
  organizationId: string,
  projectId: string,
  tasks: readonly TaskRow[],
  placed: readonly TaskRow[],
): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  if (!tasks.some((task) => task.required_capabilities.length > 0)) return reasons;
  const places = await placesOf(db, organizationId, projectId);
  const here = places.filter(({ elsewhere }) => !elsewhere);
  for (const task of [...placed, ...tasks]) {
    if (task.required_capabilities.length === 0) continue;
    const wanted = wantedBy(task);
    const own = places.find(({ id }) => id === task.agent_id);
    const place = own && canTake(own, wanted) ? own : bestFit(here, wanted);
    if (place) place.busy += 1;
    else if (tasks.includes(task)) reasons.set(task.id, whyNone(places, wanted));
  }
  return reasons;
}

function whyNone(places: readonly BusyAgent[], wanted: Wanted): string {
  const named = wanted.capabilities.join(', ');
  const able = places.filter((place) => couldTake(place, wanted));
  if (able.length === 0)
    return `No agent of this phase has the capabilities ${named}. Register one, or change the task.`;
  const names = able.map(({ name }) => name).join(', ');
  const away = able.filter(({ elsewhere }) => elsewhere);
  return away.length === able.length
    ? `It waits until an agent that runs elsewhere and has ${named} accepts it: ${names}.`
    : `The agents that have ${named} are busy or away: ${names}. It starts when one is free.`;
}

/** Which agent works on which task. */
export function agentWorkStore(core: StoreCore) {
  return {
    /**
     * The agent of a task that begins: the one that it was given to, else the best of those that are free and run on the
     * platform. A task that wants nothing begins without one too. A repeated call keeps the first answer.
     */
    assign: (organizationId: string, taskId: string): Promise<{ id: string; elsewhere: boolean } | null> =>
      core.change(async (tx) => {
        const task = await tx.task.findFirst({ where: { id: taskId, organization_id: organizationId } });
        if (!task) throw notFound('task');
        const places = await placesOf(tx, organizationId, task.project_id, true);
        const wanted = wantedBy(task);
        const own = places.find(({ id }) => id === task.agent_id);
        const begun = takesPlace.includes(task.status);
        if (own && (begun ? couldTake(own, wanted) : canTake(own, wanted)))
          return { id: own.id, elsewhere: own.elsewhere };
        const here = places.filter(({ elsewhere }) => !elsewhere);
        const must = task.required_capabilities.length > 0;
        // Two that start at once may want the same place: the second one passes its capacity.
        const best = bestFit(here, wanted) ?? (must ? here.find((place) => couldTake(place, wanted)) : undefined);
        const id = best?.id ?? null;
        if (id !== task.agent_id) await tx.task.update({ where: { id: taskId }, data: { agent_id: id } });
        return best ? { id: best.id, elsewhere: false } : null;
      }),

    /** Tasks that an agent has, and tasks that it can take now, the most urgent first. */
    workFor: (agent: BusyAgent, most: number): Promise<{ taken: Task[]; offered: Task[] }> =>
      core.read(async (db) => {
        const where = {
          organization_id: agent.organization_id,
          ended_at: null,
          archived_at: null,
          ...(agent.project_id ? { project_id: agent.project_id } : {}),
        };
        const [taken, open] = await Promise.all([
          db.task.findMany({ where: { ...where, agent_id: agent.id }, orderBy: { created_at: 'asc' }, take: most }),
          db.task.findMany({
            where: {
              ...{ ...where, agent_id: null, status: 'pending' },
              ...(agent.phase_id ? { phase_id: agent.phase_id } : {}),
            },
            orderBy: [{ score: { sort: 'desc', nulls: 'last' } }, { created_at: 'asc' }],
            take: 200,
          }),
        ]);
        const fit = open.filter((task) => canTake(agent, wantedBy(task)));
        const depends = [...new Set(fit.flatMap((task) => task.depends_on))];
        const done = new Set(
          (await db.task.findMany({ where: { id: { in: depends }, status: 'completed' }, select: { id: true } })).map(
            ({ id }) => id,
          ),
        );
        const ready = fit.filter(
          (task) =>
            task.depends_on.filter((id) => done.has(id)).length >= (task.required_count ?? task.depends_on.length),
        );
        return { taken: taken.map(taskRow), offered: ready.slice(0, most).map(taskRow) };
      }),

    /**
     * Gives a pending task to an agent. The same agent again changes nothing.
     * @throws conflict for a task that has begun or that another agent has, and for an agent that cannot take it.
     */
    give: (organizationId: string, agentId: string, taskId: string): Promise<Task> =>
      core.change(async (tx) => {
        const agent = await lockAgent(tx, organizationId, agentId);
        await tx.$queryRaw`SELECT 1 FROM tasks WHERE id = ${taskId}::uuid FOR UPDATE`;
        const task = await tx.task.findFirst({ where: { id: taskId, organization_id: organizationId } });
        if (!task || (agent.project_id && task.project_id !== agent.project_id)) throw notFound('task');
        if (task.agent_id === agentId) return taskRow(task);
        if (task.agent_id || task.status !== 'pending')
          throw new AppError(
            'conflict',
            task.agent_id
              ? 'Another agent has this task.'
              : `Only a task that is pending can be accepted; this one is ${task.status}.`,
          );
        const [place] = await withBusy(tx, [agent]);
        const reserved = await tx.task.count({
          where: { agent_id: agentId, status: 'pending', organization_id: organizationId, ended_at: null },
        });
        if (!place || !canTake({ ...place, busy: place.busy + reserved }, wantedBy(task)))
          throw new AppError(
            'conflict',
            `The agent ${agent.name} cannot take this task now: it is ${agent.status}${agent.available ? '' : ' and not available'}, has ${(place?.busy ?? 0) + reserved} of ${agent.capacity} tasks, and its phase and capabilities must fit.`,
          );
        return taskRow(await tx.task.update({ where: { id: taskId }, data: { agent_id: agentId } }));
      }),

    /** The runs of these agents that have not ended, the newest first. */
    runsNow: (organizationId: string, agentIds: string[]) =>
      core.read((db) =>
        db.run.findMany({
          where: { organization_id: organizationId, agent_id: { in: agentIds }, ended_at: null },
          select: {
            ...{ id: true, agent_id: true, task_id: true, title: true, status: true, waiting_for: true },
            ...{ alignment: true, branch: true, last_work_at: true },
          },
          orderBy: { created_at: 'desc' },
        }),
      ),

    /** What the runs of an agent that are at work have to do now. */
    ordersOf: (organizationId: string, agentId: string) =>
      core.read((db) =>
        db.run.findMany({
          where: { organization_id: organizationId, agent_id: agentId, ended_at: null, started_at: { not: null } },
          select: {
            ...{ id: true, task_id: true, iteration: true, opening: true, pending_opening: true },
            ...{ start_sha: true, branch: true },
          },
          orderBy: { created_at: 'asc' },
        }),
      ),

    /** Keeps the newest patch of a run. @throws conflict for a run that has ended. */
    storePatch: (run: { id: string; organization_id: string }, patch: string) =>
      core.change(async (tx) => {
        const { count } = await tx.run.updateMany({
          where: { id: run.id, organization_id: run.organization_id, ended_at: null },
          data: { last_work_at: new Date() },
        });
        if (count === 0) throw new AppError('conflict', 'The run has ended: no work of it is taken.');
        const row = { organization_id: run.organization_id, patch, updated_at: new Date() };
        await tx.runPatch.upsert({ where: { run_id: run.id }, create: { run_id: run.id, ...row }, update: row });
      }),
    patchOf: async (run: { id: string; organization_id: string }): Promise<string | undefined> =>
      (
        await core.read((db) =>
          db.runPatch.findFirst({ where: { run_id: run.id, organization_id: run.organization_id } }),
        )
      )?.patch,

    /** The newest run of an agent, one that is at work before others. */
    runOf: (organizationId: string, agentId: string) =>
      core.read(async (db) => {
        const where = { organization_id: organizationId, agent_id: agentId };
        const order = { orderBy: { created_at: 'desc' } } as const;
        return (
          (await db.run.findFirst({ where: { ...where, ended_at: null }, select: { id: true }, ...order })) ??
          (await db.run.findFirst({ where, select: { id: true }, ...order }))
        )?.id;
      }),
  };
}
