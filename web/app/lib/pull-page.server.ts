import type { LoaderFunctionArgs } from '@remix-run/node';
import type { useLoaderData } from '@remix-run/react';
import { getProject } from '#server/contracts/projects.ts';
import { getPullRequest, pullRequestDiff } from '#server/contracts/pull-requests.ts';
import { getReview } from '#server/contracts/reviews.ts';
import { listRuns } from '#server/contracts/runs.ts';
import { apiFor } from './api.server.ts';

/** The contract leaves the fields of checks and comments open; these are the ones that are stored. */
interface PullCheck {
  name: string;
  passed: boolean;
  unverified?: boolean;
  note?: string;
}
interface PullComment {
  body: string;
  author?: string;
  at?: string;
  path?: string;
  line?: number;
  verdict?: 'changes_requested' | 'approved' | 'commented';
  head_sha?: string;
  note?: string;
  task_id?: string;
}

const tabs = ['conversation', 'files', 'commits'] as const;

/** Data of a pull request's page. */
export async function loadPullPage(where: LoaderFunctionArgs) {
  const api = apiFor(where);
  const params = { id: where.params.pullId ?? '' };
  const search = new URL(where.request.url).searchParams;
  const wanted = search.get('tab');
  const pull = await api(getPullRequest, { params });
  const [project, diff, review, runs] = await Promise.all([
    api(getProject, { params: { id: pull.project_id } }),
    api(pullRequestDiff, {
      params,
      query: {
        whitespace: search.get('whitespace') === 'ignore' ? 'ignore' : 'show',
        since: search.get('since') === 'review' ? 'review' : 'start',
      },
    }),
    api(getReview, { params }),
    api(listRuns, {
      query: {
        project_id: pull.project_id,
        // A pull request of a ticket may name the spec whose pull request it follows.
        ...(pull.ticket_id ? { ticket_id: pull.ticket_id } : { spec_id: pull.spec_id ?? undefined }),
        limit: 1,
      },
    }),
  ]);
  return {
    pull: { ...pull, checks: pull.checks as PullCheck[], comments: pull.comments as PullComment[] },
    project: {
      id: project.id,
      name: project.name,
      organization_id: project.organization_id,
      merge_when_ready: project.settings.merge_when_ready === true,
    },
    diff,
    review,
    tab: tabs.find((tab) => tab === wanted) ?? 'conversation',
    scripted: runs.items.some((run) => run.scripted),
  };
}

export type PullPage = ReturnType<typeof useLoaderData<typeof loadPullPage>>;
