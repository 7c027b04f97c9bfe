import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  accountOf,
  checksOf,
  statusOf,
  type HostedCheck,
  commitOf,
  contentOf,
  fullRepositoryOf,
  hookOf,
  permissionsOf,
  repositoryOf,
  type Account,
  type HostedHook,
  type HostedRepository,
} from './github-wire.ts';

export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors?: object[],
  ) {
    super(message);
  }
}
export const missing = () => new Refusal(404, 'Not Found');

/** What the answers of a repository need of the played GitHub. */
export interface Hosting {
  api: string;
  url: string;
  dir: string;
  hooks: HostedHook[];
  /** Of every commit. */
  checks: HostedCheck[];
  repositories: Map<string, HostedRepository>;
  newId(): number;
}

export interface Asked {
  method: string;
  /** Below the repository, such as /branches. */
  rest: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

type Given = { status: number; answer: object; headers?: Record<string, string> } | undefined;

export const gitOf = (at: Hosting, fullName: string) => {
  const folder = path.join(at.dir, `${fullName}.git`);
  const author = { GIT_AUTHOR_NAME: 'GitHub', GIT_AUTHOR_EMAIL: 'noreply@github.com' };
  const committer = { GIT_COMMITTER_NAME: 'GitHub', GIT_COMMITTER_EMAIL: 'noreply@github.com' };
  return (args: string[], input?: Buffer, env: Record<string, string> = {}): Buffer => {
    try {
      return execFileSync('git', ['--git-dir', folder, ...args], {
        input,
        env: { ...process.env, ...author, ...committer, ...env },
        stdio: 'pipe',
      });
    } catch {
      throw missing();
    }
  };
};

export const pageOf = <T>(rows: T[], query: URLSearchParams): T[] => {
  const size = Number(query.get('per_page') ?? 30);
  const from = (Number(query.get('page') ?? 1) - 1) * size;
  return rows.slice(from, from + size);
};

/** A page of a list, with the number of its last one. */
export function pageAnswer<T>(rows: T[], query: URLSearchParams, url: string) {
  const size = Number(query.get('per_page') ?? 30);
  const last = Math.max(1, Math.ceil(rows.length / size));
  const link = `<${url}?per_page=${size}&page=${last}>; rel="last"`;
  const isLast = Number(query.get('page') ?? 1) >= last;
  return { status: 200, answer: pageOf(rows, query), headers: isLast ? {} : { link } };
}

/** Answers about a repository itself, its content and its hooks. */
export function repositoryAnswer(at: Hosting, fullName: string, isAdmin: boolean, asked: Asked): Given {
  const repository = at.repositories.get(fullName) as HostedRepository;
  const { method, rest, query, body } = asked;
  const git = gitOf(at, fullName);
  const text = (...args: string[]) => git(args).toString().trim();
  const url = `${at.api}/repos/${fullName}`;
  const ref = query.get('ref') ?? query.get('sha') ?? repository.default_branch;
  const ok = (answer: object, status = 200): Given => ({ status, answer });
  const entries = (of: string, ...args: string[]) =>
    text('ls-tree', '-l', ...args, of)
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [, mode = '', type = '', sha = '', size = '', name = ''] =
          /^(\d+) (\w+) (\w+) +(\S+)\t(.*)$/.exec(line) ?? [];
        return { mode, type, sha, size: Number(size) || 0, path: name };
      });

  if (rest === '' && method === 'GET') return ok(fullRepositoryOf(at.api, at.url, repository, isAdmin));
  if (rest === '/branches')
    return ok(
      pageOf(text('for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads').split('\n'), query).map(
        (line) => {
          const [name, sha] = line.split(' ');
          return { name, commit: { sha, url: `${url}/commits/${sha}` }, protected: false };
        },
      ),
    );
  if (rest.startsWith('/git/trees/')) {
    const of = decodeURIComponent(rest.slice('/git/trees/'.length));
    const tree = entries(of, ...(query.get('recursive') ? ['-r', '-t'] : [])).map(({ size, ...one }) => ({
      ...one,
      ...(one.type === 'blob' ? { size } : {}),
    }));
    return ok({ sha: text('rev-parse', `${of}^{tree}`), tree, truncated: false });
  }
  const [, job] = /^\/actions\/jobs\/(\d+)\/logs$/.exec(rest) ?? [];
  if (job && at.checks[Number(job) - 1]?.log === undefined) throw missing();
  if (job) return { status: 302, answer: {}, headers: { location: `${at.url}/logs/${job}` } };
  const [, checked = '', kind] = /^\/commits\/([0-9a-f]{40})\/(check-runs|status)$/.exec(rest) ?? [];
  if (kind) {
    const all = at.checks.map((check, index) => ({ ...check, id: index + 1 }));
    const of = (as: string) => {
      const those = all.filter((check) => check.as === as && (check.sha ?? checked) === checked);
      // The newest of each name.
      return those.filter((check) => those.findLast(({ name }) => name === check.name) === check);
    };
    if (kind === 'check-runs') {
      const { check_runs: runs, ...rest } = checksOf(url, checked, of('check'));
      return ok({ ...rest, check_runs: pageOf(runs, query) });
    }
    const { statuses, ...whole } = statusOf(at.api, at.url, repository, checked, of('status'));
    return ok({ ...whole, statuses: pageOf(statuses, query) });
  }
  if (rest === '/commits' || rest.startsWith('/commits/')) {
    const of = rest === '/commits' ? ref : decodeURIComponent(rest.slice('/commits/'.length));
    const only = rest === '/commits' ? [] : ['-1'];
    const under = query.get('path');
    const logged = text(
      'log',
      ...only,
      '--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%s',
      of,
      ...(under ? ['--', under] : []),
    );
    const commits = logged.split('\n').map((line) => commitOf(url, `${at.url}/${fullName}`, line.split('\0')));
    return ok(rest === '/commits' ? pageOf(commits, query) : (commits[0] as object));
  }
  if (rest === '/git/refs' && method === 'POST') {
    const [name, sha] = [String(body.ref), String(body.sha)];
    if (git(['for-each-ref', name]).length > 0) throw new Refusal(422, 'Reference already exists');
    try {
      git(['update-ref', name, sha]);
    } catch {
      throw new Refusal(422, 'Object does not exist');
    }
    const object = { type: 'commit', sha, url: `${url}/git/commits/${sha}` };
    return ok({ ref: name, node_id: 'ref', url: `${url}/git/${name}`, object }, 201);
  }
  if (rest.startsWith('/contents/')) {
    const where = decodeURIComponent(rest.slice('/contents/'.length));
    const view = (one: ReturnType<typeof entries>[number], bytes?: Buffer) =>
      contentOf(url, `${at.url}/${fullName}`, ref, one, bytes);
    if (method === 'PUT') return ok(...put(at, fullName, where, body, view));
    const [found] = entriesAt(where);
    if (!found) throw missing();
    if (found.type === 'tree') return ok(entriesAt(`${where}/`).map((one) => view(one)));
    return ok(view(found, git(['cat-file', 'blob', found.sha])));
  }
  if (rest === '/hooks' || rest.startsWith('/hooks/')) {
    if (!isAdmin) throw missing();
    return hookAnswer(at, fullName, asked);
  }
  return undefined;

  function entriesAt(where: string) {
    const lines = text('ls-tree', '-l', ref, '--', where).split('\n').filter(Boolean);
    return lines.map((line) => {
      const [, mode = '', type = '', sha = '', size = '', name = ''] =
        /^(\d+) (\w+) (\w+) +(\S+)\t(.*)$/.exec(line) ?? [];
      return { mode, type, sha, size: Number(size) || 0, path: name };
    });
  }
}

