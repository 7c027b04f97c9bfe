import { AppError, notFound } from '#workflows/domain/errors.ts';
import { agentName, type AgentStatus, type AgentType } from '#workflows/domain/agents/agent.ts';
import { missingNumbers, statusOfBeat, type Heartbeat } from '#workflows/domain/agents/heartbeat.ts';
import type { Place } from '#workflows/domain/agents/match.ts';
import { permissionsOf } from '#workflows/domain/access/permissions.ts';
import { aboutAgent, agentRow, lockAgent, moveAgent, takesPlace, type Agent } from './agent-moves.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { asJson } from './json.ts';
import { rolesOf } from './members.ts';
import { pageOf, type PageQuery } from './page.ts';

export type { Agent } from './agent-moves.ts';

/** An agent with the number of tasks that it has now. */
export type BusyAgent = Agent & Pick<Place, 'busy'>;

/** An agent by its key. `member`: its role in its organization, with all permissions; null: it is no member. */
export interface KeyedAgent extends Pick<Agent, 'id' | 'name' | 'organization_id' | 'project_id'> {
  member: { role: string; permissions: string[] } | null;
}

export interface NewAgent {
  /** A repeated registration with the same id is one. */
  id: string;
  organization_id: string;
  project_id: string | null;
  agent_type: AgentType;
  phase_id: string | null;
  capabilities: string[];
  capacity: number;
  tags: string[];
  elsewhere: boolean;
  hashed_key: string | null;
  registered_by: string;
}

/** Creates an agent under the next name of its kind. It is spawning. */
export async function insertAgent(
  tx: Transaction,
  emit: Emit,
  agent: NewAgent & Partial<Pick<Agent, 'replaces_id' | 'restarted_at'>>,
): Promise<Agent> {
  const { organization_id, agent_type, phase_id } = agent;
  // Names are given one after another.
  await tx.$queryRaw`SELECT id FROM organizations WHERE id = ${organization_id}::uuid FOR NO KEY UPDATE`;
  const known = await tx.agent.findUnique({ where: { id: agent.id } });
  if (known) return agentRow(known);
  const number = (await tx.agent.count({ where: { organization_id, agent_type, phase_id } })) + 1;
  const row = agentRow(await tx.agent.create({ data: { ...agent, name: agentName(agent_type, phase_id, number) } }));
  emit({
    ...aboutAgent(row),
    type: 'agent.registered',
    data: { agent_id: row.id, name: row.name, agent_type, phase_id, capacity: row.capacity, by: agent.registered_by },
  });
  return row;
}

/** The tasks that take a place of each agent. */
export async function withBusy(db: Transaction, rows: Agent[]): Promise<BusyAgent[]> {
  const counts = await db.task.groupBy({
    by: ['agent_id'],
    where: { agent_id: { in: rows.map(({ id }) => id) }, status: { in: takesPlace } },
    _count: true,
  });
  return rows.map((row) => ({ ...row, busy: counts.find(({ agent_id: id }) => id === row.id)?._count ?? 0 }));
}

