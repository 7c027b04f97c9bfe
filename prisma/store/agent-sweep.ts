import { AppError } from '#workflows/domain/errors.ts';
import {
  allowedSilence,
  missedBeats,
  silence,
  statusOfSilence,
  sweepsPerBeat,
} from '#workflows/domain/agents/heartbeat.ts';
import { mayRestart, type RestartLimits } from '#workflows/domain/agents/restart.ts';
import { afterRestart } from '#workflows/domain/watch/anomalies.ts';
import { cutStart } from '#workflows/domain/text.ts';
import { aboutAgent, agentRow, lockAgent, moveAgent, type Agent } from './agent-moves.ts';
import { insertAgent } from './agents.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';

const levels = { 1: 'warn', 2: 'degraded', 3: 'failed' } as const;
/** Agents that one agent has replaced, which a restart looks back at. */
const mostReplaced = 20;

export interface Sweep {
  /** Agents that failed and should be restarted. */
  failed: string[];
  /** Agents that are still watched: those elsewhere that have not ended, but for those that a person was asked about. */
  watched: number;
}

export type Restarted = { agent: Agent; reason: null } | { agent: null; reason: string; escalated: boolean };

/** The agents whose every run waits. Time in which a run waits counts for no rule about silence. */
async function waitingAgents(tx: Transaction, organizationId: string): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ agent_id: string }[]>`
    SELECT agent_id FROM runs
    WHERE organization_id = ${organizationId}::uuid AND agent_id IS NOT NULL AND ended_at IS NULL
    GROUP BY agent_id
    HAVING bool_and(waiting_for IS NOT NULL)`;
  return new Set(rows.map(({ agent_id: id }) => id));
}

/** Seconds since each restart that led to this agent, by the database's clock. */
async function restartsOf(tx: Transaction, agent: Agent): Promise<number[]> {
  const rows = await tx.$queryRaw<{ seconds: number }[]>`
    WITH RECURSIVE line AS (
      SELECT id, replaces_id, restarted_at, 1 AS n FROM agents WHERE id = ${agent.id}::uuid
      UNION ALL
      SELECT a.id, a.replaces_id, a.restarted_at, line.n + 1
      FROM agents a JOIN line ON a.id = line.replaces_id
      WHERE line.n < ${mostReplaced}
    )
    SELECT extract(epoch FROM clock_timestamp() - restarted_at)::float8 AS seconds
    FROM line
    WHERE restarted_at IS NOT NULL`;
  return rows.map(({ seconds }) => seconds);
}

/** Ends an agent along the table: one that works fails first. */
async function endAgent(tx: Transaction, emit: Emit, agent: Agent, why: { reason: string; by: string }) {
  const open = agent.status === 'running' ? await moveAgent(tx, emit, agent, 'failed', why) : agent;
  return moveAgent(tx, emit, open, 'terminated', why);
}

/** Tasks of an agent that are not done: another agent takes them, or the named one. */
async function giveTasksTo(tx: Transaction, agent: Agent, to: string | null): Promise<string[]> {
  const where = { organization_id: agent.organization_id, agent_id: agent.id, ended_at: null };
  const tasks = await tx.task.findMany({ where, select: { id: true } });
  await tx.task.updateMany({ where, data: { agent_id: to } });
  return tasks.map(({ id }) => id);
}

