import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { missing, pageOf, Refusal, type Asked, type Hosting } from './github-repositories.ts';
import { HostedIssues } from './github-issues.ts';
import { HostedRemarks, type Said } from './github-remarks.ts';
import type { Rules } from './github-graphql.ts';
import {
  accountOf,
  detailsOf,
  labelOf,
  pullOf,
  type Account,
  type HostedCheck,
  type HostedPull,
  type HostedRepository,
} from './github-wire.ts';

const unprocessable = (message: string) =>
  new Refusal(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);

/** The pull requests of the played GitHub. */
export class HostedPulls {
  readonly pulls: HostedPull[] = [];
  readonly remarks: HostedRemarks;
  readonly issues: HostedIssues;
  rule: string | undefined;
  /** Of repositories; none: nothing is asked for. */
  readonly rules = new Map<string, Rules>();
  /** Pull requests that are merged one after another. */
  readonly queue: HostedPull[] = [];

  constructor(private readonly at: Hosting) {
    this.remarks = new HostedRemarks(at);
    this.issues = new HostedIssues(at, (fullName) => this.nextNumber(fullName));
  }

  /** Issues and pull requests are counted together. */
  private nextNumber(fullName: string): number {
    return [...this.pulls, ...this.issues.all].filter((one) => one.repository === fullName).length + 1;
  }

  rulesOf(fullName: string): Rules {
    return this.rules.get(fullName) ?? {};
  }

  /** The newest check of each name at the head of a pull request. */
  checksOf({ head_sha: head }: HostedPull): HostedCheck[] {
    const those = this.at.checks.filter(({ sha = head }) => sha === head);
    return those.filter((check) => those.findLast(({ name }) => name === check.name) === check);
  }

  /** Whether the rules of its repository let a pull request be merged. */
  mayMerge(pull: HostedPull): boolean {
    const { reviews = 0, checks = [] } = this.rulesOf(pull.repository);
    const passed = this.checksOf(pull).flatMap(({ name, conclusion }) => (conclusion === 'success' ? [name] : []));
    return !pull.draft && approvalsOf(this, pull) >= reviews && checks.every((name) => passed.includes(name));
  }

  /** Merges what GitHub merges by itself. */
  settle(): void {
    for (const pull of this.pulls) {
      if (!pull.auto_merge || pull.state !== 'open' || !this.mayMerge(pull)) continue;
      const { method, by } = pull.auto_merge;
      pull.auto_merge = null;
      if (this.rulesOf(pull.repository).queue) this.queue.push(pull);
      else this.merge(pull.repository, pull, { merge_method: method.toLowerCase() }, by);
    }
  }

  /** A review or a comment of a person. */
  say(kind: 'review' | 'comment', fullName: string, number: number, said: Said): void {
    const pull = [...this.pulls, ...this.issues.all].find(
      (one) => one.repository === fullName && one.number === number,
    );
    if (!pull) throw new Error(`There is no pull request or issue ${number} of ${fullName}.`);
    this.remarks.say(kind, pull, said);
    this.settle();
  }

  act(call: 'merge' | 'close' | 'reopen', fullName: string, number: number): void {
    const pull = this.pulls.find((one) => one.repository === fullName && one.number === number);
    if (!pull) throw new Error(`There is no pull request ${number} of ${fullName}.`);
    const queued = this.queue.indexOf(pull);
    if (queued >= 0) this.queue.splice(queued, 1);
    // A person makes a draft ready first.
    if (call === 'merge') pull.draft = false;
    if (call !== 'merge') return this.change(pull, { state: call === 'close' ? 'closed' : 'open' });
    this.merge(fullName, pull, { merge_method: 'squash' }, { id: 1, login: 'octocat', type: 'User' });
  }

  mark(call: 'draft' | 'auto_merge', fullName: string, number: number, on: boolean): void {
    const pull = this.pulls.find((one) => one.repository === fullName && one.number === number);
    if (!pull) throw new Error(`There is no pull request ${number} of ${fullName}.`);
    if (call === 'draft') pull.draft = on;
    else pull.auto_merge = null;
  }

