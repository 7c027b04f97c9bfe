import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSubmit } from '@remix-run/react';
import { useRef } from 'react';
import { taskBoard, ticketBoard } from '#server/contracts/board.ts';
import { getProject } from '#server/contracts/projects.ts';
import { Column } from '../components/board/column.tsx';
import { TicketPanel } from '../components/board/ticket-panel.tsx';
import { TextInput } from '../components/field.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { apiFor } from '../lib/api.server.ts';
import { plural } from '../lib/format.ts';
import { taskLine, ticketLine } from '../lib/lines.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { loadTicket } from '../lib/ticket-details.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Board${data?.project ? ` of ${data.project.name}` : ''} · OmoiOS` },
];

export const handle = {
  crumbs: ({ project }: { project: { id: string; name: string } | null }) =>
    project
      ? [
          { label: 'Projects', to: '/projects' },
          { label: project.name, to: `/projects/${project.id}` },
          { label: 'Board' },
        ]
      : [{ label: 'Board' }],
};

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const projectId = where.params.projectId === 'all' ? undefined : where.params.projectId;
  const search = new URL(where.request.url).searchParams;
  const of = search.get('of') === 'tickets' ? ('tickets' as const) : ('tasks' as const);
  const filter = {
    project_id: projectId,
    spec_id: search.get('spec') ?? undefined,
    search: search.get('search')?.trim() || undefined,
  };
  const [project, board, ticket] = await Promise.all([
    projectId ? api(getProject, { params: { id: projectId } }) : null,
    of === 'tasks'
      ? api(taskBoard, { query: filter }).then(({ total, columns }) => ({
          total,
          columns: columns.map((column) => ({
            ...column,
            items: column.items.map((task) => ({ of: 'task' as const, ...taskLine(task) })),
          })),
        }))
      : api(ticketBoard, { query: filter }).then(({ total, columns }) => ({
          total,
          columns: columns.map((column) => ({
            ...column,
            items: column.items.map((one) => ({ of: 'ticket' as const, ...ticketLine(one) })),
          })),
        })),
    search.get('open') ? loadTicket(api, search.get('open') ?? '') : null,
  ]);
  return { project: project && { id: project.id, name: project.name }, of, filter, board, ticket };
};

export type BoardPage = ReturnType<typeof useLoaderData<typeof loader>>;

const moving = /^(task|ticket|tasks|discovery|merge|run\.(created|ended)|spec\.synced)/;

export default function Board() {
  const { project, of, filter, board, ticket } = useLoaderData<typeof loader>();
  const submit = useSubmit();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useRefreshOn((event) => moving.test(event.type) && (!project || event.project_id === project.id));
  return (
    <div className="flex flex-col">
      <PageTitle
        title={project ? project.name : 'All projects'}
        note={`${plural(board.total, of === 'tasks' ? 'task' : 'ticket')}${filter.spec_id ? ' of one spec' : ''}${filter.search ? ' found' : ''}`}
      >
        <FilterLinks
          name="of"
          label="Cards"
          chosen={of === 'tasks' ? '' : of}
          options={[
            { value: '', label: 'Tasks' },
            { value: 'tickets', label: 'Tickets' },
          ]}
        />
        <Form
          role="search"
          className="w-48"
          onChange={(event) => {
            const form = event.currentTarget;
            clearTimeout(timer.current);
            timer.current = setTimeout(() => submit(form, { replace: true, preventScrollReset: true }), 250);
          }}
        >
          {of === 'tickets' && <input type="hidden" name="of" value="tickets" />}
          {filter.spec_id && <input type="hidden" name="spec" value={filter.spec_id} />}
          <TextInput
            type="search"
            name="search"
            aria-label="Search titles and keys"
            placeholder="Title or key"
            defaultValue={filter.search}
            className="!h-8"
          />
        </Form>
      </PageTitle>
      <div
        tabIndex={0}
        role="region"
        aria-label="Columns"
        className="-mx-3 flex snap-x snap-mandatory gap-3 overflow-x-auto scroll-px-3 px-3 pb-3 md:mx-0 md:snap-none md:px-0"
      >
        {board.columns.map((column) => (
          <Column key={`${of}-${column.id}`} column={column} of={of} filter={filter} />
        ))}
      </div>
      {ticket && <TicketPanel details={ticket} />}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