function put(
  at: Hosting,
  fullName: string,
  where: string,
  { content, message, branch, sha }: Record<string, unknown>,
  view: (entry: { mode: string; type: string; sha: string; size: number; path: string }) => object,
): [object, number] {
  const git = gitOf(at, fullName);
  const name = String(branch ?? at.repositories.get(fullName)?.default_branch);
  const head = git(['rev-parse', '--verify', '-q', `refs/heads/${name}`])
    .toString()
    .trim();
  const known = git(['ls-tree', head, '--', where]).toString().split(/\s+/)[2];
  if (known && sha === undefined) throw new Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
  if ((known ?? undefined) !== sha) throw new Refusal(409, `${where} does not match ${String(sha)}`);
  const bytes = Buffer.from(String(content), 'base64');
  const blob = git(['hash-object', '-w', '--stdin'], bytes).toString().trim();
  const scratch = mkdtempSync(path.join(at.dir, 'index-'));
  const env = { GIT_INDEX_FILE: path.join(scratch, 'index') };
  git(['read-tree', head], undefined, env);
  git(['update-index', '--add', '--cacheinfo', `100644,${blob},${where}`], undefined, env);
  const tree = git(['write-tree'], undefined, env).toString().trim();
  rmSync(scratch, { recursive: true });
  const commit = git(['commit-tree', tree, '-p', head, '-m', String(message)])
    .toString()
    .trim();
  git(['update-ref', `refs/heads/${name}`, commit, head]);
  const entry = { mode: '100644', type: 'blob', sha: blob, size: bytes.length, path: where };
  return [{ content: view(entry), commit: { sha: commit } }, known ? 200 : 201];
}

