import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { notFound } from '#workflows/domain/errors.ts';
import {
  anomalyMetrics,
  anomalySeverities,
  badScore,
  learned,
  projectMetrics,
  readAgent,
  readMetric,
  samplesTo,
  type AgentFacts,
  type AnomalySeverity,
  type ProjectMetric,
  type Reading,
} from '#workflows/domain/watch/anomalies.ts';
import type { MonitorAnomaly as AnomalyRow } from '../generated/client.ts';
import { aboutAgent, agentRow, lockAgent, type Agent } from './agent-moves.ts';
import type { Emit, StoreCore, Transaction } from './core.ts';
import { asJson, record, typed, type Typed } from './json.ts';
import { pageOf, type PageQuery } from './page.ts';

const anomalyJson = {
  metric: z.enum(anomalyMetrics),
  severity: z.enum(anomalySeverities),
  terms: record<Record<string, unknown>>(),
};
export type Anomaly = Typed<AnomalyRow, typeof anomalyJson>;
const anomalyRow = typed<AnomalyRow, typeof anomalyJson>(anomalyJson);

interface Place {
  organization_id: string;
  project_id: string;
}

/** An agent that was read, with the task that it worked on last. */
export interface ReadAgent {
  agent: Agent;
  reading: Reading;
  task_id: string | null;
}

const measured = (metrics: Record<string, unknown> | undefined, names: string[]): number | null => {
  const value = names.map((name) => metrics?.[name]).find((one) => typeof one === 'number');
  return value ?? null;
};

/** What is stored of an agent's work since its reading before. */
async function factsOf(tx: Transaction, agent: Agent, since: Date): Promise<AgentFacts> {
  const [work] = await tx.$queryRaw<{ task_ms: number | null; ended: number; failed: number }[]>`
    SELECT
      avg(coalesce((loop->'state'->>'active_ms')::float8, extract(epoch FROM ended_at - started_at) * 1000))::float8
        AS task_ms,
      (count(*) FILTER (WHERE ended_at > ${since}))::int AS ended,
      (count(*) FILTER (WHERE ended_at > ${since} AND status = 'failed'))::int AS failed
    FROM runs
    WHERE agent_id = ${agent.id}::uuid AND kind = 'task' AND started_at IS NOT NULL
      AND ended_at > now() - interval '1 hour'`;
  const [waiting] = await tx.$queryRaw<{ blocked: number }[]>`
    SELECT coalesce(sum(CASE WHEN waits.priority = 'CRITICAL' THEN 2 ELSE 1 END), 0)::int AS blocked
    FROM tasks waits
    WHERE waits.organization_id = ${agent.organization_id}::uuid AND waits.status = 'pending'
      AND EXISTS (
        SELECT 1 FROM tasks own
        WHERE own.agent_id = ${agent.id}::uuid AND own.ended_at IS NULL AND own.id::text = ANY(waits.depends_on::text[])
      )`;
  const metrics = agent.reported?.health_metrics;
  return {
    ...{ task_ms: work?.task_ms ?? null, ended: work?.ended ?? 0, failed: work?.failed ?? 0 },
    ...{ cpu: measured(metrics, ['cpu', 'cpu_percent']), memory_mb: measured(metrics, ['memory_mb']) },
    blocked: waiting?.blocked ?? 0,
  };
}

type NewAnomaly = Omit<AnomalyRow, 'created_at' | 'acknowledged_at' | 'acknowledged_by' | 'terms'> & { terms: object };

async function tell(tx: Transaction, emit: Emit, data: NewAnomaly) {
  const row = anomalyRow(await tx.monitorAnomaly.create({ data: { ...data, terms: asJson(data.terms) } }));
  const { id, organization_id, project_id, agent_id, metric, value, usual, deviation, severity } = row;
  emit({
    ...{ type: 'monitor.anomaly.detected', organization_id, project_id, entity: { kind: 'project', id: project_id } },
    data: { anomaly_id: id, agent_id, metric, value, usual, deviation, severity },
  });
}

