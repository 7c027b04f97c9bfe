import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json, text } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { serveGit } from './git-http.ts';
import { PlayedApp } from './github-app.ts';
import { graphqlAnswer, type Rules } from './github-graphql.ts';
import { playAct, type Played } from './github-played.ts';
import { HostedPulls } from './github-pulls.ts';
import type { IssueAct } from './github-issues.ts';
import type { Said } from './github-remarks.ts';
import { accountAnswer, gitOf, missing, Refusal, repositoryAnswer } from './github-repositories.ts';
import {
  type Account,
  type HostedCheck,
  type HostedHook,
  type HostedPull,
  type HostedRepository,
} from './github-wire.ts';

/** A fault of the next calls that fit: before it, nothing happens; after it, the answer is lost. */
export interface Fault {
  call: RegExp;
  when: 'before' | 'after';
  status: number;
  headers?: Record<string, string>;
  message?: string;
  times: number;
  /** Whether it strikes a call that fits; absent: each one. */
  strikes?: () => boolean;
}

interface SignedIn {
  account: Account;
  repositories: string[];
  rights?: Map<string, 'write' | 'read'>;
  /** Of a classic token: its scopes. */
  scopes?: string;
  /** Of a fine-grained token: what it may not write. */
  lacks?: string[];
}

