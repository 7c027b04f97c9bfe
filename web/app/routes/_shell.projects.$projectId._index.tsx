import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useCallback } from 'react';
import { taskBoard } from '#server/contracts/board.ts';
import { getEnvironment } from '#server/contracts/environment.ts';
import { getProject, getQueue } from '#server/contracts/projects.ts';
import { listPullRequests } from '#server/contracts/pull-requests.ts';
import { listSpecs } from '#server/contracts/specs.ts';
import { projectGraph } from '#server/contracts/graph.ts';
import { costSummary } from '#server/contracts/costs.ts';
import { ButtonLink } from '../components/button.tsx';
import { Card, Empty, Stat } from '../components/card.tsx';
import { SpecRow } from '../components/command/recent.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Environment } from '../components/project/environment.tsx';
import { GraphTable } from '../components/project/graph-table.tsx';
import { ReplaceToken } from '../components/project/replace-token.tsx';
import { Queue } from '../components/project/queue.tsx';
import { PullRow, pullLine } from '../components/pull-request/pull-row.tsx';
import { Tabs } from '../components/tabs.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { count, money } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { useMore } from '../lib/use-more.ts';

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

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const id = where.params.projectId ?? '';
  const project = await api(getProject, { params: { id } });
  const wanted = new URL(where.request.url).searchParams.get('tab');
  const tab = wanted === 'graph' ? ('graph' as const) : ('overview' as const);
  const [specs, pulls, queue, board, cost, graph, environment] = await Promise.all([
    api(listSpecs, { query: { project_id: id, limit: 20 } }),
    api(listPullRequests, { query: { project_id: id, limit: 10 } }),
    api(getQueue, { params: { id } }).catch(() => null),
    api(taskBoard, { query: { project_id: id, per_column: 50 } }),
    api(costSummary, { query: { scope_type: 'project', scope_id: id } }),
    tab === 'graph' ? api(projectGraph, { params: { id } }) : null,
    api(getEnvironment, { params: { id } }),
  ]);
  return {
    project,
    tab,
    specs,
    pulls: pulls.items.map(pullLine),
    queue,
    names: Object.fromEntries(
      board.columns.flatMap(({ items }) => items.map((task) => [task.id, `${task.key} ${task.title}`])),
    ),
    columns: board.columns.map(({ id: column, title, total }) => ({ id: column, title, total })),
    cost_micros: cost.cost_micros,
    graph,
    environment,
  };
};

export default function Project() {
  const {
    project,
    tab,
    specs,
    pulls,
    queue,
    names,
    columns,
    cost_micros: cost,
    graph,
    environment,
  } = useLoaderData<typeof loader>();
  useRefreshOn((event) => event.project_id === project.id && !event.type.startsWith('run.'), 1200);
  const list = useMore(
    specs,
    useCallback(
      (cursor: string) => call(listSpecs, { query: { project_id: project.id, cursor, limit: 20 } }),
      [project.id],
    ),
    project.id,
  );
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
        <ButtonLink to={`/board/${project.id}`}>Board</ButtonLink>
        <ButtonLink look="primary" to={`/command?project=${project.id}`}>
          New feature
        </ButtonLink>
      </PageTitle>
      <dl className="mb-4 grid grid-cols-2 gap-x-4 gap-y-3 rounded-lg border bg-card px-4 py-3 sm:grid-cols-3 lg:grid-cols-6">
        {columns.map((column) => (
          <Stat key={column.id} name={`Tasks: ${column.title.toLowerCase()}`}>
            <span className="figures">{count(column.total)}</span>
          </Stat>
        ))}
        <Stat name="Spent" title="Cost of the model at list price">
          <span className="figures">{money(cost)}</span>
        </Stat>
      </dl>
      <Tabs
        label="Parts of the project"
        active={tab}
        tabs={[
          { id: 'overview', label: 'Overview' },
          { id: 'graph', label: 'Dependencies' },
        ]}
      />
      {tab === 'graph' && graph && <GraphTable graph={graph} />}
      {tab === 'overview' && (
        <div className="mt-4 grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <Card title="Specs" flush>
            {list.items.length === 0 ? (
              <Empty title="No specs yet">
                <ButtonLink to={`/command?project=${project.id}`}>Describe a feature</ButtonLink>
              </Empty>
            ) : (
              <ul className="divide-y">
                {list.items.map((spec) => (
                  <li key={spec.id}>
                    <SpecRow spec={spec} />
                  </li>
                ))}
              </ul>
            )}
            <MoreButton list={list} />
          </Card>
          <div className="space-y-4">
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
      )}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
