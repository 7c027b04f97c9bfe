import { createHmac } from 'node:crypto';
import type { Octokit } from '@octokit/rest';
import type { HostReview } from '../../ports/code-host.ts';
import { readEditors } from './github-edits.ts';
import type { GithubPlace } from './github-place.ts';

export interface GithubRepository extends GithubPlace {
  client: Octokit;
  /** Of the platform. The repository may get another name and owner. */
  project_id: string;
  /** Signs the marks of answers: anyone may write a comment with a mark in it. */
  secret: string;
}

type Remark = HostReview['remarks'][number];

/** Rows of one request, and requests of one list. */
const rows = 100;
const mostPages = 10;
const mostKept = 300;

type AskPage<T> = (at: { per_page: number; page: number }) => Promise<{ data: T[]; headers: { link?: string } }>;

/** The rows of a list, at most 1,000. */
export async function allRows<T>(
  ask: (at: { per_page: number; page: number }) => Promise<{ data: T[] }>,
): Promise<T[]> {
  const all: T[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const { data } = await ask({ per_page: rows, page });
    all.push(...data);
    if (data.length < rows) break;
  }
  return all;
}

/** The newest 300 rows of a list, however long it is. GitHub gives the oldest first, so the last pages are read. */
export async function newest<T>(ask: AskPage<T>): Promise<T[]> {
  const first = await ask({ per_page: rows, page: 1 });
  const [, last = '1'] = /[?&]page=(\d+)[^>]*>; rel="last"/.exec(first.headers.link ?? '') ?? [];
  const kept: T[] = [];
  for (let page = Number(last); page >= 1 && kept.length < mostKept; page -= 1)
    kept.unshift(...(page === 1 ? first : await ask({ per_page: rows, page })).data);
  return kept.slice(-mostKept);
}

const verdicts: Record<string, HostReview['verdict'] | undefined> = {
  CHANGES_REQUESTED: 'changes_requested',
  APPROVED: 'approved',
  COMMENTED: 'commented',
};
export const ownMark = '<!-- omoios-answer ';
/** @param number of the issue or pull request: a mark that is copied elsewhere is not valid there. */
export function markOf({ project_id, secret }: GithubRepository, number: number, key: string): string {
  const signature = createHmac('sha256', secret).update(`${project_id}#${number} ${key}`).digest('hex').slice(0, 32);
  return `${ownMark}${key} ${signature} -->`;
}

const lists = ({ client, owner, repo }: GithubRepository, number: number) => {
  const pull = { owner, repo, pull_number: number };
  return {
    reviews: () => newest((at) => client.rest.pulls.listReviews({ ...pull, ...at })),
    lines: () => newest((at) => client.rest.pulls.listReviewComments({ ...pull, ...at })),
    comments: () => newest((at) => client.rest.issues.listComments({ owner, repo, issue_number: number, ...at })),
  };
};

const accountOf = ({ id, login }: { id: number; login: string }) => ({ id: String(id), login });

/**
 * Reviews with their comments on lines, then the comments of the conversation. The platform's own answers are left out. Words
 * that somebody else changed are that person's comment.
 */
export async function readReviews(repository: GithubRepository, number: number): Promise<HostReview[]> {
  const from = lists(repository, number);
  // First the reviews: the comments of a review that comes meanwhile are read with it, the next time.
  const reviews = await from.reviews();
  const lines = await from.lines();
  const comments = await from.comments();
  const editors = await readEditors(repository.client, [...reviews, ...lines, ...comments]);
  const ofOthers: HostReview[] = [];
  /** The remark, unless its words are another's. */
  const own = (node: string, remark: Remark): Remark[] => {
    const editor = editors.get(node);
    if (!editor) return [remark];
    const { author, at } = editor;
    ofOthers.push({ id: remark.id, verdict: 'commented', author, remarks: [{ ...remark, at }] });
    return [];
  };
  const ofReviews = reviews.flatMap((review): HostReview[] => {
    const verdict = verdicts[review.state];
    if (!verdict || !review.user) return [];
    const at = review.submitted_at ?? new Date(0).toISOString();
    const whole = { id: `review:${review.id}`, body: review.body || 'Approved.', at, on_lines: false };
    const remarks = [
      ...(review.body || verdict === 'approved' ? own(review.node_id, whole) : []),
      ...lines.flatMap((line) =>
        line.pull_request_review_id === review.id && !line.body.includes(ownMark)
          ? own(line.node_id, {
              id: `line:${line.id}`,
              body: line.body,
              path: line.path,
              line: line.line ?? line.original_line,
              at: line.created_at,
              on_lines: line.in_reply_to_id === undefined,
            })
          : [],
      ),
    ];
    return remarks.length === 0
      ? []
      : [{ id: `review:${review.id}`, verdict, author: accountOf(review.user), remarks }];
  });
  const ofConversation = comments.flatMap(({ id, node_id: node, user, body, created_at: at }): HostReview[] => {
    if (!user || !body || body.includes(ownMark)) return [];
    const said = own(node, { id: `comment:${id}`, body, at, on_lines: false });
    return said.map((remark) => ({ id: remark.id, verdict: 'commented', author: accountOf(user), remarks: [remark] }));
  });
  return [...ofReviews, ...ofConversation, ...ofOthers];
}

/** Answers a comment on lines below it, everything else in the conversation. */
export async function answerOnce(
  repository: GithubRepository,
  number: number,
  answer: { remark_id: string; key: string; body: string },
): Promise<void> {
  const { client, owner, repo } = repository;
  const [kind, id] = answer.remark_id.split(':');
  const from = lists(repository, number);
  const there: { body?: string | null }[] = await (kind === 'line' ? from.lines() : from.comments());
  const mark = markOf(repository, number, answer.key);
  if (there.some(({ body: text }) => text?.includes(mark))) return;
  const body = `${answer.body}\n\n${mark}`;
  if (kind === 'line')
    await client.rest.pulls.createReplyForReviewComment({
      owner,
      repo,
      pull_number: number,
      comment_id: Number(id),
      body,
    });
  else await client.rest.issues.createComment({ owner, repo, issue_number: number, body });
}
