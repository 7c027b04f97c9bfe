import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { useState } from 'react';
import { commitDiff, getCommit } from '#server/contracts/commits.ts';
import { getProject } from '#server/contracts/projects.ts';
import { getTicket } from '#server/contracts/tickets.ts';
import { PageTitle } from '../components/page-title.tsx';
import { ReviewFiles } from '../components/pull-request/review-files.tsx';
import { TextLink } from '../components/text-link.tsx';
import { Ago } from '../components/time.tsx';
import { apiFor } from '../lib/api.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data ? `${data.commit.sha.slice(0, 8)} ${data.subject}` : 'Commit'} · OmoiOS` },
];

export const handle = {
  organization: ({ project }: { project: { organization_id: string } }) => project.organization_id,
  crumbs: ({ commit, project }: { commit: { sha: string }; project: { id: string; name: string } }) => [
    { label: 'Projects', to: '/projects' },
    { label: project.name, to: `/projects/${project.id}` },
    { label: commit.sha.slice(0, 8) },
  ],
};

/** A commit with the tickets that it belongs to. */
export async function loader(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const params = { sha: where.params.sha ?? '' };
  const search = new URL(where.request.url).searchParams;
  const query = { project_id: search.get('project_id') ?? undefined };
  const whitespace = search.get('whitespace') === 'ignore' ? ('ignore' as const) : ('show' as const);
  const [commit, diff] = await Promise.all([
    api(getCommit, { params, query }),
    api(commitDiff, { params, query: { ...query, whitespace } }),
  ]);
  const [project, tickets] = await Promise.all([
    api(getProject, { params: { id: commit.project_id } }),
    Promise.all(commit.links.map(({ ticket_id: id }) => api(getTicket, { params: { id } }))),
  ]);
  const [subject = '', ...rest] = commit.message.split('\n');
  return {
    commit,
    subject,
    body: rest.join('\n').trim(),
    diff,
    project: { id: project.id, name: project.name, organization_id: project.organization_id },
    tickets: tickets.map(({ id, key, title }) => ({ id, key, title })),
  };
}

export default function Commit() {
  const { commit, subject, body, diff, tickets } = useLoaderData<typeof loader>();
  const [viewed, setViewed] = useState<ReadonlySet<string>>(new Set());
  return (
    <div className="space-y-4">
      <PageTitle
        title={subject}
        facts={
          <>
            <span className="figures break-all">{commit.sha}</span>
            <span>{commit.author}</span>
            <Ago at={commit.committed_at} />
            {tickets.map((ticket) => (
              <TextLink key={ticket.id} to={`/tickets/${ticket.id}`}>
                {ticket.key} {ticket.title}
              </TextLink>
            ))}
          </>
        }
      />
      {body && <p className="max-w-prose text-sm break-words whitespace-pre-wrap">{body}</p>}
      <ReviewFiles
        diff={diff}
        viewed={viewed}
        onViewed={(path, on) =>
          setViewed((known) => new Set([...known].filter((one) => one !== path).concat(on ? [path] : [])))
        }
      />
    </div>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
