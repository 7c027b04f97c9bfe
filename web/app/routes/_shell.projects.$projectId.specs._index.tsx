import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSubmit } from '@remix-run/react';
import { useCallback, useRef } from 'react';
import { getProject } from '#server/contracts/projects.ts';
import { listSpecs } from '#server/contracts/specs.ts';
import { phaseTitle } from '#workflows/domain/phases/names.ts';
import { statusesOf } from '#workflows/domain/transitions.ts';
import { Badge, StatusBadge } from '../components/badge.tsx';
import { Button, ButtonLink } from '../components/button.tsx';
import { Card, Empty, Notice } from '../components/card.tsx';
import { TextInput } from '../components/field.tsx';
import type { SpecRecord } from '../components/command/recent.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { MoreButton } from '../components/more-button.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { Progress } from '../components/progress.tsx';
import { ImportSpec } from '../components/project/import-spec.tsx';
import { NewDraft } from '../components/project/new-draft.tsx';
import { RowTitle, Table, type Column } from '../components/table.tsx';
import { TextLink } from '../components/text-link.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';
import { call } from '../lib/browser-api.ts';
import { plural } from '../lib/format.ts';
import { useRefreshOn } from '../lib/live.tsx';
import { statusOf } from '../lib/status.ts';
import { useChosenSpecs } from '../lib/use-chosen-specs.ts';
import { useMore } from '../lib/use-more.ts';
import { useLacks } from '../lib/viewer.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `Specs of ${data?.project.name ?? 'a project'} · OmoiOS` },
];
export const handle = {
  organization: ({ project }: { project: { organization_id: string } }) => project.organization_id,
  crumbs: ({ project }: { project: { id: string; name: string } }) => [
    { label: 'Projects', to: '/projects' },
    { label: project.name, to: `/projects/${project.id}` },
    { label: 'Specs' },
  ],
};

const limit = 50;

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const asked = new URL(where.request.url).searchParams;
  const id = where.params.projectId ?? '';
  const filter = {
    project_id: id,
    status: statusesOf('spec').find((status) => status === asked.get('status')),
    search: asked.get('search')?.trim().slice(0, 200) || undefined,
    include_archived: asked.get('archived') === 'shown' ? ('true' as const) : ('false' as const),
  };
  const [project, specs] = await Promise.all([
    api(getProject, { params: { id } }),
    api(listSpecs, { query: { ...filter, limit } }),
  ]);
  return { project: { id, name: project.name, organization_id: project.organization_id }, filter, specs };
};

const columns: Column<SpecRecord>[] = [
  {
    id: 'title',
    head: 'Title',
    main: true,
    cell: (spec) => (
      <span className="flex items-center gap-2">
        <RowTitle title={spec.title} note={spec.waiting_reason ?? undefined} />
        {spec.archived_at && <Badge>Archived</Badge>}
      </span>
    ),
  },
  { id: 'status', head: 'Status', cell: (spec) => <StatusBadge status={spec.status} /> },
  {
    id: 'phase',
    head: 'Phase',
    from: 'md',
    cell: (spec) => <span className="text-xs text-muted">{phaseTitle(spec.current_phase)}</span>,
  },
  {
    id: 'progress',
    head: 'Progress',
    from: 'sm',
    right: true,
    cell: (spec) => (
      <span className="flex items-center justify-end gap-2">
        <Progress quiet share={spec.progress / 100} label="Planned" className="w-14" />
        <span className="figures text-xs">{spec.progress} %</span>
      </span>
    ),
  },
  {
    id: 'updated',
    head: 'Updated',
    from: 'sm',
    right: true,
    cell: (spec) => <Ago at={spec.updated_at} className="text-xs text-muted" />,
  },
];

export default function Specs() {
  const { project, filter, specs } = useLoaderData<typeof loader>();
  const submit = useSubmit();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useRefreshOn((event) => event.project_id === project.id && event.type.startsWith('spec.'), 1200);
  const load = useCallback((cursor: string) => call(listSpecs, { query: { ...filter, cursor, limit } }), [filter]);
  const list = useMore(specs, load, JSON.stringify(filter));
  const lacks = useLacks('document:write', project.organization_id);
  const chosen = useChosenSpecs(list.items);
  const filtered = filter.status !== undefined || filter.search !== undefined;
  const withMarks: Column<SpecRecord>[] = [
    {
      id: 'chosen',
      head: 'Choose',
      cell: (spec) => (
        <input
          type="checkbox"
          aria-label={`Choose ${spec.title}`}
          className="relative z-1 block size-4 accent-ink"
          checked={chosen.ids.has(spec.id)}
          onChange={() => chosen.toggle(spec.id)}
        />
      ),
    },
    ...columns,
  ];
  return (
    <div>
      <PageTitle title="Specs" note={project.name}>
        <Form
          role="search"
          className="w-48"
          onChange={(event) => {
            const form = event.currentTarget;
            clearTimeout(timer.current);
            timer.current = setTimeout(() => submit(form, { replace: true, preventScrollReset: true }), 250);
          }}
        >
          {filter.status && <input type="hidden" name="status" value={filter.status} />}
          {filter.include_archived === 'true' && <input type="hidden" name="archived" value="shown" />}
          <TextInput
            type="search"
            name="search"
            aria-label="Search titles"
            placeholder="Title"
            defaultValue={filter.search}
            className="!h-8"
          />
        </Form>
        <ImportSpec project={project} />
        <NewDraft project={project} />
        <ButtonLink look="primary" to={`/command?project=${project.id}`}>
          New feature
        </ButtonLink>
      </PageTitle>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <FilterLinks
          name="status"
          label="Status"
          chosen={filter.status ?? ''}
          options={[
            { value: '', label: 'All' },
            ...statusesOf('spec').map((value) => ({ value, label: statusOf(value).label })),
          ]}
        />
        <FilterLinks
          name="archived"
          label="Archive"
          chosen={filter.include_archived === 'true' ? 'shown' : ''}
          options={[
            { value: '', label: 'Without archive' },
            { value: 'shown', label: 'With archive' },
          ]}
        />
      </div>
      {chosen.ids.size > 0 && (
        <div role="region" aria-label="Chosen specs" className="mb-3 flex flex-wrap items-center gap-3 text-sm">
          <span>{plural(chosen.ids.size, 'spec')} chosen</span>
          <Button size="sm" busy={chosen.busy} because={lacks} onClick={() => void chosen.archive()}>
            Archive
          </Button>
          <Button size="sm" look="quiet" onClick={chosen.clear}>
            Choose none
          </Button>
        </div>
      )}
      {chosen.problems.length > 0 && (
        <div className="mb-3">
          <Notice tone="bad">
            {chosen.problems.map((problem) => (
              <p key={problem}>{problem}</p>
            ))}
          </Notice>
        </div>
      )}
      <Card flush>
        {list.items.length === 0 ? (
          filtered ? (
            <Empty title="No such spec">
              <TextLink to={{ search: '' }}>Show all specs</TextLink>
            </Empty>
          ) : (
            <Empty title="No specs yet">
              <ButtonLink to={`/command?project=${project.id}`}>Describe a feature</ButtonLink>
            </Empty>
          )
        ) : (
          <Table
            label="Specs"
            columns={withMarks}
            rows={list.items}
            to={(spec) => `/projects/${project.id}/specs/${spec.id}`}
          />
        )}
        <MoreButton list={list} />
      </Card>
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
