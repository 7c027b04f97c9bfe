import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { getProject } from '#server/contracts/projects.ts';
import { getPullRequest, pullRequestDiff } from '#server/contracts/pull-requests.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { Conversation } from '../components/pull-request/conversation.tsx';
import { PullHeader } from '../components/pull-request/pull-header.tsx';
import { ReviewFiles } from '../components/pull-request/review-files.tsx';
import { Commits } from '../components/pull-request/commits.tsx';
import { DraftProvider } from '../components/pull-request/review-draft.tsx';
import { Tabs } from '../components/tabs.tsx';
import { apiFor } from '../lib/api.server.ts';
import { useRefreshOn } from '../lib/live.tsx';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data ? `#${data.pull.number} ${data.pull.title}` : 'Pull request'} · OmoiOS` },
];

export const handle = {
  crumbs: ({ pull, project }: { pull: { number: number; title: string }; project: { id: string; name: string } }) => [
    { label: 'Pull requests', to: '/pull-requests' },
    { label: project.name, to: `/projects/${project.id}` },
    { label: `#${pull.number} ${pull.title}` },
  ],
};

/** What the records hold beyond their contract, which leaves it open. */
export interface PullCheck {
  name: string;
  passed: boolean;
}
export interface PullComment {
  body: string;
  author?: string;
  at?: string;
  path?: string;
  line?: number;
}

const tabs = ['conversation', 'files', 'commits'] as const;

export const loader = async (where: LoaderFunctionArgs) => {
  const api = apiFor(where);
  const params = { id: where.params.pullId ?? '' };
  const wanted = new URL(where.request.url).searchParams.get('tab');
  const pull = await api(getPullRequest, { params });
  const [project, diff, runs] = await Promise.all([
    api(getProject, { params: { id: pull.project_id } }),
    api(pullRequestDiff, { params }),
    api(listRuns, {
      query: {
        project_id: pull.project_id,
        spec_id: pull.spec_id ?? undefined,
        ticket_id: pull.ticket_id ?? undefined,
        limit: 1,
      },
    }),
  ]);
  return {
    pull: { ...pull, checks: pull.checks as PullCheck[], comments: pull.comments as PullComment[] },
    project: { id: project.id, name: project.name, organization_id: project.organization_id },
    diff,
    tab: tabs.find((tab) => tab === wanted) ?? 'conversation',
    scripted: runs.items.some((run) => run.scripted),
  };
};

export type PullPage = ReturnType<typeof useLoaderData<typeof loader>>;

export default function PullRequest() {
  const page = useLoaderData<typeof loader>();
  const { pull, diff, tab } = page;
  useRefreshOn(
    (event) =>
      event.type.startsWith('pull_request.') && (event.entity.id === pull.id || event.data.pull_request_id === pull.id),
  );
  return (
    <DraftProvider key={pull.id}>
      <div className="space-y-4">
        <PullHeader page={page} />
        <Tabs
          label="Parts of the pull request"
          active={tab}
          tabs={[
            { id: 'conversation', label: 'Conversation', count: pull.comments.length || undefined },
            { id: 'files', label: 'Files', count: diff.files.length },
            { id: 'commits', label: 'Commits', count: diff.commits.length },
          ]}
        />
        {tab === 'conversation' && <Conversation page={page} />}
        {tab === 'files' && <ReviewFiles page={page} />}
        {tab === 'commits' && <Commits commits={diff.commits} />}
      </div>
    </DraftProvider>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
