import { randomUUID } from 'node:crypto';
import type { ConductorAnalysis, GuardianAnalysis } from '../generated/client.ts';
import type { StoreCore } from './core.ts';
import { acceptMessage } from './messages.ts';
import { pageOf, type PageQuery } from './page.ts';
import { activeStates } from './active-runs.ts';

export type { GuardianAnalysis } from '../generated/client.ts';

export type NewGuardianAnalysis = Omit<GuardianAnalysis, 'created_at' | 'details'> & { details: object };
export type NewConductorAnalysis = Omit<
  ConductorAnalysis,
  'created_at' | 'terms' | 'duplicates' | 'recommendations'
> & { terms: object; duplicates: object[]; recommendations: string[] };

export function watchingStore(core: StoreCore) {
  return {
    /** Stores an analysis of the guardian. Only an analysis with a score changes the run's alignment. */
    saveAnalysis: (analysis: NewGuardianAnalysis) =>
      core.change(async (tx, emit) => {
        const row = await tx.guardianAnalysis.create({ data: analysis });
        if (row.alignment_score !== null)
          await tx.run.update({ where: { id: row.run_id }, data: { alignment: row.alignment_score } });
        emit({
          type: 'guardian.analysis.completed',
          organization_id: row.organization_id,
          project_id: row.project_id,
          entity: { kind: 'run', id: row.run_id },
          data: {
            run_id: row.run_id,
            turn: row.turn,
            source: row.source,
            alignment_score: row.alignment_score,
            needs_steering: row.needs_steering,
            summary: row.trajectory_summary,
          },
        });
        return row;
      }),
    analysis: (id: string) => core.read((db) => db.guardianAnalysis.findUnique({ where: { id } })),
    lastAnalysis: (runId: string) =>
      core.read((db) => db.guardianAnalysis.findFirst({ where: { run_id: runId }, orderBy: { created_at: 'desc' } })),
    analyses: (organizationId: string, runId: string, limit = 10) =>
      core.read((db) =>
        db.guardianAnalysis.findMany({
          where: { organization_id: organizationId, run_id: runId },
          orderBy: { created_at: 'desc' },
          take: limit,
        }),
      ),

    /**
     * Steers a run: stores the intervention and, unless `record_only` is set, the message that delivers it, in one
     * transaction. One analysis leads to at most one intervention, however often the call is repeated.
     */
    intervene: (input: {
      organization_id: string;
      project_id: string;
      run_id: string;
      analysis_id: string | null;
      actor: string;
      steering_type: string;
      message: string;
      reason: string;
      alignment_before: number | null;
      record_only: boolean;
    }) =>
      core.change(async (tx, emit) => {
        const known = input.analysis_id
          ? await tx.intervention.findFirst({ where: { analysis_id: input.analysis_id } })
          : null;
        if (known) return known;
        const id = randomUUID();
        const { record_only: recordOnly, ...fields } = input;
        const sent = recordOnly
          ? null
          : await acceptMessage(tx, emit, {
              organization_id: input.organization_id,
              run_id: input.run_id,
              kind: 'guardian_nudge',
              rank: 'boundary',
              steer_kind: input.steering_type,
              content: `[GUARDIAN INTERVENTION - ${input.steering_type}] ${input.message}`,
              actor: input.actor,
              intervention_id: id,
            });
        const row = await tx.intervention.create({
          data: { ...fields, id, message_id: sent?.id, status: recordOnly ? 'recorded' : 'sent' },
        });
        emit({
          type: 'guardian.steering.intervention',
          organization_id: input.organization_id,
          project_id: input.project_id,
          entity: { kind: 'run', id: input.run_id },
          data: {
            run_id: input.run_id,
            intervention_id: id,
            steering_type: input.steering_type,
            message: input.message,
            reason: input.reason,
            confidence: input.alignment_before,
            sent: !recordOnly,
          },
        });
        return row;
      }),
    lastIntervention: (runId: string) =>
      core.read((db) =>
        db.intervention.findFirst({
          where: { run_id: runId, status: { not: 'recorded' } },
          orderBy: { created_at: 'desc' },
        }),
      ),
    /** Whether a run that was steered did not get better. */
    ignoredSteer: async (runId: string) =>
      (await core.read((db) => db.intervention.count({ where: { run_id: runId, status: 'unrecovered' } }))) > 0,
    openInterventions: (runId: string) =>
      core.read((db) => db.intervention.findMany({ where: { run_id: runId, status: 'delivered' } })),
    analysesPage: (organizationId: string, runId: string, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.guardianAnalysis.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, run_id: runId }, query.where] },
          }),
        ),
      ),
    interventionsPage: (organizationId: string, filter: { run_id?: string; project_id?: string }, page: PageQuery) =>
      core.read((db) =>
        pageOf(page, (query) =>
          db.intervention.findMany({
            ...query,
            where: { AND: [{ organization_id: organizationId, ...filter }, query.where] },
          }),
        ),
      ),
    interventions: (organizationId: string, filter: { run_id?: string; project_id?: string }, limit = 50) =>
      core.read((db) =>
        db.intervention.findMany({
          where: { organization_id: organizationId, ...filter },
          orderBy: { created_at: 'desc' },
          take: limit,
        }),
      ),
    /** Number of interventions sent to a run within the last hour. Each one lowers the run's health. */
    steersInHour: (runId: string) =>
      core.read((db) =>
        db.intervention.count({
          where: { run_id: runId, status: { not: 'recorded' }, created_at: { gt: new Date(Date.now() - 3_600_000) } },
        }),
      ),

    /** Stores the effect of a delivered intervention, which the first analysis after it measures. */
    closeIntervention: (id: string, effect: { alignment_after: number; recovered: boolean }) =>
      core.change(async (tx, emit) => {
        const row = await tx.intervention.update({
          where: { id },
          data: {
            alignment_after: effect.alignment_after,
            status: effect.recovered ? 'recovered' : 'unrecovered',
            resolved_at: new Date(),
          },
        });
        const seconds = row.delivered_at ? (Date.now() - row.delivered_at.getTime()) / 1000 : null;
        emit({
          type: 'guardian.intervention.completed',
          organization_id: row.organization_id,
          project_id: row.project_id,
          entity: { kind: 'run', id: row.run_id },
          data: {
            run_id: row.run_id,
            intervention_id: id,
            alignment_before: row.alignment_before,
            alignment_after: effect.alignment_after,
            recovered: effect.recovered,
            recovery_seconds: seconds,
          },
        });
      }),

    /** Runs of a project that ended, and messages of its agents to each other, within the last `windowSeconds` seconds. */
    countsOf: (projectId: string, windowSeconds: number) =>
      core.read(async (db) => {
        const since = new Date(Date.now() - windowSeconds * 1000);
        const [termination_count, agents] = await Promise.all([
          db.run.count({ where: { project_id: projectId, ended_at: { gte: since } } }),
          db.agent.findMany({ where: { project_id: projectId }, select: { id: true } }),
        ]);
        const coordination_count = await db.agentMessage.count({
          where: { from_agent_id: { in: agents.map(({ id }) => id) }, created_at: { gte: since } },
        });
        return { termination_count, coordination_count };
      }),
    /** Stores an analysis of the conductor. A repeated call with the same id changes nothing. */
    saveConductor: (analysis: NewConductorAnalysis, averageAlignment: number | null) =>
      core.change(async (tx, emit) => {
        if (await tx.conductorAnalysis.findUnique({ where: { id: analysis.id } })) return;
        const row = await tx.conductorAnalysis.create({ data: analysis });
        emit({
          type: 'monitoring.conductor.analysis',
          organization_id: row.organization_id,
          project_id: row.project_id,
          entity: { kind: 'project', id: row.project_id },
          data: {
            coherence_score: row.coherence_score,
            system_status: row.system_status,
            active_agents: row.active_agents,
            average_alignment: averageAlignment,
            duplicates: (row.duplicates as object[]).length,
          },
        });
      }),
    lastConductor: (organizationId: string, projectId: string) =>
      core.read((db) =>
        db.conductorAnalysis.findFirst({
          where: { organization_id: organizationId, project_id: projectId },
          orderBy: { created_at: 'desc' },
        }),
      ),
    /** The newest analysis with a score of each active run of the project, within the last `windowSeconds` seconds. */
    recentOf: (projectId: string, windowSeconds: number) =>
      core.read(
        (db) => db.$queryRaw<
          {
            run_id: string;
            title: string;
            phase: string;
            phase_id: string | null;
            task_id: string | null;
            alignment_score: number | null;
            trajectory_aligned: boolean | null;
            needs_steering: boolean | null;
          }[]
        >`
        SELECT
          r.id AS run_id, r.title, coalesce(r.phase, t.phase_id, r.kind) AS phase, t.phase_id, r.task_id,
          a.alignment_score, a.trajectory_aligned, a.needs_steering
        FROM runs r
        LEFT JOIN tasks t ON t.id = r.task_id
        LEFT JOIN LATERAL (
          SELECT *
          FROM guardian_analyses g
          WHERE g.run_id = r.id
            AND g.source = 'model'
            AND g.created_at > now() - make_interval(secs => ${windowSeconds}::double precision)
          ORDER BY g.created_at DESC
          LIMIT 1
        ) a ON true
        WHERE r.project_id = ${projectId}::uuid AND r.status = ANY(${activeStates})
        ORDER BY r.created_at`,
      ),

    /** Minutes for which a task of a project has asked for a slot that is free to start; 0 where none waits. */
    minutesReady: async (projectId: string) => {
      const [row] = await core.read(
        (db) => db.$queryRaw<{ minutes: number | null }[]>`
        SELECT extract(epoch FROM now() - min(greatest(t.updated_at, before.ended_at)))::double precision / 60 AS minutes
        FROM tasks t
        JOIN tickets ON tickets.id = t.ticket_id AND NOT tickets.needs_review
        CROSS JOIN LATERAL (
          SELECT max(d.ended_at) AS ended_at, coalesce(bool_and(d.status = 'completed'), true) AS done
          FROM tasks d
          WHERE d.id::text = ANY(t.depends_on::text[])
        ) before
        WHERE t.project_id = ${projectId}::uuid
          AND t.status = 'pending'
          AND t.score IS NOT NULL
          AND t.archived_at IS NULL
          AND t.waiting_for IS NULL
          AND before.done`,
      );
      return Math.max(0, row?.minutes ?? 0);
    },

    recordCycle: (input: {
      organization_id: string;
      project_id: string;
      loop: string;
      ok: boolean;
      error: string | null;
      interventions: number;
      duration_ms: number;
      interval_seconds?: number;
    }) =>
      core.change(async (tx, emit) => {
        await tx.watchCycle.create({ data: { ...input, id: randomUUID() } });
        if (!input.ok)
          emit({
            type: 'monitoring.cycle.failed',
            organization_id: input.organization_id,
            project_id: input.project_id,
            entity: { kind: 'project', id: input.project_id },
            data: { loop: input.loop, error: input.error ?? 'unknown' },
          });
      }),
    healthChecked: (
      organizationId: string,
      projectId: string,
      facts: { active_agents: number; stalled: number; minutes_without_agent: number },
    ) =>
      core.change(async (_tx, emit) =>
        emit({
          type: 'monitoring.health.check',
          organization_id: organizationId,
          project_id: projectId,
          entity: { kind: 'project', id: projectId },
          data: facts,
        }),
      ),
    cycles: (organizationId: string, projectId?: string) =>
      core.read((db) =>
        db.watchCycle.groupBy({
          by: ['loop', 'ok'],
          where: { organization_id: organizationId, project_id: projectId },
          _count: true,
          _sum: { interventions: true },
          _max: { created_at: true },
        }),
      ),
  };
}
