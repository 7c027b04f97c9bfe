import type { MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { PhaseBar } from '../components/phase-bar.tsx';
import { GatePanel } from '../components/spec/gate-panel.tsx';
import { QuestionsCard } from '../components/spec/questions-card.tsx';
import { RetryPanel, stopped } from '../components/spec/retry-panel.tsx';
import { SpecAside } from '../components/spec/spec-aside.tsx';
import { SpecHeader } from '../components/spec/spec-header.tsx';
import { SpecTab } from '../components/spec/spec-tab.tsx';
import { Tabs } from '../components/tabs.tsx';
import { useRefreshOn, useRefreshWhile } from '../lib/live.tsx';
import { loadSpecPage } from '../lib/spec-page.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `${data?.spec.title ?? 'Spec'} · OmoiOS` }];

export const handle = {
  organization: ({ spec }: { spec: { organization_id: string } }) => spec.organization_id,
  crumbs: ({ spec, project }: { spec: { title: string }; project: { id: string; name: string } }) => [
    { label: 'Projects', to: '/projects' },
    { label: project.name, to: `/projects/${project.id}` },
    { label: spec.title },
  ],
};

export const loader = loadSpecPage;

export default function SpecRoute() {
  const page = useLoaderData<typeof loader>();
  const { spec, phases, tab, tabs } = page;
  const runs = new Set(page.runs.map((run) => run.id));
  useRefreshOn(({ data, entity }) => data.spec_id === spec.id || entity.id === spec.id || runs.has(entity.id), 900);
  useRefreshWhile(spec.ended_at === null && !['draft', 'created'].includes(spec.status));
  const gate = phases.find((phase) => phase.at_gate);
  const stop = stopped(page);
  return (
    <div className="space-y-4">
      <SpecHeader page={page} errorShown={stop !== undefined} />
      <PhaseBar phases={phases} current={spec.current_phase} live={spec.status === 'executing'} />
      {stop && <RetryPanel page={page} kind={stop} />}
      <QuestionsCard page={page} />
      {gate && <GatePanel spec={spec} phase={gate} />}
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-[minmax(0,1fr)_17rem]">
        <div className="min-w-0 space-y-4">
          <Tabs label="Parts of the spec" tabs={tabs} active={tab} />
          <SpecTab page={page} />
        </div>
        <SpecAside page={page} />
      </div>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
