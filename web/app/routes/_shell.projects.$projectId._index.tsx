import type { MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import type { ReactNode } from 'react';
import { ButtonLink } from '../components/button.tsx';
import { Card, Empty, Stat } from '../components/card.tsx';
import { SpecRow } from '../components/command/recent.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Environment } from '../components/project/environment.tsx';
import { ReplaceToken } from '../components/project/replace-token.tsx';
import { Queue } from '../components/project/queue.tsx';
import { SpecAtWorkRow } from '../components/project/spec-at-work.tsx';
import { WorkByState } from '../components/project/work-by-state.tsx';
import { PullRow } from '../components/pull-request/pull-row.tsx';
import { TextLink } from '../components/text-link.tsx';
import { count, money, plural } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { loadProjectPage } from '../lib/project-page.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data?.project.name ?? 'Project'} · OmoiOS` },
];
export const handle = {
  organization: ({ project }: { project: { organization_id: string } }) => project.organization_id,
  crumbs: ({ project }: { project: { name: string } }) => [
    { label: 'Projects', to: '/projects' },
    { label: project.name },
  ],
};

export const loader = loadProjectPage;

export default function Project() {
  const { project, specs, at_work: atWork, pulls, queue, names, stats, environment } = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.project_id === project.id && !/^run\.(turn|tool|message)/.test(event.type), 1200);
  const done = stats.tasks.by_status.completed ?? 0;
  return (
    <div>
      <PageTitle
        title={project.name}
        note={
          <span className="figures break-all">
            {project.repository.path ?? project.repository.url}, {project.default_branch}
          </span>
        }
      >
        <ReplaceToken project={project} />
        <ButtonLink to={`/projects/${project.id}/settings`}>Settings</ButtonLink>
        <ButtonLink to={`/projects/${project.id}/specs`}>Specs</ButtonLink>
        <ButtonLink to={`/projects/${project.id}/explore`}>Explore</ButtonLink>
        <ButtonLink to={`/memory?project=${project.id}`}>Memory</ButtonLink>
        <ButtonLink to={`/graph/${project.id}`}>Dependencies</ButtonLink>
        <ButtonLink to={`/board/${project.id}`}>Board</ButtonLink>
        <ButtonLink look="primary" to={`/command?project=${project.id}`}>
          New feature
        </ButtonLink>
      </PageTitle>
      <dl className="mb-4 grid grid-cols-2 gap-x-4 gap-y-3 rounded-lg border bg-card px-4 py-3 sm:grid-cols-3 lg:grid-cols-6">
        <Figure name="Specs">{count(stats.specs.total)}</Figure>
        <Figure name="Tickets">{count(stats.tickets.total)}</Figure>
        <Figure name="Tasks">
          {count(done)} of {count(stats.tasks.total)} done
        </Figure>
        <Figure name="Agents" title="Runs that have not ended">
          {count(stats.agents.total)}
        </Figure>
        <Figure name="Commits">{count(stats.commits)}</Figure>
        <Figure name="Spent" title="Cost of the model at list price">
          {money(stats.cost_micros)}
        </Figure>
      </dl>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="min-w-0 space-y-4">
          {atWork.length > 0 && (
            <Card title="At work" flush>
              <ul className="divide-y">
                {atWork.map((spec) => (
                  <li key={spec.id}>
                    <SpecAtWorkRow spec={spec} usual={stats.spec_seconds} />
                  </li>
                ))}
              </ul>
            </Card>
          )}
          <WorkByState stats={stats} projectId={project.id} />
          <Card title="Newest specs" flush>
            {specs.items.length === 0 ? (
              <Empty title="No specs yet">
                <ButtonLink to={`/command?project=${project.id}`}>Describe a feature</ButtonLink>
              </Empty>
            ) : (
              <>
                <ul className="divide-y">
                  {specs.items.map((spec) => (
                    <li key={spec.id}>
                      <SpecRow spec={spec} />
                    </li>
                  ))}
                </ul>
                <p className="border-t px-4 py-2 text-xs">
                  <TextLink to={`/projects/${project.id}/specs`}>
                    {stats.specs.total === 1 ? 'The list of specs' : `All ${plural(stats.specs.total, 'spec')}`}
                  </TextLink>
                </p>
              </>
            )}
          </Card>
        </div>
        <div className="min-w-0 space-y-4">
          <Environment environment={environment} project={project} />
          <Queue queue={queue} names={names} />
          <Card title="Pull requests" flush>
            {pulls.length === 0 ? (
              <Empty title="None yet" />
            ) : (
              <ul className="divide-y">
                {pulls.map((pull) => (
                  <li key={pull.id}>
                    <PullRow pull={pull} />
                  </li>
                ))}
              </ul>
            )}
          </Card>
        </div>
      </div>
    </div>
  );
}

const Figure = ({ name, title, children }: { name: string; title?: string; children: ReactNode }) => (
  <Stat name={name} title={title}>
    <span className="figures">{children}</span>
  </Stat>
);

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