/** Plays GitHub: its API and its git, over real bare repositories. It keeps what it was told, also where its answer is lost. */
export class Github {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'omoios-github-'));
  readonly calls: string[] = [];
  readonly hooks: HostedHook[] = [];
  readonly checks: HostedCheck[] = [];
  private readonly requests = new HostedPulls(this);
  readonly app = new PlayedApp(this);
  readonly repositories = new Map<string, HostedRepository>();
  /** Of accounts that sign in: what they reach, and the right there. */
  private readonly grants = new Map<string, Map<string, 'write' | 'read'>>();
  private readonly revoked = new Set<string>();
  private readonly tokens = new Map<string, SignedIn>();
  private readonly faults: Fault[] = [];
  /** Ids of repositories, by the names that they had. */
  private readonly led = new Map<string, number>();
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

  get pulls(): HostedPull[] {
    return this.requests.pulls;
  }

  get remarks() {
    return this.requests.remarks.all;
  }

  get issues() {
    return this.requests.issues.all;
  }

  say(kind: 'review' | 'comment', fullName: string, number: number, said: Said): void {
    this.requests.say(kind, fullName, number, said);
  }

  /** A person changes the words that somebody said. */
  rewrite(words: string, by: Said['by'], body: string): void {
    this.requests.remarks.rewrite(words, by, body);
  }

  /** Why GitHub's rules keep a base from being merged into; undefined: nothing. */
  set rule(rule: string | undefined) {
    this.requests.rule = rule;
  }

  rules(fullName: string, rules: Rules): void {
    this.requests.rules.set(fullName, rules);
  }

  /** A person makes a pull request a draft or ready, or ends its auto-merge. */
  mark(call: 'draft' | 'auto_merge', fullName: string, number: number, on: boolean): void {
    this.requests.mark(call, fullName, number, on);
  }

  forget(fullName: string, words: string): void {
    const { all } = this.requests.remarks;
    const kept = all.filter(({ repository, body }) => repository !== fullName || !body.includes(words));
    all.splice(0, all.length, ...kept);
  }

  issue(fullName: string, act: IssueAct): void {
    this.requests.issues.act(fullName, act);
  }

  /** Checks that come later let GitHub merge what waits. */
  check(check: HostedCheck): void {
    this.checks.push(check);
    this.requests.settle();
  }

  get queue(): HostedPull[] {
    return this.requests.queue;
  }

  act(call: 'merge' | 'close' | 'reopen', fullName: string, number: number): void {
    this.requests.act(call, fullName, number);
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
  host(fullName: string, from: string, isPublic = false): { url: string; git_dir: string; token: string } {
    const [login = '', name = ''] = fullName.split('/');
    const owner: Account = { id: ++this.ids, login, type: 'Organization' };
    const folder = path.join(this.dir, `${fullName}.git`);
    execFileSync('git', ['clone', '-q', '--bare', from, folder]);
    execFileSync('git', ['--git-dir', folder, 'config', 'http.receivepack', 'true']);
    this.repositories.set(fullName, { id: ++this.ids, owner, name, default_branch: 'main', private: !isPublic });
    const token = this.token(`${login}-bot`, [fullName]);
    return { url: `${this.url}/${fullName}.git`, git_dir: folder, token };
  }

  token(
    login: string,
    repositories: string[],
    prefix = 'ghp',
    rights: Pick<SignedIn, 'scopes' | 'lacks' | 'rights'> = {},
  ): string {
    const token = `${prefix}_${String(++this.ids).padStart(36, '0')}`;
    this.tokens.set(token, { account: { id: ++this.ids, login, type: 'User' }, repositories, ...rights });
    return token;
  }

  revoke(token: string): void {
    this.tokens.delete(token);
    this.revoked.add(token);
  }

  grant(login: string, fullName: string, right: 'write' | 'read' = 'write'): void {
    this.revoked.delete(login);
    this.grants.set(login, (this.grants.get(login) ?? new Map<string, 'write' | 'read'>()).set(fullName, right));
  }

  newId(): number {
    return ++this.ids;
  }

  private nameOf(id: number): string {
    return [...this.repositories].find(([, one]) => one.id === id)?.[0] ?? '';
  }

  /** A person gives a repository another owner or name, or deletes it. All that have its name keep it. */
  move(from: string, to?: string): void {
    const repository = this.repositories.get(from);
    if (!repository) throw missing();
    this.repositories.delete(from);
    if (to === undefined) return;
    const [login = '', name = ''] = to.split('/');
    this.repositories.set(to, { ...repository, owner: { ...repository.owner, login }, name });
    this.led.set(from, repository.id);
    const folder = (fullName: string) => path.join(this.dir, `${fullName}.git`);
    mkdirSync(path.dirname(folder(to)), { recursive: true });
    renameSync(folder(from), folder(to));
    for (const rights of this.grants.values()) if (rights.has(from)) rights.set(to, rights.get(from) ?? 'write');
    for (const { repositories } of this.tokens.values()) if (repositories.includes(from)) repositories.push(to);
    for (const one of [...this.hooks, ...this.pulls, ...this.remarks, ...this.issues])
      if (one.repository === from) one.repository = to;
    this.app.move(from, to);
  }

  /** A new repository of an account that signs in. */
  create(owner: Account, name: string, body: Record<string, unknown>, by: Account): HostedRepository {
    const fullName = `${owner.login}/${name}`;
    if (this.repositories.has(fullName))
      throw new Refusal(422, 'Repository creation failed.', [
        { resource: 'Repository', code: 'custom', field: 'name', message: 'name already exists on this account' },
      ]);
    const folder = path.join(this.dir, `${fullName}.git`);
    const from = typeof body.template === 'string' ? path.join(this.dir, `${body.template}.git`) : undefined;
    execFileSync(
      'git',
      from ? ['clone', '-q', '--bare', from, folder] : ['init', '-q', '--bare', '-b', 'main', folder],
    );
    execFileSync('git', ['--git-dir', folder, 'config', 'http.receivepack', 'true']);
    const made = { id: this.newId(), owner, name, default_branch: 'main', private: body.private === true };
    this.repositories.set(fullName, made);
    if (owner.login !== by.login) this.grant(by.login, fullName);
    if (body.auto_init === true && !from) {
      const git = gitOf(this, fullName);
      const said = (...args: string[]) => git(args).toString().trim();
      const tree = said('hash-object', '-t', 'tree', '-w', '/dev/null');
      git(['update-ref', 'refs/heads/main', said('commit-tree', tree, '-m', 'Initial commit')]);
    }
    return made;
  }

  fail(call: RegExp, fault: Partial<Omit<Fault, 'call'>> = {}): void {
    this.faults.push({ call, when: 'after', status: 502, times: 1, ...fault });
  }

  /** No fault strikes any more. */
  heal(): void {
    this.faults.length = 0;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname === '/played')
      return void response.end(JSON.stringify(playAct(this, (await json(request)) as Played)));
    const call = `${request.method} ${pathname}`;
    this.calls.push(call);
    const [, log] = /^\/logs\/(\d+)$/.exec(pathname) ?? [];
    if (log) return void response.end(this.checks[Number(log) - 1]?.log);
    const user = this.signedIn(request.headers.authorization);
    const isGraphql = pathname === '/api/graphql';
    if (!pathname.startsWith('/api/v3/') && !isGraphql) {
      const [, owner, repo] = pathname.split('/');
      const fullName = `${owner}/${repo?.replace(/\.git$/, '')}`;
      const isRead = this.repositories.get(fullName)?.private === false && !`${request.url}`.includes('receive-pack');
      if (isRead || user?.repositories.includes(fullName))
        serveGit(this.dir, request, response, user?.account.login ?? '');
      else response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
      return;
    }
    const send = (status: number, body: object, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
        .end(JSON.stringify(body));
    const fault = this.faults.find((one) => one.times > 0 && one.call.test(call) && (one.strikes?.() ?? true));
    const broken = () => {
      if (fault) send(fault.status, { message: fault.message ?? 'Server Error' }, fault.headers);
    };
    if (fault) fault.times -= 1;
    if (fault?.when === 'before') return broken();
    try {
      const sent = await text(request);
      const body = (sent ? JSON.parse(sent) : {}) as Record<string, unknown>;
      const ofApp: { status: number; answer: object; headers?: Record<string, string> } | undefined =
        await this.app.answer(call, request.headers.authorization ?? '', body);
      if (!ofApp && !user) throw new Refusal(401, 'Bad credentials');
      const { status, answer, headers } =
        ofApp ??
        (isGraphql
          ? { status: 200, answer: await graphqlAnswer(this.requests, body, user as SignedIn), headers: undefined }
          : this.answer(user as SignedIn, call, searchParams, body));
      if (fault) broken();
      else send(status, answer, { ...headers, ...(user?.scopes ? { 'x-oauth-scopes': user.scopes } : {}) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, message, errors } = error;
      send(status, { message, ...(errors ? { errors } : {}), documentation_url: 'https://docs.github.com/rest' });
    }
  }

  private signedIn(header = ''): SignedIn | undefined {
    const [kind = '', value = ''] = header.split(' ');
    const password = Buffer.from(value, 'base64').toString().split(':').at(-1) ?? '';
    const token = kind.toLowerCase() === 'basic' ? password : value;
    return this.tokens.get(token) ?? (token.startsWith('eyJ') ? this.person(token) : undefined);
  }

  /** The account of a token that the sign-in gave. */
  private person(token: string) {
    const id = Number(decodeJwt(token).sub);
    if (!Number.isInteger(id)) return undefined;
    const login = `login-${id}`;
    if (this.revoked.has(token) || this.revoked.has(login)) return undefined;
    const rights = this.grants.get(login) ?? new Map<string, 'write' | 'read'>();
    const own = [...this.repositories.keys()].filter((fullName) => fullName.startsWith(`${login}/`));
    const account: Account = { id, login, type: 'User' };
    return { account, repositories: [...rights.keys(), ...own], rights };
  }

  private answer(
    user: SignedIn,
    call: string,
    query: URLSearchParams,
    body: Record<string, unknown>,
  ): { status: number; answer: object; headers?: Record<string, string> } {
    const mayWrite = (name: string) => user.rights?.get(name) !== 'read';
    const writes = call.startsWith('POST ') && /\/(pulls|git\/refs)$/.exec(call)?.[1];
    if (writes && user.lacks?.includes(writes))
      throw new Refusal(403, 'Resource not accessible by personal access token');
    const ofAccount = accountAnswer(this, user.account, { ...user, mayWrite }, call, query, body);
    if (ofAccount) return ofAccount;
    const [, method, named = '', rest = ''] =
      /^(\w+) \/api\/v3\/(?:repos\/([^/]+\/[^/]+)|repositories\/\d+)(\/.*)?$/.exec(call) ?? [];
    const [, byId] = /\/repositories\/(\d+)/.exec(call) ?? [];
    // GitHub leads from each name that a repository had to its address by id.
    if (this.led.has(named) && !this.repositories.has(named)) {
      const url = `${this.api}/repositories/${this.led.get(named)}${rest}`;
      return { status: 307, answer: { message: 'Moved Permanently', url }, headers: { location: url } };
    }
    const fullName = byId ? this.nameOf(Number(byId)) : named;
    const repository = this.repositories.get(fullName);
    if (!repository || !user.repositories.includes(fullName)) throw missing();
    const ofRepository = repositoryAnswer(this, fullName, mayWrite(fullName), {
      method: method ?? '',
      rest,
      query,
      body,
    });
    if (ofRepository) return ofRepository;
    return this.requests.answer(fullName, user.account, { method: method ?? '', rest, query, body });
  }
}
