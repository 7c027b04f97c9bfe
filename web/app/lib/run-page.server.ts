import type { LoaderFunctionArgs } from '@remix-run/node';
import type { useLoaderData } from '@remix-run/react';
import { listInterventions, runAnalyses } from '#server/contracts/watching.ts';
import { getProject } from '#server/contracts/projects.ts';
import { getRun, listQuestions, runDiff, runEvents, runMessages, runTurns } from '#server/contracts/runs.ts';
import { apiFor } from './api.server.ts';
import { raisesIn } from './raised-limits.ts';

const tabs = ['stream', 'timeline', 'changes', 'terminal', 'preview', 'details'] as const;
const newestTurns = 40;

/** Data of a run's page: its newest turns, what was said to it, and the changes when their tab shows. */
export async function loadRunPage(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const params = { id: where.params.runId ?? '' };
  const wanted = new URL(where.request.url).searchParams.get('tab');
  const tab = tabs.find((one) => one === wanted) ?? 'stream';
  const run = await api(getRun, { params });
  const [project, turns, messages, analyses, interventions, questions, raises, changes, reports] = await Promise.all([
    api(getProject, { params: { id: run.project_id } }),
    api(runTurns, { params, query: { after: Math.max(0, run.turn - newestTurns), limit: newestTurns } }),
    api(runMessages, { params, query: { limit: 1000 } }),
    api(runAnalyses, { params, query: { limit: 100 } }),
    api(listInterventions, { query: { run_id: run.id, limit: 200 } }),
    api(listQuestions, { query: { run_id: run.id, limit: 200 } }),
    api(runEvents, { params, query: { event_type: 'run.limits_raised', limit: 1000 } }),
    tab === 'changes' ? api(runDiff, { params, query: { from: 'base' } }) : null,
    tab === 'details' ? api(runEvents, { params, query: { event_type: 'sandbox.reported', limit: 200 } }) : null,
  ]);
  return {
    organization_id: project.organization_id,
    tab,
    changes,
    reports: reports?.items ?? [],
    state: {
      run,
      turns: turns.items,
      messages: messages.items,
      analyses: analyses.items,
      interventions: interventions.items,
      questions: questions.items,
      raises: raisesIn(raises.items),
    },
  };
}

export type RunPage = ReturnType<typeof useLoaderData<typeof loadRunPage>>;