/** Registered agents: what they are, their status and their heartbeats. */
export function agentsStore(core: StoreCore) {
  const get = async (organizationId: string, id: string): Promise<Agent> => {
    const row = await core.read((db) => db.agent.findFirst({ where: { id, organization_id: organizationId } }));
    if (!row) throw notFound('agent');
    return agentRow(row);
  };

  return {
    get,
    /** Undefined for an id that is not an agent's. */
    find: async (organizationId: string, id: string): Promise<BusyAgent | undefined> =>
      core.read(async (db) => {
        const row = await db.agent.findFirst({ where: { id, organization_id: organizationId } });
        return row ? (await withBusy(db, [agentRow(row)]))[0] : undefined;
      }),
    register: (agent: NewAgent): Promise<Agent> =>
      core.change(async (tx, emit) => {
        const row = await insertAgent(tx, emit, agent);
        if (row.status !== 'spawning') return row;
        return moveAgent(tx, emit, row, 'idle', { reason: 'It is registered.', by: agent.registered_by });
      }),
    page: (
      organizationId: string,
      filter: { project_id?: string; status?: string; agent_type?: string; phase_id?: string },
      page: PageQuery,
    ) =>
      core.read(async (db) => {
        const { project_id: project, ...same } = filter;
        const own = { organization_id: organizationId, ...same };
        const serves = project ? { OR: [{ project_id: project }, { project_id: null }] } : {};
        const found = await pageOf(page, ({ where, orderBy, take }) =>
          db.agent.findMany({ where: { AND: [own, serves, where] }, orderBy, take }),
        );
        return { ...found, items: await withBusy(db, found.items.map(agentRow)) };
      }),
    /** The agents that serve a project, or all of them, without those that have ended. The oldest first. */
    open: (organizationId: string, projectId?: string): Promise<BusyAgent[]> =>
      core.read(async (db) => {
        const rows = await db.agent.findMany({
          where: {
            organization_id: organizationId,
            status: { not: 'terminated' },
            ...(projectId ? { OR: [{ project_id: projectId }, { project_id: null }] } : {}),
          },
          orderBy: [{ created_at: 'asc' }, { id: 'asc' }],
        });
        return withBusy(db, rows.map(agentRow));
      }),
    /** @throws conflict for an agent that has ended. */
    update: (
      organizationId: string,
      id: string,
      { capabilities, ...fields }: Partial<Pick<Agent, 'capabilities' | 'capacity' | 'tags' | 'available'>>,
      by: string,
    ): Promise<Agent> =>
      core.change(async (tx, emit) => {
        const agent = await lockAgent(tx, organizationId, id);
        if (agent.status === 'terminated')
          throw new AppError('conflict', 'The agent has ended, so nothing of it changes.');
        if (capabilities && capabilities.join() !== agent.capabilities.join())
          emit({
            ...aboutAgent(agent),
            type: 'agent.capability.updated',
            data: { agent_id: id, name: agent.name, capabilities, by },
          });
        const data = { ...fields, ...(capabilities ? { capabilities } : {}), updated_at: new Date() };
        return agentRow(await tx.agent.update({ where: { id }, data }));
      }),
    /** @throws conflict for a move that the table does not allow. */
    move: (organizationId: string, id: string, to: AgentStatus, why: { reason: string; by: string }): Promise<Agent> =>
      core.change(async (tx, emit) => moveAgent(tx, emit, await lockAgent(tx, organizationId, id), to, why)),
    /** What was known of agents at their newest quarantine, by the id of the agent. */
    bundles: (organizationId: string, ids: string[]): Promise<Map<string, Record<string, unknown>>> =>
      core.read(async (db) => {
        const rows = await db.agentStatusTransition.findMany({
          where: { organization_id: organizationId, agent_id: { in: ids }, to_status: 'quarantined' },
          orderBy: { created_at: 'asc' },
        });
        return new Map(rows.map(({ agent_id, evidence }) => [agent_id, evidence as Record<string, unknown>]));
      }),
    transitions: (organizationId: string, id: string, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, ({ where, orderBy, take }) =>
          db.agentStatusTransition.findMany({
            where: { AND: [{ organization_id: organizationId, agent_id: id }, where] },
            orderBy,
            take,
          }),
        ),
      ),
    /** The agent that a key belongs to, while it has not ended, with its role where it is a member (ORG-04). */
    ofKey: (hashedKey: string): Promise<KeyedAgent | undefined> =>
      core.read(async (db) => {
        const row = await db.agent.findFirst({
          where: { hashed_key: hashedKey, status: { not: 'terminated' } },
          include: { membership: { include: { role: true } } },
        });
        if (!row) return undefined;
        const { id, name, organization_id, project_id, membership } = row;
        if (!membership) return { id, name, organization_id, project_id, member: null };
        const roles = await db.role.findMany({ where: rolesOf(organization_id) });
        const permissions = permissionsOf(roles, membership.role_id);
        return { id, name, organization_id, project_id, member: { role: membership.role.name, permissions } };
      }),
    /** Seconds since the newest heartbeat of each agent that runs elsewhere, or since it was made, by the database's clock. */
    silences: async (organizationId: string): Promise<Map<string, number>> => {
      const rows = await core.read(
        (db) => db.$queryRaw<{ id: string; seconds: number }[]>`
          SELECT id, extract(epoch FROM clock_timestamp() - coalesce(last_heartbeat_at, created_at))::float8 AS seconds
          FROM agents
          WHERE organization_id = ${organizationId}::uuid AND elsewhere AND status <> 'terminated'`,
      );
      return new Map(rows.map(({ id, seconds }) => [id, seconds]));
    },

    /**
     * Records a heartbeat. The newest one again changes nothing.
     * @returns the numbers that are missing before it. @throws conflict for an older one, and for an agent that has ended.
     */
    beat: (organizationId: string, beat: Heartbeat): Promise<number[]> =>
      core.change(async (tx, emit) => {
        const agent = await lockAgent(tx, organizationId, beat.agent_id);
        if (agent.status === 'terminated')
          throw new AppError(
            'conflict',
            agent.replaced_by_id
              ? `The agent ${agent.name} was replaced by ${agent.replaced_by_id}. Its key is that one's now: send its id.`
              : `The agent ${agent.name} has ended. Register another one.`,
            { replaced_by: agent.replaced_by_id },
          );
        const { sequence_number: number, status, timestamp, current_task_id, health_metrics } = beat;
        if (number < agent.sequence_number)
          throw new AppError('conflict', `sequence_number: ${number} is old; the newest is ${agent.sequence_number}.`);
        if (number === agent.sequence_number) return [];
        const missing = missingNumbers(agent.sequence_number, number);
        const to = statusOfBeat(agent.status);
        const changes =
          agent.sequence_number === 0 ||
          missing.length > 0 ||
          to !== agent.status ||
          current_task_id !== (agent.reported?.current_task_id ?? null);
        if (changes)
          emit({
            ...aboutAgent(agent),
            type: 'agent.heartbeat.received',
            data: { agent_id: agent.id, name: agent.name, sequence_number: number, missing, status },
          });
        const data = {
          sequence_number: number,
          reported: asJson({ timestamp, current_task_id, health_metrics }),
          silent_sweeps: 0,
          missed: 0,
        };
        await moveAgent(tx, emit, agent, to, { reason: 'It beats again.', by: agent.name, data });
        await tx.$executeRaw`UPDATE agents SET last_heartbeat_at = clock_timestamp() WHERE id = ${agent.id}::uuid`;
        // A program that lives works: its runs are not idle.
        await tx.run.updateMany({ where: { agent_id: agent.id, ended_at: null }, data: { last_work_at: new Date() } });
        return missing;
      }),

    /** Something that an agent reports of itself. */
    report: (organizationId: string, id: string, report: { event_type: string; event_data: Record<string, unknown> }) =>
      core.change(async (tx, emit) => {
        const agent = await lockAgent(tx, organizationId, id);
        emit({ ...aboutAgent(agent), type: 'agent.event', data: { agent_id: id, name: agent.name, ...report } });
      }),
  };
}
