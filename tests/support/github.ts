import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { serveGit } from './git-http.ts';
import { accountOf, detailsOf, pullOf, type Account, type HostedPull, type HostedRepository } from './github-wire.ts';

/** A fault of the next calls that fit: before it, nothing happens; after it, the answer is lost. */
interface Fault {
  call: RegExp;
  when: 'before' | 'after';
  status: number;
  headers?: Record<string, string>;
  message?: string;
  times: number;
}

/** What a test says: `merge` and `close` are acts of a person, on a pull request of a repository. */
export type PlayedCall = 'host' | 'revoke' | 'rule' | 'merge' | 'close' | 'pulls' | 'token';

class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors?: object[],
  ) {
    super(message);
  }
}

const missing = () => new Refusal(404, 'Not Found');
const unprocessable = (message: string) =>
  new Refusal(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);

/** Plays GitHub: its API and its git, over real bare repositories. It keeps what it was told, also where its answer is lost. */
export class Github {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'omoios-github-'));
  readonly calls: string[] = [];
  readonly pulls: HostedPull[] = [];
  /** Why GitHub's rules keep a base from being merged into; undefined: nothing. */
  rule: string | undefined;
  private readonly repositories = new Map<string, HostedRepository>();
  private readonly tokens = new Map<string, { account: Account; repositories: string[] }>();
  private readonly faults: Fault[] = [];
  private ids = 1000;

  /** Where it answers: its own server, or one that hands requests to `serve`. */
  url = '';
  private server: Server | undefined;

  static async start(): Promise<Github> {
    const github = new Github();
    const server = createServer((request, response) => void github.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    github.server = server;
    github.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return github;
  }

  get api(): string {
    return `${this.url}/api/v3`;
  }

  close(): void {
    this.server?.close();
    this.server?.closeAllConnections();
    rmSync(this.dir, { recursive: true, maxRetries: 5 });
  }

  /** A repository with the history of a local one, and a token that may write to it. */
  host(fullName: string, from: string): { url: string; git_dir: string; token: string } {
    const [login = '', name = ''] = fullName.split('/');
    const owner: Account = { id: ++this.ids, login, type: 'Organization' };
    const folder = path.join(this.dir, `${fullName}.git`);
    execFileSync('git', ['clone', '-q', '--bare', from, folder]);
    execFileSync('git', ['--git-dir', folder, 'config', 'http.receivepack', 'true']);
    this.repositories.set(fullName, { id: ++this.ids, owner, name, default_branch: 'main', private: true });
    const token = this.token(`${login}-bot`, [fullName]);
    return { url: `${this.url}/${fullName}.git`, git_dir: folder, token };
  }

  token(login: string, repositories: string[]): string {
    const token = `ghp_${String(++this.ids).padStart(36, '0')}`;
    this.tokens.set(token, { account: { id: ++this.ids, login, type: 'User' }, repositories });
    return token;
  }

  revoke(token: string): void {
    this.tokens.delete(token);
  }

  fail(call: RegExp, fault: Partial<Omit<Fault, 'call'>> = {}): void {
    this.faults.push({ call, when: 'after', status: 502, times: 1, ...fault });
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    // A test in another process says what GitHub does next.
    if (pathname === '/played') {
      const { call, values } = (await json(request)) as {
        call: PlayedCall;
        values: string[];
      };
      const [first = '', second = ''] = values;
      if (call === 'rule') this.rule = first || undefined;
      else if (call === 'revoke') this.revoke(first);
      else if (call === 'merge' || call === 'close') this.act(call, first, Number(second));
      const hosted =
        call === 'host' ? this.host(first, second) : call === 'token' ? { token: this.token('renewed', [first]) } : {};
      return void response.end(JSON.stringify({ ...hosted, pulls: this.pulls }));
    }
    const call = `${request.method} ${pathname}`;
    this.calls.push(call);
    const user = this.signedIn(request.headers.authorization);
    if (!pathname.startsWith('/api/v3/')) {
      const [, owner, repo] = pathname.split('/');
      if (user?.repositories.includes(`${owner}/${repo?.replace(/\.git$/, '')}`))
        serveGit(this.dir, request, response, user.account.login);
      else response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
      return;
    }
    const send = (status: number, body: object, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
        .end(JSON.stringify(body));
    const fault = this.faults.find((one) => one.times > 0 && one.call.test(call));
    const broken = () => {
      if (fault) send(fault.status, { message: fault.message ?? 'Server Error' }, fault.headers);
    };
    if (fault) fault.times -= 1;
    if (fault?.when === 'before') return broken();
    try {
      if (!user) throw new Refusal(401, 'Bad credentials');
      const body = ['POST', 'PUT', 'PATCH'].includes(request.method ?? '') ? await json(request) : {};
      const { status, answer } = this.answer(user, call, searchParams, body as Record<string, unknown>);
      if (fault) broken();
      else send(status, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message, errors } = error;
      send(status, { message, ...(errors ? { errors } : {}), documentation_url: 'https://docs.github.com/rest' });
    }
  }

  private act(call: 'merge' | 'close', fullName: string, number: number): void {
    const pull = this.pulls.find((one) => one.repository === fullName && one.number === number);
    if (!pull) throw new Error(`There is no pull request ${number} of ${fullName}.`);
    if (call === 'close') return this.change(pull, { state: 'closed' });
    this.merge(fullName, pull, { merge_method: 'squash' }, { id: 1, login: 'octocat', type: 'User' });
  }

  private signedIn(header = '') {
    const [kind = '', value = ''] = header.split(' ');
    const password = Buffer.from(value, 'base64').toString().split(':').at(-1) ?? '';
    return this.tokens.get(kind.toLowerCase() === 'basic' ? password : value);
  }

  private answer(
    user: { account: Account; repositories: string[] },
    call: string,
    query: URLSearchParams,
    body: Record<string, unknown>,
  ): { status: number; answer: object } {
    const [, method, fullName = '', rest = ''] = /^(\w+) \/api\/v3\/repos\/([^/]+\/[^/]+)(\/.*)?$/.exec(call) ?? [];
    const repository = this.repositories.get(fullName);
    if (!repository || !user.repositories.includes(fullName)) throw missing();
    const [, number, merge] = /^\/pulls\/(\d+)(\/merge)?$/.exec(rest) ?? [];
    if (rest === '/pulls' && method === 'GET') return { status: 200, answer: this.list(fullName, repository, query) };
    if (rest === '/pulls' && method === 'POST')
      return { status: 201, answer: this.shown(fullName, this.open(fullName, user.account, body)) };
    if (!number) throw missing();
    const pull = this.pulls.find((one) => one.repository === fullName && one.number === Number(number));
    if (!pull) throw missing();
    if (merge && method === 'PUT') return { status: 200, answer: this.merge(fullName, pull, body, user.account) };
    if (method === 'PATCH') this.change(pull, body);
    return { status: 200, answer: this.shown(fullName, pull) };
  }

  private git(fullName: string, ...args: string[]): string {
    const folder = path.join(this.dir, `${fullName}.git`);
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
  private refresh(fullName: string, pull: HostedPull): void {
    if (pull.state !== 'open') return;
    pull.head_sha = this.commit(fullName, pull.head) ?? pull.head_sha;
    pull.base_sha = this.commit(fullName, pull.base) ?? pull.base_sha;
  }

  private list(fullName: string, repository: HostedRepository, query: URLSearchParams): object[] {
    const state = query.get('state') ?? 'open';
    const head = query.get('head');
    return this.pulls
      .filter((pull) => pull.repository === fullName)
      .filter((pull) => state === 'all' || pull.state === state)
      .filter((pull) => !head || head === `${repository.owner.login}:${pull.head}`)
      .toSorted((a, b) => (query.get('direction') === 'asc' ? a.number - b.number : b.number - a.number))
      .slice(0, Number(query.get('per_page') ?? 30))
      .map((pull) => {
        this.refresh(fullName, pull);
        return pullOf(this.api, this.url, repository, pull);
      });
  }

  private shown(fullName: string, pull: HostedPull): object {
    const repository = this.repositories.get(fullName) as HostedRepository;
    this.refresh(fullName, pull);
    const clean = pull.state === 'open' && this.mergedTree(fullName, pull.base_sha, pull.head_sha) !== undefined;
    const state = pull.draft ? 'draft' : clean ? (this.rule ? 'blocked' : 'clean') : 'dirty';
    return {
      ...pullOf(this.api, this.url, repository, pull),
      ...detailsOf(pull.merged_by && accountOf(this.api, this.url, pull.merged_by), pull, clean, state),
    };
  }

  private open(fullName: string, author: Account, body: Record<string, unknown>): HostedPull {
    const [head, base, title] = [String(body.head), String(body.base), String(body.title)];
    const [headSha, baseSha] = [this.commit(fullName, head), this.commit(fullName, base)];
    if (!headSha || !baseSha)
      throw new Refusal(422, 'Validation Failed', [{ field: headSha ? 'base' : 'head', code: 'invalid' }]);
    const open = this.pulls.some(
      (pull) => pull.repository === fullName && pull.state === 'open' && pull.head === head && pull.base === base,
    );
    if (open) throw unprocessable(`A pull request already exists for ${fullName.split('/')[0]}:${head}.`);
    if (this.git(fullName, 'rev-list', '--count', `${baseSha}..${headSha}`) === '0')
      throw unprocessable(`No commits between ${base} and ${head}`);
    if (title.length > 256) throw unprocessable('title is too long (maximum is 256 characters)');
    const text = String(body.body ?? '');
    if (text.length > 65_536) throw unprocessable('body is too long (maximum is 65536 characters)');
    const pull = {
      repository: fullName,
      id: ++this.ids,
      number: this.pulls.filter((one) => one.repository === fullName).length + 1,
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
  }

  private merge(fullName: string, pull: HostedPull, body: Record<string, unknown>, by: Account): object {
    this.refresh(fullName, pull);
    if (pull.state !== 'open' || pull.draft) throw new Refusal(405, 'Pull Request is not mergeable');
    if (body.sha !== undefined && body.sha !== pull.head_sha)
      throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
    if (this.rule) throw new Refusal(405, this.rule);
    const { base_sha: base, head_sha: head } = pull;
    const tree = this.mergedTree(fullName, base, head);
    if (!tree) throw new Refusal(405, 'Pull Request is not mergeable');
    const squash = body.merge_method === 'squash';
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