/** EXEC-31 and EXEC-32: silence of agents, and what follows from it. */
export function agentSweepStore(core: StoreCore) {
  return {
    /**
     * Looks at the agents that run elsewhere, once in a third of the time of a heartbeat. Each look counts for those
     * that are silent, and moves them one step down at most.
     * @param interval seconds between the heartbeats of agents in general.
     */
    sweep: (organizationId: string, interval: number): Promise<Sweep> =>
      core.change(async (tx, emit) => {
        const rows = await tx.$queryRaw<{ id: string; seconds: number }[]>`
          SELECT id, extract(epoch FROM clock_timestamp() - coalesce(last_heartbeat_at, created_at))::float8 AS seconds
          FROM agents
          WHERE organization_id = ${organizationId}::uuid AND elsewhere
            AND status NOT IN ('quarantined', 'terminated') AND escalated_at IS NULL
          ORDER BY id
          FOR UPDATE`;
        const waiting = await waitingAgents(tx, organizationId);
        const agents = await tx.agent.findMany({ where: { id: { in: rows.map(({ id }) => id) } } });
        const failed: string[] = [];
        for (const agent of agents.map(agentRow)) {
          if (agent.status === 'failed') failed.push(agent.id);
          if (agent.status === 'failed' || waiting.has(agent.id)) continue;
          const sweeps = agent.silent_sweeps + 1;
          const clock = rows.find(({ id }) => id === agent.id)?.seconds ?? 0;
          const silent = silence(clock, sweeps, interval / sweepsPerBeat);
          const missed = missedBeats(silent, allowedSilence(agent.agent_type, interval));
          const reason = `Nothing was heard of it for ${Math.round(silent)} s.`;
          if (missed > agent.missed)
            emit({
              ...aboutAgent(agent),
              type: 'agent.heartbeat.missed',
              data: {
                agent_id: agent.id,
                name: agent.name,
                missed_count: missed,
                escalation_level: levels[missed as keyof typeof levels],
              },
            });
          const to = statusOfSilence(agent.status, missed);
          await moveAgent(tx, emit, agent, to, { reason, by: 'heartbeats', data: { silent_sweeps: sweeps, missed } });
          if (to === 'failed') failed.push(agent.id);
        }
        return { failed, watched: agents.length };
      }),

    /**
     * Puts an agent of the same kind in the place of one, whose tasks go back to the queue. A repeated call finds the
     * first replacement. An agent that runs elsewhere keeps its key; the new one is spawning until it beats.
     * @param force a person restarts it, whatever the limits say. @throws conflict for an agent that has ended.
     */
    restart: (
      organizationId: string,
      id: string,
      { newId, reason, by, limits, force = false }: RestartOrder,
    ): Promise<Restarted> =>
      core.change(async (tx, emit): Promise<Restarted> => {
        const agent = await lockAgent(tx, organizationId, id);
        if (agent.replaced_by_id)
          return { agent: await lockAgent(tx, organizationId, agent.replaced_by_id), reason: null };
        if (agent.status === 'terminated')
          throw new AppError('conflict', 'The agent has ended, so it is not restarted. Register another one.');
        const verdict = force ? ({ restart: true } as const) : mayRestart(await restartsOf(tx, agent), limits);
        if (!verdict.restart) {
          if (verdict.escalate && !agent.escalated_at) {
            await tx.agent.update({ where: { id }, data: { escalated_at: new Date() } });
            emit({
              ...aboutAgent(agent),
              type: 'agent.restart_escalated',
              data: { agent_id: id, name: agent.name, reason: verdict.reason, by },
            });
          }
          return { agent: null, reason: verdict.reason, escalated: verdict.escalate };
        }
        await endAgent(tx, emit, agent, { reason, by });
        await tx.agent.update({ where: { id }, data: { hashed_key: null } });
        const { project_id, agent_type, phase_id, capabilities, capacity, tags, elsewhere, hashed_key, registered_by } =
          agent;
        const next = await insertAgent(tx, emit, {
          ...{ id: newId, organization_id: organizationId, project_id, agent_type, phase_id, capabilities, capacity },
          ...{ tags, elsewhere, hashed_key, registered_by, replaces_id: id },
        });
        await tx.$executeRaw`UPDATE agents SET restarted_at = clock_timestamp() WHERE id = ${newId}::uuid`;
        await tx.agent.update({ where: { id }, data: { replaced_by_id: newId } });
        await tx.membership.updateMany({ where: { agent_id: id }, data: { agent_id: newId } });
        // What was usual leads less after a restart.
        await tx.agentBaseline.updateMany({
          where: { agent_type, phase_id: phase_id ?? '', ...(project_id ? { project_id } : {}) },
          data: { task_ms: { multiply: afterRestart }, error_rate: { multiply: afterRestart } },
        });
        const task_ids = await giveTasksTo(tx, agent, elsewhere ? null : newId);
        emit({
          ...aboutAgent(agent),
          type: 'agent.restarted',
          data: { agent_id: id, name: agent.name, replaced_by: newId, task_ids, reason, by },
        });
        if (elsewhere) return { agent: next, reason: null };
        return {
          agent: await moveAgent(tx, emit, next, 'idle', { reason: `It replaces ${agent.name}.`, by }),
          reason: null,
        };
      }),

    /** Takes an agent out of work and keeps what was known of it. Its tasks go back to the queue. */
    quarantine: (organizationId: string, id: string, why: { reason: string; by: string }): Promise<Agent> =>
      core.change(async (tx, emit) => {
        const agent = await lockAgent(tx, organizationId, id);
        if (agent.status === 'quarantined') return agent;
        const [runs, transitions, events] = await Promise.all([
          tx.run.findMany({
            where: { agent_id: id, organization_id: organizationId },
            select: { id: true, task_id: true, status: true, turn: true, head_sha: true, error_message: true },
            orderBy: { created_at: 'desc' },
            take: 20,
          }),
          tx.agentStatusTransition.findMany({ where: { agent_id: id }, orderBy: { created_at: 'desc' }, take: 50 }),
          tx.event.findMany({
            where: { organization_id: organizationId, entity_kind: 'agent', entity_id: id },
            select: { type: true, data: true, at: true },
            orderBy: { seq: 'desc' },
            take: 200,
          }),
        ]);
        const { status, capabilities, capacity, sequence_number, last_heartbeat_at, reported, missed } = agent;
        const evidence = {
          ...{ status, capabilities, capacity, sequence_number, last_heartbeat_at, reported, missed, runs, events },
          transitions: transitions.map(({ from_status, to_status, reason, actor, created_at }) => ({
            ...{ from_status, to_status, reason, actor, created_at },
          })),
        };
        const moved = await moveAgent(tx, emit, agent, 'quarantined', { ...why, evidence });
        await giveTasksTo(tx, agent, null);
        return moved;
      }),

    /**
     * Lets an agent out of quarantine with what speaks for it, once it stands a test: one elsewhere has beaten since, and
     * runs of the others have ended. @throws conflict where it does not.
     */
    clear: (organizationId: string, id: string, { evidence, by }: { evidence: string; by: string }): Promise<Agent> =>
      core.change(async (tx, emit) => {
        const agent = await lockAgent(tx, organizationId, id);
        if (agent.status !== 'quarantined')
          throw new AppError('conflict', `${agent.name} is ${agent.status}, not in quarantine.`);
        const last = await tx.agentStatusTransition.findFirst({
          where: { agent_id: id, to_status: 'quarantined' },
          orderBy: { created_at: 'desc' },
        });
        const runs = await tx.run.count({ where: { agent_id: id, ended_at: null } });
        if (runs > 0) throw new AppError('conflict', `${runs} of its runs have not ended. Wait until they have.`);
        const beat = agent.last_heartbeat_at;
        if (agent.elsewhere && !(beat && last && beat > last.created_at))
          throw new AppError('conflict', 'It was not heard of since its quarantine. Let it send a heartbeat first.');
        const test = agent.elsewhere ? { heartbeat_at: beat } : { open_runs: 0 };
        return moveAgent(tx, emit, agent, 'idle', {
          reason: cutStart(evidence, 200),
          by,
          evidence: { evidence, test },
        });
      }),

    /** Ends an agent for good. Its tasks go back to the queue. */
    terminate: (organizationId: string, id: string, why: { reason: string; by: string }): Promise<Agent> =>
      core.change(async (tx, emit) => {
        const agent = await lockAgent(tx, organizationId, id);
        if (agent.status === 'terminated') return agent;
        const ended = await endAgent(tx, emit, agent, why);
        await giveTasksTo(tx, agent, null);
        return ended;
      }),

    /** Agents that are watched. */
    watched: (organizationId: string): Promise<number> =>
      core.read((db) =>
        db.agent.count({
          where: {
            organization_id: organizationId,
            elsewhere: true,
            escalated_at: null,
            status: { notIn: ['quarantined', 'terminated'] },
          },
        }),
      ),

    /** Runs at work whose place is gone, or whose task another agent has now. */
    strandedRuns: (organizationId: string): Promise<{ id: string; agent: string }[]> =>
      core.read(
        (db) => db.$queryRaw<{ id: string; agent: string }[]>`
          SELECT r.id, a.name AS agent
          FROM runs r
          JOIN tasks t ON t.id = r.task_id
          JOIN agents a ON a.id = r.agent_id
          WHERE r.organization_id = ${organizationId}::uuid AND r.kind = 'task' AND r.ended_at IS NULL
            AND (t.agent_id IS DISTINCT FROM r.agent_id OR a.status IN ('failed', 'quarantined', 'terminated'))`,
      ),
  };
}

interface RestartOrder {
  /** The id of the replacement. */
  newId: string;
  reason: string;
  by: string;
  limits: RestartLimits;
  force?: boolean;
}
