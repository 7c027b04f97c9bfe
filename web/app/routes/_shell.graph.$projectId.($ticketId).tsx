import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData, useSearchParams, type ShouldRevalidateFunction } from '@remix-run/react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { dependencyGraphOfTicket, projectGraph } from '#server/contracts/graph.ts';
import { getProject } from '#server/contracts/projects.ts';
import { getTicket } from '#server/contracts/tickets.ts';
import { ButtonLink } from '../components/button.tsx';
import { Card, Empty, Notice } from '../components/card.tsx';
import { TextInput } from '../components/field.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { GraphLegend } from '../components/project/graph-legend.tsx';
import { GraphTable } from '../components/project/graph-table.tsx';
import { Skeleton } from '../components/skeleton.tsx';
import { TextLink } from '../components/text-link.tsx';
import { apiFor } from '../lib/api.server.ts';
import { plural } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { foundNodes, nodeAddress, shownGraph, type GraphNode } from '../lib/shown-graph.ts';

// Only this page needs it, and it is large. It needs a browser.
const ProjectGraph = lazy(() => import('../components/project/project-graph.tsx'));

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Dependencies of ${data?.ticket?.key ?? data?.project.name ?? 'a project'} · OmoiOS` },
];
export const handle = {
  organization: ({ project }: { project: { organization_id: string } }) => project.organization_id,
  crumbs: ({ project, ticket }: { project: { id: string; name: string }; ticket: { key: string } | null }) => [
    { label: 'Projects', to: '/projects' },
    { label: project.name, to: `/projects/${project.id}` },
    { label: 'Dependencies', to: ticket ? `/graph/${project.id}` : undefined },
    ...(ticket ? [{ label: ticket.key }] : []),
  ],
};

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const { projectId = '', ticketId } = where.params;
  const [project, ticket, graph] = await Promise.all([
    api(getProject, { params: { id: projectId } }),
    ticketId ? api(getTicket, { params: { id: ticketId } }) : null,
    ticketId
      ? api(dependencyGraphOfTicket, { params: { id: ticketId } })
      : api(projectGraph, { params: { id: projectId } }),
  ]);
  return {
    project: { id: project.id, name: project.name, organization_id: project.organization_id },
    ticket: ticket && { id: ticket.id, key: ticket.key, title: ticket.title },
    graph,
  };
};

/**
 * The browser draws another choice from the graph that it has. If the choice interrupts a reload, the data is loaded
 * again: what the reload would have brought would be missing until the next event.
 */
export const shouldRevalidate: ShouldRevalidateFunction = ({ currentUrl, nextUrl, defaultShouldRevalidate }) => {
  const chosen = currentUrl.pathname === nextUrl.pathname && currentUrl.search !== nextUrl.search;
  return chosen && window.__remixRouter.state.revalidation === 'idle' ? false : defaultShouldRevalidate;
};

const changing = /^(task|ticket|tasks|discovery|spec\.(synced|archived|restored)|run\.created)/;

export default function GraphPage() {
  const { project, ticket, graph } = useLoaderData<typeof loader>();
  const [search, setSearch] = useSearchParams();
  const [centre, setCentre] = useState<{ id: string; step: number }>();
  const [drawn, setDrawn] = useState(false);
  useEffect(() => setDrawn(true), []);
  useRefreshOn((event) => event.project_id === project.id && changing.test(event.type), 1200);
  const show = (['tasks', 'tickets'] as const).find((one) => one === search.get('show')) ?? 'all';
  const open = search.get('state') === 'open';
  const near = search.get('near') ?? undefined;
  const direction = search.get('direction') === 'right' ? 'LR' : 'TB';
  const text = search.get('search') ?? '';
  const { nodes, lines } = useMemo(() => shownGraph(graph, { show, open, near }), [graph, show, open, near]);
  const found = useMemo(() => (text.trim() ? foundNodes(nodes, text).map(({ id }) => id) : undefined), [nodes, text]);
  const addressOf = useCallback((node: GraphNode) => nodeAddress(project.id, node), [project.id]);
  const middle = near && graph.nodes.find(({ id }) => id === near);
  const asTable = search.get('view') === 'table';
  const change = (name: string, value: string) =>
    setSearch(
      (known) => {
        if (value) known.set(name, value);
        else known.delete(name);
        return known;
      },
      { replace: true, preventScrollReset: true },
    );
  return (
    <div>
      <PageTitle
        title="Dependencies"
        note={
          <>
            {ticket ? `${ticket.key} ${ticket.title}: ` : `${project.name}: `}
            {plural(nodes.length, 'node')}
            {graph.critical_path.length > 1 && `, longest chain ${plural(graph.critical_path.length, 'task')}`}
          </>
        }
      >
        <FilterLinks
          name="show"
          label="Nodes"
          chosen={show === 'all' ? '' : show}
          options={[
            { value: '', label: 'All' },
            { value: 'tasks', label: 'Tasks' },
            { value: 'tickets', label: 'Tickets' },
          ]}
        />
        <FilterLinks
          name="state"
          label="State"
          chosen={open ? 'open' : ''}
          options={[
            { value: '', label: 'All' },
            { value: 'open', label: 'Open' },
          ]}
        />
        {!asTable && (
          <FilterLinks
            name="direction"
            label="Direction"
            chosen={direction === 'LR' ? 'right' : ''}
            options={[
              { value: '', label: 'Down' },
              { value: 'right', label: 'Right' },
            ]}
          />
        )}
        <FilterLinks
          name="view"
          label="View"
          chosen={asTable ? 'table' : ''}
          options={[
            { value: '', label: 'Graph' },
            { value: 'table', label: 'Table' },
          ]}
        />
        <form
          role="search"
          className="flex items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            const at = found?.indexOf(centre?.id ?? '') ?? -1;
            const next = found?.[(at + 1) % found.length];
            if (next) setCentre({ id: next, step: (centre?.step ?? 0) + 1 });
          }}
        >
          <TextInput
            type="search"
            aria-label="Search keys and titles"
            placeholder="Key or title"
            title="Enter goes to the next one"
            value={text}
            onChange={(event) => change('search', event.target.value)}
            className="!h-8 !w-40"
          />
          <span role="status" className="figures w-14 text-xs text-muted">
            {found && `${found.length} found`}
          </span>
        </form>
      </PageTitle>
      {graph.more && (
        <div className="mb-3">
          <Notice tone="info">
            The graph shows the newest 200 tickets. Older ones are on the{' '}
            <TextLink to={`/board/${project.id}?of=tickets`}>board</TextLink>.
          </Notice>
        </div>
      )}
      {middle && (
        <p className="mb-3 flex flex-wrap items-center gap-3 text-sm">
          <span>
            Only <span className="figures">{middle.label}</span> and its neighbours
          </span>
          <button type="button" onClick={() => change('near', '')} className="text-info underline underline-offset-2">
            Show all
          </button>
        </p>
      )}
      {nodes.length === 0 ? (
        <Card>
          {graph.nodes.length === 0 ? (
            <Empty title="No tickets or tasks yet">
              <ButtonLink to={`/command?project=${project.id}`}>Describe a feature</ButtonLink>
            </Empty>
          ) : (
            <Empty title="Nothing fits this choice">
              <TextLink to={{ search: '' }}>Show everything</TextLink>
            </Empty>
          )}
        </Card>
      ) : asTable ? (
        <GraphTable
          nodes={found ? nodes.filter(({ id }) => found.includes(id)) : nodes}
          lines={lines}
          chain={graph.critical_path}
          addressOf={addressOf}
        />
      ) : (
        <figure>
          <div
            role="region"
            aria-label="Graph of dependencies"
            className="h-[60dvh] min-h-96 md:h-[calc(100dvh-15rem)] overflow-hidden rounded-lg border bg-side"
          >
            {drawn ? (
              <Suspense fallback={<Skeleton rows={8} label="Loading the graph" />}>
                <ProjectGraph
                  nodes={nodes}
                  lines={lines}
                  direction={direction}
                  found={found}
                  centre={centre}
                  addressOf={addressOf}
                />
              </Suspense>
            ) : (
              <Skeleton rows={8} label="Loading the graph" />
            )}
          </div>
          <GraphLegend lines={lines} />
        </figure>
      )}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
