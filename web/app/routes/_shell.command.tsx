import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { onboardingStatus } from '#server/contracts/onboarding.ts';
import { listInbox } from '#server/contracts/inbox.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { listSpecs } from '#server/contracts/specs.ts';
import { Prompt } from '../components/command/prompt.tsx';
import { NeedsYou } from '../components/command/needs-you.tsx';
import { RecentRuns, RecentSpecs } from '../components/command/recent.tsx';
import { Checklist } from '../components/onboarding/checklist.tsx';
import { apiFor } from '../lib/api.server.ts';
import { runLine } from '../lib/lines.ts';
import { launchFromPrompt } from '../lib/launch.server.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction = () => [{ title: 'Command · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Command' }] };

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const [projects, specs, runs, { items: waiting }, onboarding] = await Promise.all([
    api(listProjects, { query: { status: 'active', limit: 200 } }),
    api(listSpecs, { query: { limit: 6 } }),
    api(listRuns, { query: { limit: 8 } }),
    api(listInbox, { query: {} }),
    api(onboardingStatus, {}),
  ]);
  const mine = projects.items.map(({ id, name, repository, default_branch }) => ({
    id,
    name,
    repository: repository.path ?? repository.url ?? '',
    default_branch,
  }));
  const asked = new URL(where.request.url).searchParams;
  const wanted = asked.get('project');
  return {
    project: mine.some(({ id }) => id === wanted) ? wanted : null,
    mode: asked.get('mode') === 'spec_driven' ? ('spec_driven' as const) : ('quick' as const),
    models: where.context.offeredModels,
    projects: mine,
    specs: specs.items,
    runs: runs.items.map(runLine),
    waiting,
    onboarding,
    launch_key: crypto.randomUUID(),
    model_provider: where.context.modelProvider,
    judge_note: where.context.judgeNote,
    night_raise_usd: where.context.nightRaiseUsd,
  };
};

export const action = launchFromPrompt;

const listed =
  /^(spec\.|run\.(created|started|status_changed|ended)|question\.|pull_request\.|ticket\.review|project\.)/;

export default function Command() {
  const {
    project,
    mode,
    models,
    projects,
    specs,
    runs,
    waiting,
    onboarding,
    launch_key: key,
    model_provider: provider,
    judge_note: judge,
    night_raise_usd: nightRaiseUsd,
  } = useLoaderData<typeof loader>();
  useRefreshOn((event) => listed.test(event.type));
  return (
    <div className="mx-auto max-w-4xl space-y-6">
      <h1 className="pt-2 text-center text-2xl font-semibold tracking-tight sm:pt-8">What do you want to build?</h1>
      <Prompt
        projects={projects}
        wanted={project}
        wantedMode={mode}
        models={models}
        launchKey={key}
        scripted={provider === 'rehearsal'}
        judge={judge}
        nightRaiseUsd={nightRaiseUsd}
      />
      <NeedsYou items={waiting} />
      <Checklist state={onboarding} />
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-2">
        <RecentSpecs specs={specs} />
        <RecentRuns runs={runs} />
      </div>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
