import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, useLoaderData, useSubmit } from '@remix-run/react';
import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { listEvents } from '#server/contracts/events.ts';
import { listProjects } from '#server/contracts/projects.ts';
import { describe, groups } from '../components/activity/describe.ts';
import { Badge } from '../components/badge.tsx';
import { Button, ButtonLink } from '../components/button.tsx';
import { Card, Empty } from '../components/card.tsx';
import { Select } from '../components/field.tsx';
import { FilterLinks } from '../components/filter-links.tsx';
import { PageTitle } from '../components/page-title.tsx';
import { TextLink } from '../components/text-link.tsx';
import { Ago } from '../components/time.tsx';
import { typesOf } from '../lib/activity-types.server.ts';
import { apiFor } from '../lib/api.server.ts';
import { plural } from '../lib/format.ts';
import { useEvents, useRefreshOn } from '../lib/live.tsx';
import { useRevalidate } from '../lib/use-revalidate.ts';

export const meta: MetaFunction = () => [{ title: 'Activity · OmoiOS' }];
export const handle = { crumbs: () => [{ label: 'Activity' }] };

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const asked = new URL(where.request.url).searchParams;
  const projects = (await api(listProjects, { query: { limit: 200 } })).items.map(({ id, name }) => ({ id, name }));
  const project = projects.find(({ id }) => id === asked.get('project'));
  const group = groups.find(({ id }) => id === asked.get('group'));
  const cursor = /^\d+$/.test(asked.get('before') ?? '') ? Number(asked.get('before')) : undefined;
  const page = await api(listEvents, {
    query: {
      ...{ newest_first: 'true', limit: 100, cursor },
      project_id: project?.id,
      types: group && typesOf(group),
    },
  });
  return { ...page, projects, project: project?.id, group: group?.id, older: cursor !== undefined };
};

/** Everything that happened, newest first, as it is stored. */
export default function Activity() {
  const { items, next_cursor: next, projects, project, group, older } = useLoaderData<typeof loader>();
  const submit = useSubmit();
  const revalidate = useRevalidate();
  const [paused, setPaused] = useState(false);
  const [fresh, setFresh] = useState(0);
  const wanted = groups.find(({ id }) => id === group);
  const newest = items[0]?.seq ?? 0;
  const concerns = (event: { project_id: string | null; type: string; seq: number }) =>
    !older &&
    event.seq > newest &&
    (!project || event.project_id === project) &&
    (!wanted || wanted.begins.some((begin) => event.type.startsWith(begin)));
  useRefreshOn((event) => !paused && concerns(event), 1000);
  useEvents((event) => {
    if (paused && concerns(event)) setFresh((count) => count + 1);
  });
  const link = (before: string) => {
    const search = new URLSearchParams({ ...(project ? { project } : {}), ...(group ? { group } : {}), before });
    return `?${search.toString()}`;
  };
  return (
    <div className="space-y-4">
      <PageTitle title="Activity" note="What happened, newest first.">
        <Form className="w-56" onChange={(event) => submit(event.currentTarget, { preventScrollReset: true })}>
          {group && <input type="hidden" name="group" value={group} />}
          <Select name="project" aria-label="Project" defaultValue={project ?? ''} key={project}>
            <option value="">All projects</option>
            {projects.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Form>
        {!older && (
          <Button
            size="sm"
            aria-pressed={paused}
            onClick={() => {
              if (paused) revalidate();
              setFresh(0);
              setPaused(!paused);
            }}
          >
            {paused ? <Play aria-hidden className="size-3.5" /> : <Pause aria-hidden className="size-3.5" />}
            {paused ? `Go on${fresh > 0 ? `, ${plural(fresh, 'new event')}` : ''}` : 'Pause'}
          </Button>
        )}
      </PageTitle>
      <FilterLinks
        name="group"
        label="Kind"
        chosen={group ?? ''}
        options={[{ value: '', label: 'All' }, ...groups.map(({ id, label }) => ({ value: id, label }))]}
      />
      <Card flush>
        {items.length === 0 ? (
          <Empty title={older ? 'Nothing is older' : 'Nothing has happened yet'} />
        ) : (
          <ol className="divide-y" aria-label="Events">
            {items.map((event) => (
              <Event key={event.id} event={event} />
            ))}
          </ol>
        )}
      </Card>
      <p className="flex justify-center gap-3">
        {older && (
          <ButtonLink size="sm" to={link('')}>
            Newest
          </ButtonLink>
        )}
        {next && (
          <ButtonLink size="sm" to={link(next)}>
            Older
          </ButtonLink>
        )}
      </p>
    </div>
  );
}

function Event({ event }: { event: ReturnType<typeof useLoaderData<typeof loader>>['items'][number] }) {
  const { name, about, change, reason, by, page, commit } = describe(event);
  return (
    <li className="space-y-1 px-4 py-2.5 text-sm" aria-label={`${name} ${about}`.trim()}>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge>{name}</Badge>
        <span className="min-w-0 break-words">
          {page ? <TextLink to={page}>{about || event.entity.kind.replace(/_/g, ' ')}</TextLink> : about}
        </span>
        {change && <span className="text-xs text-soft">{change}</span>}
        <span className="ml-auto text-xs text-muted">
          {by && `${by} · `}
          <Ago at={event.at} />
        </span>
      </p>
      {reason && <p className="text-xs break-words whitespace-pre-line text-soft">{reason}</p>}
      {event.project_id && /^[0-9a-f]{40}$/.test(commit) && (
        <p className="text-xs">
          <TextLink to={`/commits/${commit}?project_id=${event.project_id}`}>changes of {commit.slice(0, 8)}</TextLink>
        </p>
      )}
    </li>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