/** Readings of agents and projects, and what is usual for them (WATCH-13). */
export function anomaliesStore(core: StoreCore) {
  /** Values of a project's ended tasks, the newest first, with the run of the newest. */
  async function valuesOf(db: Pick<Transaction, 'run'>, projectId: string) {
    const runs = await db.run.findMany({
      where: { project_id: projectId, kind: 'task', status: 'completed', started_at: { not: null } },
      select: { id: true, turn: true, cost_micros: true, started_at: true, ended_at: true },
      orderBy: { ended_at: 'desc' },
      take: samplesTo + 1,
    });
    const seconds = (run: (typeof runs)[number]) =>
      ((run.ended_at?.getTime() ?? 0) - (run.started_at?.getTime() ?? 0)) / 1000;
    const values: Record<ProjectMetric, number[]> = {
      task_seconds: runs.map(seconds),
      task_turns: runs.map(({ turn }) => turn),
      task_micros: runs.map(({ cost_micros: micros }) => micros),
    };
    return { run_id: runs[0]?.id ?? null, values };
  }

  return {
    /** Reads the agents of a project with tasks that ended since they were read last. Nothing is read twice. */
    readAgents: ({ organization_id, project_id }: Place): Promise<ReadAgent[]> =>
      core.change(async (tx, emit) => {
        const due = await tx.$queryRaw<{ id: string; run_id: string; task_id: string | null; ended_at: Date }[]>`
          SELECT DISTINCT ON (a.id) a.id, r.id AS run_id, r.task_id, r.ended_at
          FROM agents a
          JOIN runs r ON r.agent_id = a.id AND r.kind = 'task' AND r.ended_at > now() - interval '1 hour'
          WHERE a.organization_id = ${organization_id}::uuid AND r.project_id = ${project_id}::uuid
            AND a.status NOT IN ('quarantined', 'terminated')
            AND r.ended_at > coalesce((a.anomaly->>'at')::timestamptz, '-infinity')
          ORDER BY a.id, r.ended_at DESC`;
        const read: ReadAgent[] = [];
        for (const { id, run_id, task_id, ended_at } of due) {
          const agent = await lockAgent(tx, organization_id, id);
          const before = agent.anomaly;
          const facts = await factsOf(tx, agent, new Date(before?.at ?? 0));
          const key = { project_id, agent_type: agent.agent_type, phase_id: agent.phase_id ?? '' };
          const where = { project_id_agent_type_phase_id: key };
          const base = (await tx.agentBaseline.findUnique({ where })) ?? {
            ...{ samples: 0, task_ms: 0, task_variance: 0, error_rate: 0, cpu: null, memory_mb: null },
          };
          const reading = readAgent(facts, base, before, ended_at.toISOString());
          // What is bad must not become what is usual.
          const next = reading.score >= badScore ? base : learned(base, facts);
          const { samples, task_ms, task_variance, error_rate, cpu, memory_mb } = next;
          const fields = { samples, task_ms, task_variance, error_rate, cpu, memory_mb, updated_at: new Date() };
          await tx.agentBaseline.upsert({ where, create: { ...key, ...fields }, update: fields });
          await tx.agent.update({ where: { id }, data: { anomaly: asJson(reading) } });
          const { score, in_a_row, absent, terms } = reading;
          if (score >= badScore) {
            const severity: AnomalySeverity = in_a_row > 1 ? 'critical' : 'error';
            await tell(tx, emit, {
              ...{ id: randomUUID(), organization_id, project_id, agent_id: id, run_id, metric: 'agent' },
              ...{ value: score, usual: badScore, deviation: score, severity, terms: { ...terms, absent } },
            });
          }
          if (score >= badScore || (before && before.score >= badScore))
            emit({
              ...{ ...aboutAgent(agent), project_id, type: 'monitor.agent.anomaly' },
              data: { agent_id: id, name: agent.name, anomaly_score: score, in_a_row, terms, absent },
            });
          read.push({ agent, reading, task_id });
        }
        return read;
      }),
    /** Reads the newest value of each metric of a project, each task once. */
    readProject: ({ organization_id, project_id }: Place): Promise<void> =>
      core.change(async (tx, emit) => {
        const { run_id, values } = await valuesOf(tx, project_id);
        if (!run_id) return;
        for (const metric of Object.keys(projectMetrics) as ProjectMetric[]) {
          const found = readMetric(values[metric]);
          if (!found?.severity) continue;
          if (await tx.monitorAnomaly.findFirst({ where: { metric, run_id }, select: { id: true } })) continue;
          const { value, mean, std, samples, deviation, severity } = found;
          await tell(tx, emit, {
            ...{ id: randomUUID(), organization_id, project_id, agent_id: null, run_id, metric },
            ...{ value, usual: mean, deviation, severity, terms: { samples, std } },
          });
        }
      }),

    /** The metrics of a project, its agents' newest readings, and what is usual for them. */
    metrics: (organizationId: string, projectId: string) =>
      core.read(async (db) => {
        const [{ values }, baselines, agents] = await Promise.all([
          valuesOf(db, projectId),
          db.agentBaseline.findMany({ where: { project_id: projectId } }),
          db.agent.findMany({
            where: {
              organization_id: organizationId,
              status: { not: 'terminated' },
              OR: [{ project_id: projectId }, { project_id: null }],
            },
            orderBy: { created_at: 'asc' },
          }),
        ]);
        return { values, baselines, agents: agents.map(agentRow) };
      }),
    page: (
      organizationId: string,
      { acknowledged, ...filter }: { project_id?: string; severity?: AnomalySeverity; acknowledged?: boolean },
      page: PageQuery,
    ) =>
      core.read(async (db) => {
        const seen = acknowledged === undefined ? {} : { acknowledged_at: acknowledged ? { not: null } : null };
        const found = await pageOf(page, ({ where, orderBy, take }) =>
          db.monitorAnomaly.findMany({
            where: { AND: [{ organization_id: organizationId, ...filter, ...seen }, where] },
            orderBy,
            take,
          }),
        );
        return { ...found, items: found.items.map(anomalyRow) };
      }),
    /** Somebody has seen it. A repeated call changes nothing. */
    acknowledge: (organizationId: string, id: string, by: string): Promise<Anomaly> =>
      core.change(async (tx) => {
        await tx.monitorAnomaly.updateMany({
          where: { id, organization_id: organizationId, acknowledged_at: null },
          data: { acknowledged_at: new Date(), acknowledged_by: by },
        });
        const row = await tx.monitorAnomaly.findFirst({ where: { id, organization_id: organizationId } });
        if (!row) throw notFound('anomaly');
        return anomalyRow(row);
      }),
  };
}
