import type { MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { Conversation } from '../components/pull-request/conversation.tsx';
import { PullHeader } from '../components/pull-request/pull-header.tsx';
import { ReviewFiles } from '../components/pull-request/review-files.tsx';
import { Commits } from '../components/pull-request/commits.tsx';
import { DraftProvider, useDraft } from '../components/pull-request/review-draft.tsx';
import { CommandError } from '../components/error-card.tsx';
import { Tabs } from '../components/tabs.tsx';
import { useRefreshOn } from '../lib/live.tsx';
import { useViewed } from '../lib/use-viewed.ts';
import { loadPullPage, type PullPage } from '../lib/pull-page.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: `${data ? `#${data.pull.number} ${data.pull.title}` : 'Pull request'} · OmoiOS` },
];

export const handle = {
  organization: ({ project }: { project: { organization_id: string } }) => project.organization_id,
  crumbs: ({ pull, project }: { pull: { number: number; title: string }; project: { id: string; name: string } }) => [
    { label: 'Pull requests', to: '/pull-requests' },
    { label: project.name, to: `/projects/${project.id}` },
    { label: `#${pull.number} ${pull.title}` },
  ],
};

export const loader = loadPullPage;

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
        {/* Marks and places belong to the commit that they were made on. */}
        {tab === 'files' && <Files key={pull.head_sha} page={page} />}
        {tab === 'commits' && <Commits commits={diff.commits} project={page.project.id} />}
      </div>
    </DraftProvider>
  );
}

/** Lines take comments while the pull request is open. */
function Files({ page: { diff, pull, review } }: { page: PullPage }) {
  const draft = useDraft();
  const { viewed, mark, error } = useViewed(pull, review.viewed);
  return (
    <>
      <CommandError error={error} />
      <ReviewFiles
        diff={diff}
        viewed={viewed}
        onViewed={mark}
        comments={pull.state === 'open' ? draft : undefined}
        pull={pull}
        reviewed={review.last?.current === false}
      />
    </>
  );
}

export { PageError as ErrorBoundary } from '../components/page-error.tsx';