  /** Answers about the pull requests of a repository. */
  answer(fullName: string, by: Account, { method, rest, query, body }: Asked): { status: number; answer: object } {
    const repository = this.at.repositories.get(fullName) as HostedRepository;
    const ofIssue = this.issues.answer(fullName, { method, rest, query, body });
    if (ofIssue) return ofIssue;
    const spoken = this.remarks.answer(fullName, [...this.pulls, ...this.issues.all], by, {
      method,
      rest,
      query,
      body,
    });
    if (spoken) return spoken;
    const [, marked] = /^\/issues\/(\d+)\/labels$/.exec(rest) ?? [];
    const marks = marked && this.pulls.find((one) => one.repository === fullName && one.number === Number(marked));
    if (marks && method === 'POST') {
      marks.labels = [...new Set([...marks.labels, ...(body.labels as string[])])];
      const shown = marks.labels.map((name, index) => labelOf(this.at.api, fullName, name, index + 1));
      return { status: 200, answer: shown };
    }
    const [, number, merge] = /^\/pulls\/(\d+)(\/merge)?$/.exec(rest) ?? [];
    if (rest === '/pulls' && method === 'GET') return { status: 200, answer: this.list(fullName, repository, query) };
    if (rest === '/pulls' && method === 'POST')
      return { status: 201, answer: this.shown(fullName, this.open(fullName, by, body)) };
    if (!number) throw missing();
    const pull = this.pulls.find((one) => one.repository === fullName && one.number === Number(number));
    if (!pull) throw missing();
    const { queue, methods } = this.rulesOf(fullName);
    if (merge && this.rule) throw new Refusal(405, this.rule);
    if (merge && methods && !methods.includes(String(body.merge_method) as 'merge'))
      throw new Refusal(405, `${String(body.merge_method)} merges are not allowed on this repository.`);
    if (merge && pull.state === 'open' && (queue || !this.mayMerge(pull)))
      throw new Refusal(
        405,
        queue ? 'Changes must be made through the merge queue' : 'Repository rule violations found',
      );
    if (merge && method === 'PUT') return { status: 200, answer: this.merge(fullName, pull, body, by) };
    if (method === 'PATCH') this.change(pull, body);
    return { status: 200, answer: this.shown(fullName, pull) };
  }

  private git(fullName: string, ...args: string[]): string {
    const folder = path.join(this.at.dir, `${fullName}.git`);
    const author = { GIT_AUTHOR_NAME: 'GitHub', GIT_AUTHOR_EMAIL: 'noreply@github.com' };
    const committer = { GIT_COMMITTER_NAME: 'GitHub', GIT_COMMITTER_EMAIL: 'noreply@github.com' };
    const env = { ...process.env, ...author, ...committer };
    return execFileSync('git', ['--git-dir', folder, ...args], { encoding: 'utf8', env, stdio: 'pipe' }).trim();
  }

  private commit(fullName: string, ref: string): string | undefined {
    try {
      return this.git(fullName, 'rev-parse', '--verify', '-q', `refs/heads/${ref}`);
    } catch {
      return undefined;
    }
  }

  /** Id of the tree of a merge; undefined for a conflict. */
  private mergedTree(fullName: string, base: string, head: string): string | undefined {
    try {
      return this.git(fullName, 'merge-tree', '--write-tree', base, head).split('\n')[0];
    } catch {
      return undefined;
    }
  }

  /** An open pull request follows its branches. */
  refresh(fullName: string, pull: HostedPull): void {
    if (pull.state !== 'open') return;
    pull.head_sha = this.commit(fullName, pull.head) ?? pull.head_sha;
    pull.base_sha = this.commit(fullName, pull.base) ?? pull.base_sha;
  }

  private list(fullName: string, repository: HostedRepository, query: URLSearchParams): object[] {
    const state = query.get('state') ?? 'open';
    const head = query.get('head');
    const found = this.pulls
      .filter((pull) => pull.repository === fullName)
      .filter((pull) => state === 'all' || pull.state === state)
      .filter((pull) => !head || head === `${repository.owner.login}:${pull.head}`)
      .toSorted((a, b) => (query.get('direction') === 'asc' ? a.number - b.number : b.number - a.number));
    return pageOf(found, query).map((pull) => {
      this.refresh(fullName, pull);
      return pullOf(this.at.api, this.at.url, repository, pull);
    });
  }

