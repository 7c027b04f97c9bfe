import { requireEnabled } from '#activities/ports/is-enabled.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { analyseNowUpdate } from '#workflows/contracts/watch.ts';
import { AppError } from '#workflows/domain/errors.ts';
import type * as contracts from '../contracts/watching.ts';
import type { Query } from '../contracts/contract.ts';
import type { Call } from '../http/context.ts';
import { toPageView } from './views.ts';

interface Filter {
  project_id?: string;
}

export async function watchStatus({ services, organization_id }: Call, { project_id: projectId }: Filter) {
  const { monitoring } = services.config;
  const rows = await services.store.watching.cycles(organization_id, projectId);
  const sum = (ok: boolean | null, loop?: string) =>
    rows
      .filter((row) => (ok === null || row.ok === ok) && (!loop || row.loop === loop))
      .reduce((n, row) => n + row._count, 0);
  const total = sum(null);
  const loops = [...new Set(rows.map((row) => row.loop))].map((loop) => ({
    loop,
    cycles: sum(null, loop),
    failed: sum(false, loop),
    last_at:
      rows
        .filter((row) => row.loop === loop)
        .map((row) => row._max.created_at)
        .sort((a, b) => (b?.getTime() ?? 0) - (a?.getTime() ?? 0))[0]
        ?.toISOString() ?? null,
  }));
  return {
    running: monitoring.enabled,
    timing: {
      guardian_interval: monitoring.guardian_interval,
      conductor_interval: monitoring.conductor_interval,
      health_interval: monitoring.health_interval,
    },
    metrics: {
      total_cycles: total,
      successful_cycles: sum(true),
      failed_cycles: sum(false),
      total_interventions: rows.reduce((n, row) => n + (row._sum.interventions ?? 0), 0),
      success_rate: total > 0 ? sum(true) / total : 1,
    },
    loops,
  };
}

/**
 * Health of one project, or of all. Each project has a conductor of its own, so the coherence of all is that of the
 * project with the lowest one.
 */
export async function watchHealth({ services, organization_id }: Call, { project_id: projectId }: Filter) {
  const { store, config } = services;
  const ids = projectId
    ? [projectId]
    : (await store.projects.list(organization_id, {}, { limit: 200 })).items.map((project) => project.id);
  const all = await Promise.all(
    ids.map(async (id) => ({
      id,
      runs: await store.watching.recentOf(id, config.monitoring.analysis_window),
      conductor: await store.watching.lastConductor(organization_id, id),
    })),
  );
  const sum = (of: 'termination_count' | 'coordination_count') =>
    all.reduce((n, { conductor }) => n + (conductor?.[of] ?? 0), 0);
  const working = all.filter(({ runs }) => runs.length > 0);
  const runs = working.flatMap((project) => project.runs);
  const judged = runs.flatMap((run) => (run.alignment_score === null ? [] : [run.alignment_score]));
  const [conductor] = (projectId ? all : working)
    .flatMap((project) => project.conductor ?? [])
    .sort((a, b) => a.coherence_score - b.coherence_score);
  const interventions = await store.watching.interventions(
    organization_id,
    projectId ? { project_id: projectId } : {},
    200,
  );
  return {
    active_agents: runs.length,
    average_alignment: judged.length > 0 ? judged.reduce((n, score) => n + score, 0) / judged.length : null,
    agents_need_steering: runs.filter((run) => run.needs_steering).length,
    system_health: runs.length === 0 ? 'no_agents' : (conductor?.system_status ?? 'unknown'),
    coherence_score: conductor?.coherence_score ?? null,
    phase_distribution: countBy(runs.map((run) => run.phase)),
    steering_types: countBy(interventions.map((item) => item.steering_type)),
    recent_duplicates: (conductor?.duplicates ?? []) as unknown[],
    termination_count: sum('termination_count'),
    coordination_count: sum('coordination_count'),
    terms: conductor?.terms ?? null,
    projects: all.map((project) => ({
      project_id: project.id,
      active_agents: project.runs.length,
      coherence_score: project.conductor?.coherence_score ?? null,
      system_health: project.runs.length === 0 ? 'no_agents' : (project.conductor?.system_status ?? 'unknown'),
    })),
  };
}

function countBy(values: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

/** Lets the guardian analyse a run now. Without `force` an analysis that is still recent is returned instead. */
export async function analyseRun({ services, organization_id }: Call, id: string, force: boolean) {
  const { store, workflows, config } = services;
  const run = await store.runs.get(organization_id, id);
  const last = await store.watching.lastAnalysis(id);
  const fresh =
    last &&
    (last.turn === run.turn || Date.now() - last.created_at.getTime() < config.monitoring.analysis_cache * 1000);
  if (!force && last && fresh) return toAnalysisView(last);
  if (run.ended_at) throw new AppError('conflict', `The run has ended (${run.status}): there is nothing to steer.`);
  await requireEnabled(services, organization_id, 'guardian');
  await workflows.ensureWatchers({ organization_id, project_id: run.project_id });
  await workflows.update(workflowId.guardian(run.project_id), analyseNowUpdate, { run_id: id });
  const now = await store.watching.lastAnalysis(id);
  if (!now) throw new AppError('unavailable', 'The guardian did not answer. Try again in a moment.', undefined, 5);
  return toAnalysisView(now);
}

const toAnalysisView = (
  row: NonNullable<Awaited<ReturnType<Call['services']['store']['watching']['lastAnalysis']>>>,
) => ({
  ...row,
  details: row.details as Record<string, unknown>,
  created_at: row.created_at.toISOString(),
});

export const runAnalyses = async (
  { services, organization_id }: Call,
  id: string,
  page: Query<typeof contracts.runAnalyses>,
) => toPageView(await services.store.watching.analysesPage(organization_id, id, page), toAnalysisView);

export async function listInterventions(
  { services, organization_id }: Call,
  { run_id, project_id, ...page }: Query<typeof contracts.listInterventions>,
) {
  const found = await services.store.watching.interventionsPage(organization_id, { run_id, project_id }, page);
  return toPageView(found, (row) => ({
    ...row,
    created_at: row.created_at.toISOString(),
    delivered_at: row.delivered_at?.toISOString() ?? null,
    resolved_at: row.resolved_at?.toISOString() ?? null,
  }));
}
