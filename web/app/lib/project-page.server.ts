import type { LoaderFunctionArgs } from '@remix-run/node';
import type { useLoaderData } from '@remix-run/react';
import { taskBoard } from '#server/contracts/board.ts';
import { getEnvironment } from '#server/contracts/environment.ts';
import { projectStats } from '#server/contracts/project-stats.ts';
import { getProject, getQueue } from '#server/contracts/projects.ts';
import { listPullRequests } from '#server/contracts/pull-requests.ts';
import { listSpecs, phaseData, specEvents } from '#server/contracts/specs.ts';
import { pullLine } from '../components/pull-request/pull-row.tsx';
import { apiFor } from './api.server.ts';
import { listedEvents } from './spec-tabs.server.ts';

const atWork = ['executing', 'waiting', 'paused'] as const;
const mostAtWork = 6;

/** Data of a project's page. */
export async function loadProjectPage(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const id = where.params.projectId ?? '';
  const project = await api(getProject, { params: { id } });
  const [specs, working, pulls, queue, board, stats, environment] = await Promise.all([
    api(listSpecs, { query: { project_id: id, limit: 10 } }),
    Promise.all(atWork.map((status) => api(listSpecs, { query: { project_id: id, status, limit: mostAtWork } }))),
    api(listPullRequests, { query: { project_id: id, limit: 10 } }),
    api(getQueue, { params: { id } }).catch(() => null),
    api(taskBoard, { query: { project_id: id, per_column: 50 } }),
    api(projectStats, { params: { id } }),
    api(getEnvironment, { params: { id } }),
  ]);
  const at_work = await Promise.all(
    working
      .flatMap(({ items }) => items)
      .slice(0, mostAtWork)
      .map(async (spec) => {
        const params = { id: spec.id };
        const [{ phases }, { items: events }] = await Promise.all([
          api(phaseData, { params, query: { brief: 'true' } }),
          api(specEvents, { params, query: { limit: 1, event_type: listedEvents } }),
        ]);
        return {
          id: spec.id,
          project_id: spec.project_id,
          title: spec.title,
          status: spec.status,
          current_phase: spec.current_phase,
          waiting_for: spec.waiting_for,
          waiting_reason: spec.waiting_reason,
          started_at: spec.started_at,
          phases: phases.map(({ phase, status, at_gate }) => ({ phase, status, at_gate })),
          last: events[0] ?? null,
        };
      }),
  );
  return {
    project,
    specs,
    at_work,
    pulls: pulls.items.map(pullLine),
    queue,
    names: Object.fromEntries(
      board.columns.flatMap(({ items }) => items.map((task) => [task.id, `${task.key} ${task.title}`])),
    ),
    stats,
    environment,
  };
}

export type SpecAtWork = ReturnType<typeof useLoaderData<typeof loadProjectPage>>['at_work'][number];