  private shown(fullName: string, pull: HostedPull): object {
    const repository = this.at.repositories.get(fullName) as HostedRepository;
    this.refresh(fullName, pull);
    const clean = pull.state === 'open' && this.mergedTree(fullName, pull.base_sha, pull.head_sha) !== undefined;
    const held = this.rule !== undefined || this.rulesOf(fullName).queue || !this.mayMerge(pull);
    const state = pull.draft ? 'draft' : clean ? (held ? 'blocked' : 'clean') : 'dirty';
    return {
      ...pullOf(this.at.api, this.at.url, repository, pull),
      ...detailsOf(pull.merged_by && accountOf(this.at.api, this.at.url, pull.merged_by), pull, clean, state),
    };
  }

  private open(fullName: string, author: Account, body: Record<string, unknown>): HostedPull {
    const [head, base, title] = [String(body.head), String(body.base), String(body.title)];
    const [headSha, baseSha] = [this.commit(fullName, head), this.commit(fullName, base)];
    if (!headSha || !baseSha)
      throw new Refusal(422, 'Validation Failed', [{ field: headSha ? 'base' : 'head', code: 'invalid' }]);
    const open = this.pulls.some(
      (pull) =>
        pull.repository === fullName && pull.state === 'open' && !pull.fork && pull.head === head && pull.base === base,
    );
    if (open) throw unprocessable(`A pull request already exists for ${fullName.split('/')[0]}:${head}.`);
    if (this.git(fullName, 'rev-list', '--count', `${baseSha}..${headSha}`) === '0')
      throw unprocessable(`No commits between ${base} and ${head}`);
    if (title.length > 256) throw unprocessable('title is too long (maximum is 256 characters)');
    const text = String(body.body ?? '');
    if (text.length > 65_536) throw unprocessable('body is too long (maximum is 65536 characters)');
    const pull = {
      repository: fullName,
      id: this.at.newId(),
      number: this.nextNumber(fullName),
      author,
      title,
      body: text,
      head,
      base,
      head_sha: headSha,
      base_sha: baseSha,
      state: 'open' as const,
      merge_sha: null,
      merged_by: null,
      draft: body.draft === true,
      drafts: [],
      auto_merge: null,
      labels: [],
      at: new Date().toISOString(),
      ended_at: null,
    };
    this.pulls.push(pull);
    return pull;
  }

  private change(pull: HostedPull, { title, body, state }: Record<string, unknown>): void {
    if (typeof title === 'string') pull.title = title;
    if (typeof body === 'string') pull.body = body;
    if (state === 'closed' && pull.state === 'open') {
      pull.state = 'closed';
      pull.ended_at = new Date().toISOString();
    }
    if (state === 'open' && pull.merge_sha === null) {
      pull.state = 'open';
      pull.ended_at = null;
    }
  }

  private merge(fullName: string, pull: HostedPull, body: Record<string, unknown>, by: Account): object {
    this.refresh(fullName, pull);
    if (pull.state !== 'open' || pull.draft) throw new Refusal(405, 'Pull Request is not mergeable');
    if (body.sha !== undefined && body.sha !== pull.head_sha)
      throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
    const { base_sha: base, head_sha: head } = pull;
    const tree = this.mergedTree(fullName, base, head);
    if (!tree) throw new Refusal(405, 'Pull Request is not mergeable');
    const squash = body.merge_method === 'squash' || body.merge_method === 'rebase';
    const parents = squash ? ['-p', base] : ['-p', base, '-p', head];
    const message = squash ? `${pull.title} (#${pull.number})` : `Merge pull request #${pull.number} from ${pull.head}`;
    const sha = this.git(fullName, 'commit-tree', tree, ...parents, '-m', message);
    this.git(fullName, 'update-ref', `refs/heads/${pull.base}`, sha, base);
    pull.merge_sha = sha;
    pull.merged_by = by;
    pull.state = 'closed';
    pull.ended_at = new Date().toISOString();
    return { sha, merged: true, message: 'Pull Request successfully merged' };
  }
}

/** People who approve a pull request, and have not asked for changes since. */
export function approvalsOf({ remarks }: HostedPulls, { repository, number }: HostedPull): number {
  const reviews = remarks.all.filter(
    (one) =>
      one.kind === 'review' && one.repository === repository && one.number === number && one.state !== 'COMMENTED',
  );
  const last = new Map(reviews.map(({ author, state }) => [author.id, state]));
  return [...last.values()].filter((state) => state === 'APPROVED').length;
}