function hookAnswer(at: Hosting, fullName: string, { method, rest, query, body }: Asked): Given {
  const own = at.hooks.filter((hook) => hook.repository === fullName);
  const view = (hook: HostedHook) => hookOf(`${at.api}/repos/${fullName}`, hook);
  const config = (body.config ?? {}) as HostedHook['config'];
  if (rest === '/hooks' && method === 'GET') return { status: 200, answer: pageOf(own, query).map(view) };
  if (rest === '/hooks') {
    if (own.some((hook) => hook.config.url === config.url))
      throw new Refusal(422, 'Validation Failed', [
        { resource: 'Hook', code: 'custom', message: 'Hook already exists on this repository' },
      ]);
    const hook = { repository: fullName, id: at.newId(), events: body.events as string[], config, active: true };
    at.hooks.push(hook);
    return { status: 201, answer: view(hook) };
  }
  const hook = own.find(({ id }) => rest === `/hooks/${id}`);
  if (!hook) throw missing();
  if (method === 'DELETE') {
    at.hooks.splice(at.hooks.indexOf(hook), 1);
    return { status: 204, answer: {} };
  }
  if (method === 'PATCH') Object.assign(hook, body, { config: { ...hook.config, ...config } });
  return { status: 200, answer: view(hook) };
}

/** Answers about the account that asks: who it is, its repositories and organizations, and new repositories. */
export function accountAnswer(
  at: Hosting & { create(owner: Account, name: string, body: Record<string, unknown>, by: Account): HostedRepository },
  account: Account,
  { repositories: reaches, mayWrite }: { repositories: string[]; mayWrite(fullName: string): boolean },
  call: string,
  query: URLSearchParams,
  body: Record<string, unknown>,
): Given {
  const owned = reaches.flatMap((fullName) => at.repositories.get(fullName) ?? []);
  const organizations = [...new Map(owned.map(({ owner }) => [owner.login, owner])).values()].filter(
    ({ type }) => type === 'Organization',
  );
  if (call === 'GET /api/v3/user') return { status: 200, answer: profileOf(at, account) };
  if (call === 'GET /api/v3/user/repos')
    return {
      status: 200,
      answer: pageOf(owned.toReversed(), query).map((one) => ({
        ...repositoryOf(at.api, at.url, one),
        permissions: permissionsOf(mayWrite(`${one.owner.login}/${one.name}`)),
      })),
    };
  if (call === 'GET /api/v3/user/orgs')
    return {
      status: 200,
      answer: pageOf(organizations, query).map((one) => organizationOf(at, one)),
    };
  const [, organization, template] =
    /^POST \/api\/v3\/(?:user|orgs\/([^/]+)|repos\/([^/]+\/[^/]+))\/(?:repos|generate)$/.exec(call) ?? [];
  if (!/^POST \/api\/v3\/(user\/repos|orgs\/[^/]+\/repos|repos\/[^/]+\/[^/]+\/generate)$/.test(call)) return undefined;
  const wanted = template ? String(body.owner ?? account.login) : (organization ?? account.login);
  const owner = wanted === account.login ? account : organizations.find(({ login }) => login === wanted);
  if (!owner || (template && !reaches.includes(template))) throw missing();
  const created = at.create(owner, String(body.name), { ...body, template }, account);
  return { status: 201, answer: fullRepositoryOf(at.api, at.url, created, true) };
}

const organizationOf = (at: Hosting, { login, id }: Account) => {
  const url = `${at.api}/orgs/${login}`;
  const names = ['repos', 'events', 'hooks', 'issues', 'members', 'public_members'];
  const addresses = Object.fromEntries(names.map((name) => [`${name}_url`, `${url}/${name}`]));
  return { login, id, node_id: 'O', url, ...addresses, avatar_url: `${at.url}/${login}.png`, description: null };
};

const profileOf = (at: Hosting, account: Account) => ({
  ...accountOf(at.api, at.url, account),
  ...{ bio: null, blog: null, company: null, email: null, hireable: null, location: null, name: null },
  ...{ followers: 0, following: 0, public_gists: 0, public_repos: 0 },
  ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
});
