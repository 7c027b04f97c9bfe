import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSubmit } from '@remix-run/react';
import { useCallback, useRef, useState } from 'react';
import { listSandboxes } from '#server/contracts/sandboxes.ts';
import { sandboxStateNames } from '#workflows/domain/tasks/states.ts';
import { Dot, StatusBadge } from '../components/badge.tsx';
import { Card, Empty } from '../components/card.tsx';
import { TextInput } from '../components/field.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { EndSandbox, SandboxActions, type Ending, type SandboxRow } from '../components/run/end-sandbox.tsx';
import { RowTitle, Table, type Column } from '../components/table.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { money, percent } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { alignmentTone } from '../lib/status.ts';
import { useMore } from '../lib/use-more.ts';

export const meta: MetaFunction = () => [{ title: 'Sandboxes · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Sandboxes' }] };

const labels: Record<(typeof sandboxStateNames)[number], string> = {
  running: 'Running',
  validating: 'Validating',
  awaiting_validation: 'Awaiting validation',
  pending: 'Pending',
  completed: 'Completed',
  failed: 'Failed',
};

export const loader = async (where: LoaderFunctionArgs) => {
  const asked = new URL(where.request.url).searchParams;
  const state = sandboxStateNames.find((name) => name === asked.get('state'));
  const search = asked.get('search')?.trim().slice(0, 200) || undefined;
  return { state, search, ...(await apiFor(where)(listSandboxes, { query: { state, search, limit: 50 } })) };
};

const columns: Column<SandboxRow>[] = [
  {
    id: 'title',
    head: 'Task',
    main: true,
    cell: (row) => <RowTitle title={row.title} note={row.sandbox_id ?? row.key} />,
  },
  {
    id: 'type',
    head: 'Type',
    from: 'md',
    cell: (row) => <span className="text-xs text-muted">{row.task_type.replace(/_/g, ' ')}</span>,
  },
  {
    id: 'alignment',
    head: 'Alignment',
    from: 'lg',
    right: true,
    cell: ({ alignment }) =>
      alignment !== null && (
        <span className="figures inline-flex items-center gap-1.5 text-xs">
          <Dot tone={alignmentTone(alignment)} />
          {percent(alignment)}
        </span>
      ),
  },
  {
    id: 'cost',
    head: 'Cost',
    from: 'sm',
    right: true,
    cell: (row) => <span className="figures text-xs">{money(row.cost_micros)}</span>,
  },
  { id: 'status', head: 'Status', cell: (row) => <StatusBadge status={row.status} /> },
  {
    id: 'age',
    head: 'Age',
    from: 'sm',
    right: true,
    cell: (row) => <Ago at={row.created_at} className="text-xs text-muted" />,
  },
];

export default function Sandboxes() {
  const { state, search, counts, ...first } = useLoaderData<typeof loader>();
  const [ending, setEnding] = useState<Ending>();
  const submit = useSubmit();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useRefreshOn((event) => /^(task\.|run\.(created|ended|turn\.completed))/.test(event.type), 1000);
  const load = useCallback(
    (cursor: string) => call(listSandboxes, { query: { state, search, cursor, limit: 50 } }),
    [state, search],
  );
  const list = useMore(first, load, `${state} ${search}`);
  const withActions: Column<SandboxRow>[] = [
    ...columns,
    { id: 'actions', head: 'End', right: true, cell: (row) => <SandboxActions row={row} onEnd={setEnding} /> },
  ];
  const all = Object.values(counts).reduce((sum, number) => sum + number, 0);
  return (
    <div>
      <PageTitle title="Sandboxes" note="The work in sandboxes, by task.">
        <Form
          role="search"
          className="w-48"
          onChange={(event) => {
            const form = event.currentTarget;
            clearTimeout(timer.current);
            timer.current = setTimeout(() => submit(form, { replace: true, preventScrollReset: true }), 250);
          }}
        >
          {state && <input type="hidden" name="state" value={state} />}
          <TextInput
            type="search"
            name="search"
            aria-label="Search titles, types and ids"
            placeholder="Title, type or id"
            defaultValue={search}
            className="!h-8"
          />
        </Form>
      </PageTitle>
      <div className="mb-3">
        <FilterLinks
          name="state"
          label="State"
          chosen={state ?? ''}
          options={[
            { value: '', label: 'All', count: all },
            ...sandboxStateNames.map((value) => ({ value, label: labels[value], count: counts[value] })),
          ]}
        />
      </div>
      <Card flush>
        {list.items.length === 0 ? (
          <Empty title={search || state ? 'No such work' : 'No work in sandboxes yet'} />
        ) : (
          <Table
            label="Sandboxes"
            columns={withActions}
            rows={list.items}
            to={(row) => (row.run_id ? `/runs/${row.run_id}` : `/tickets/${row.ticket_id}`)}
          />
        )}
        <MoreButton list={list} />
      </Card>
      {ending && <EndSandbox ending={ending} onClose={() => setEnding(undefined)} />}
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
