import type { MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSubmit } from '@remix-run/react';
import { useRef } from 'react';
import { MovesTickets } from '../components/board/moving.tsx';
import { AutonomousSwitch } from '../components/board/autonomous-switch.tsx';
import { NewTicket } from '../components/board/new-ticket.tsx';
import { Column } from '../components/board/column.tsx';
import { TicketPanel } from '../components/board/ticket-panel.tsx';
import { priorities } from '#workflows/domain/tasks/states.ts';
import { TextInput } from '../components/field.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { loadBoardPage } from '../lib/board-page.server.ts';
import { plural } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Board${data?.project ? ` of ${data.project.name}` : ''} · OmoiOS` },
];

export const handle = {
  organization: ({ project }: { project: { organization_id: string } | null }) => project?.organization_id,
  crumbs: ({ project }: { project: { id: string; name: string } | null }) =>
    project
      ? [
          { label: 'Projects', to: '/projects' },
          { label: project.name, to: `/projects/${project.id}` },
          { label: 'Board' },
        ]
      : [{ label: 'Board' }],
};

export const loader = loadBoardPage;

const priorityOptions = [
  { value: '', label: 'All' },
  ...priorities.map((value) => ({ value, label: value.charAt(0) + value.slice(1).toLowerCase() })),
];
const blockedOptions = [
  { value: '', label: 'All' },
  { value: 'true', label: 'Blocked' },
];
const modeOptions = [
  { value: '', label: 'All' },
  { value: 'quick', label: 'Without plans' },
];

const laneOptions = [
  { value: '', label: 'No lanes' },
  { value: 'spec', label: 'By spec' },
];

const moving =
  /^(task|ticket|board|tasks|discovery|diagnostic|merge|run\.(created|ended)|spec\.(synced|archived|restored))/;

export default function Board() {
  const { project, of, filter, narrow, board, ticket, lanes } = useLoaderData<typeof loader>();
  const submit = useSubmit();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useRefreshOn((event) => moving.test(event.type) && (!project || event.project_id === project.id));
  return (
    <div className="flex flex-col">
      <PageTitle
        title={project ? project.name : 'All projects'}
        note={`${plural(board.total, of === 'tasks' ? 'task' : 'ticket')}${filter.spec_id ? ' of one spec' : ''}${filter.search ? ' found' : ''}`}
      >
        {project && <NewTicket project={project} />}
        {project && <AutonomousSwitch project={project} />}
        <FilterLinks
          name="of"
          label="Cards"
          chosen={of === 'tasks' ? '' : of}
          options={[
            { value: '', label: 'Tasks' },
            { value: 'tickets', label: 'Tickets' },
          ]}
        />
        <FilterLinks name="lanes" label="Lanes" chosen={lanes ? 'spec' : ''} options={laneOptions} />
        {of === 'tickets' && project && (
          <>
            <FilterLinks name="priority" label="Priority" chosen={narrow.priority ?? ''} options={priorityOptions} />
            <FilterLinks name="blocked" label="Blocked" chosen={narrow.blocked ?? ''} options={blockedOptions} />
            <FilterLinks name="mode" label="Work" chosen={narrow.workflow_mode ?? ''} options={modeOptions} />
          </>
        )}
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
          {narrow.priority && <input type="hidden" name="priority" value={narrow.priority} />}
          {lanes && <input type="hidden" name="lanes" value="spec" />}
          {narrow.blocked && <input type="hidden" name="blocked" value={narrow.blocked} />}
          {narrow.workflow_mode && <input type="hidden" name="mode" value={narrow.workflow_mode} />}
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
      <MovesTickets>
        <div
          tabIndex={0}
          role="region"
          aria-label="Columns"
          className="relative -mx-3 flex snap-x snap-mandatory gap-3 overflow-x-auto scroll-px-3 px-3 pb-3 md:mx-0 md:snap-none md:px-0"
        >
          {board.columns.map((column) => (
            <Column key={`${of}-${column.id}`} column={column} of={of} filter={filter} narrow={narrow} lanes={lanes} />
          ))}
        </div>
      </MovesTickets>
      {ticket && <TicketPanel details={ticket} />}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
