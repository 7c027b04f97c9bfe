import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { listInterventions, runAnalyses } from '#server/contracts/monitor.ts';
import { getRun, listQuestions, runDiff, runMessages, runTurns } from '#server/contracts/runs.ts';
import { RunView } from '../components/run/run-view.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.state.run.title ?? 'Run'} · OmoiOS` },
];

interface Crumbed {
  state: { run: { title: string; project_id: string; spec_id: string | null } };
}
export const handle = {
  crumbs: ({ state: { run } }: Crumbed) => [
    { label: 'Runs', to: '/runs' },
    ...(run.spec_id ? [{ label: 'Spec', to: `/projects/${run.project_id}/specs/${run.spec_id}?tab=execution` }] : []),
    { label: run.title },
  ],
};

const tabs = ['stream', 'changes', 'details'] as const;
const newest = 40;

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const params = { id: where.params.runId ?? '' };
  const wanted = new URL(where.request.url).searchParams.get('tab');
  const tab = tabs.find((one) => one === wanted) ?? 'stream';
  const run = await api(getRun, { params });
  const [turns, messages, analyses, interventions, questions, changes] = await Promise.all([
    api(runTurns, { params, query: { after: Math.max(0, run.turn - newest), limit: newest } }),
    api(runMessages, { params }),
    api(runAnalyses, { params }),
    api(listInterventions, { query: { run_id: run.id } }),
    api(listQuestions, {}),
    tab === 'changes' ? api(runDiff, { params, query: { from: 'base' } }) : null,
  ]);
  return {
    tab,
    changes,
    state: {
      run,
      turns: turns.items,
      messages: messages.items,
      analyses: analyses.items,
      interventions: interventions.items,
      questions: questions.items.filter((question) => question.run_id === run.id),
    },
  };
};

export type RunPage = ReturnType<typeof useLoaderData<typeof loader>>;

export default function RunRoute() {
  const page = useLoaderData<typeof loader>();
  // Another run is another page: nothing of the last one's stream stays.
  return <RunView key={page.state.run.id} page={page} />;
}

/** The stream reads for itself what changes; only another run or tab asks the loader again. */
export const shouldRevalidate = ({ currentUrl, nextUrl }: { currentUrl: URL; nextUrl: URL }) =>
  currentUrl.href !== nextUrl.href;

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
