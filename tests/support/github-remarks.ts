import { pageAnswer, missing, type Asked, type Hosting } from './github-repositories.ts';
import { accountOf, nodeOf, type Account } from './github-wire.ts';

/** What a person says about a pull request. */
export interface Said {
  by: { id: number; login: string };
  state?: 'CHANGES_REQUESTED' | 'APPROVED' | 'COMMENTED' | 'PENDING';
  body?: string;
  comments?: { path: string; line: number; body: string }[];
  /** ISO time; now unless given. */
  at?: string;
}

/** A pull request or an issue. */
export interface Spoken {
  repository: string;
  number: number;
  head_sha?: string;
}

interface HostedRemark {
  kind: 'review' | 'line' | 'comment';
  repository: string;
  number: number;
  id: number;
  author: Account;
  body: string;
  at: string;
  /** The last change of its words. */
  edited?: { by: Account; at: string };
  sha: string;
  state?: string;
  review_id?: number;
  path?: string;
  line?: number;
  reply_to?: number;
}

/** Reviews and comments of the pull requests of the played GitHub. */
export class HostedRemarks {
  readonly all: HostedRemark[] = [];

  constructor(private readonly at: Hosting) {}

  private add(pull: Spoken, author: Account, remark: Pick<HostedRemark, 'kind' | 'body'> & Partial<HostedRemark>) {
    const { repository, number, head_sha: sha = '' } = pull;
    const made = { repository, number, sha, author, id: this.at.newId(), at: new Date().toISOString(), ...remark };
    this.all.push(made);
    return made;
  }

  say(kind: 'review' | 'comment', pull: Spoken, { by, state = 'COMMENTED', body = '', comments = [], at }: Said): void {
    const author: Account = { ...by, type: 'User' };
    const { id } = this.add(pull, author, {
      ...{ kind, body, ...(kind === 'review' ? { state } : {}) },
      ...(at ? { at } : {}),
    });
    for (const line of comments) this.add(pull, author, { kind: 'line', review_id: id, ...line });
  }

  /** Who may write to the repository changes what somebody said there. */
  rewrite(words: string, by: { id: number; login: string }, body: string): void {
    const found = this.all.find((one) => one.body === words);
    if (!found) throw missing();
    Object.assign(found, { body, edited: { by: { ...by, type: 'User' }, at: new Date().toISOString() } });
  }

  /** Answers about the reviews and comments of a repository's pull requests. */
  answer(fullName: string, pulls: Spoken[], by: Account, { method, rest, query, body }: Asked) {
    const [, number, reply] = /^\/(?:pulls|issues)\/(\d+)\/(?:reviews|comments)(?:\/(\d+)\/replies)?$/.exec(rest) ?? [];
    if (!number) return undefined;
    const pull = pulls.find((one) => one.repository === fullName && one.number === Number(number));
    if (!pull) throw missing();
    const kind = rest.startsWith('/issues') ? 'comment' : rest.endsWith('/reviews') ? 'review' : 'line';
    const own = this.all.filter(
      (one) => one.repository === fullName && one.number === pull.number && one.kind === kind,
    );
    if (method === 'GET') {
      const shown = own.map((one) => this.shown(one));
      return pageAnswer(shown, query, `${this.at.api}/repos/${fullName}${rest}`);
    }
    const parent = reply ? own.find(({ id }) => id === Number(reply)) : undefined;
    if (reply && !parent) throw missing();
    const line = parent && {
      path: parent.path,
      line: parent.line,
      reply_to: parent.id,
      review_id: this.add(pull, by, { kind: 'review', body: '', state: 'COMMENTED' }).id,
    };
    return { status: 201, answer: this.shown(this.add(pull, by, { kind, body: String(body.body), ...line })) };
  }

  private shown(one: HostedRemark): object {
    const url = `${this.at.api}/repos/${one.repository}`;
    const html = `${this.at.url}/${one.repository}/pull/${one.number}`;
    const pull = `${url}/pulls/${one.number}`;
    const shared = {
      id: one.id,
      node_id: nodeOf('R', one.id),
      user: accountOf(this.at.api, this.at.url, one.author),
      body: one.body,
      author_association: 'CONTRIBUTOR',
    };
    const self = `${pull}/comments/${one.id}`;
    if (one.kind === 'review')
      return {
        ...shared,
        state: one.state,
        html_url: `${html}#pullrequestreview-${one.id}`,
        pull_request_url: pull,
        _links: { html: { href: html }, pull_request: { href: pull } },
        submitted_at: one.at,
        commit_id: one.sha,
      };
    const times = { created_at: one.at, updated_at: one.edited?.at ?? one.at };
    if (one.kind === 'comment')
      return {
        ...{ ...shared, ...times },
        url: `${url}/issues/comments/${one.id}`,
        html_url: `${html}#issuecomment-${one.id}`,
        issue_url: `${url}/issues/${one.number}`,
        performed_via_github_app: null,
      };
    return {
      ...{ ...shared, ...times },
      url: self,
      html_url: `${html}#discussion_r${one.id}`,
      pull_request_url: pull,
      pull_request_review_id: one.review_id,
      diff_hunk: '@@ -0,0 +1 @@',
      path: one.path,
      line: one.line,
      side: 'RIGHT',
      commit_id: one.sha,
      original_commit_id: one.sha,
      ...(one.reply_to ? { in_reply_to_id: one.reply_to } : {}),
      _links: { self: { href: self }, html: { href: html }, pull_request: { href: pull } },
    };
  }
}
