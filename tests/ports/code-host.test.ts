import path from 'node:path';
import { createLocalCodeHost } from '#activities/adapters/code-host/local.ts';
import { createRepositories } from '#activities/adapters/repositories/git.ts';
import type { CodeHostPort, HostProject, HostPullRequest, NewPullRequest } from '#activities/ports/code-host.ts';
import type { RepositoriesPort } from '#activities/ports/repositories.ts';
import { environment } from '#activities/services/config.ts';
import { mergeAt, createRecords } from './local/code-hosts.ts';
import { commitAll, commitOn, git, makeRepository, put, scratchDir } from './local/fixture.ts';

describe('the local code host', () => {
  const { dir, remove } = scratchDir();
  const dataDir = path.join(dir, 'data');
  const repositories: RepositoriesPort = createRepositories({ dataDir, environment });
  let records: ReturnType<typeof createRecords>;
  let host: CodeHostPort;
  let source: string;
  let base: string;
  let project: HostProject;
  let count = 0;
  afterAll(remove);

  beforeEach(async () => {
    source = path.join(dir, `source-${++count}`);
    base = makeRepository(source, { 'a.txt': 'a\n', 'b.txt': 'b\n' });
    project = { id: `project-${count}`, organization_id: 'org', default_branch: 'main', path: source };
    await repositories.sync(project.id, project, 'main');
    records = createRecords();
    host = createLocalCodeHost({ repositories, records });
  });

  async function work(branch: string, files: Record<string, string>): Promise<NewPullRequest> {
    const head_sha = commitOn(repositories.gitDir(project.id), base, files, branch);
    return {
      business_key: `ticket:${branch}`,
      title: `Title of\n${branch}`,
      body: 'What it does.',
      branch,
      base: 'main',
      head_sha,
    };
  }

  const open = async (request: NewPullRequest) => ({ ...request, ...(await host.openPullRequest(project, request)) });
  const tip = () => git(source, 'rev-parse', 'main');
  const firstParents = () => git(source, 'log', '--first-parent', '--format=%s', 'main').split('\n');

  test('[GIT-07] a merge goes forward where it can, with the files of the working tree', async () => {
    const request = await open(await work('feature/ff', { 'new.txt': 'n\n' }));
    expect(await mergeAt(host, project, request, 'merge')).toEqual({ sha: request.head_sha });
    expect([tip(), git(source, 'status', '--short'), git(source, 'show', 'HEAD:new.txt')]).toEqual([
      request.head_sha,
      '',
      'n',
    ]);
    expect(await mergeAt(host, project, request, 'merge')).toEqual({ sha: request.head_sha });
    expect(await repositories.resolve(project.id, 'main')).toBe(request.head_sha);
  });

  test('[GIT-07] a base whose history was replaced refuses the merge with the reason, and others still merge', async () => {
    const request = await open(await work('feature/old', { 'b.txt': 'B\n' }));
    git(source, 'checkout', '-q', '--orphan', 'new');
    git(source, 'commit', '-qm', 'new');
    git(source, 'branch', '-M', 'new', 'main');
    for (const method of ['merge', 'squash'] as const) {
      const merge = mergeAt(host, project, request, method);
      await expect(merge).rejects.toMatchObject({ name: 'RepositoryError', code: 'unrelated' });
      await expect(merge).rejects.toThrow('history of "main" was replaced');
    }
    await expect(repositories.mergeTree(project.id, 'main', request.head_sha)).rejects.toMatchObject({
      code: 'unrelated',
    });
    base = tip();
    const later = await open(await work('feature/later', { 'c.txt': 'C\n' }));
    expect(await mergeAt(host, project, later, 'merge')).toEqual({ sha: later.head_sha });
  });

  test('[GIT-07] a squash is one commit that names its pull request, and is made once even after others', async () => {
    const request = await open(await work('feature/squash', { 'b.txt': 'B\n' }));
    const { sha } = await mergeAt(host, project, request, 'squash');
    expect(git(source, 'log', '-1', '--format=%P|%s', sha)).toBe(`${base}|Title of feature/squash`);
    expect(git(source, 'log', '-1', '--format=%b', sha)).toBe(
      `What it does.\n\nOmoiOS-Pull-Request: ticket:feature/squash\nOmoiOS-Head: ${request.head_sha}`,
    );
    put(source, { 'c.txt': 'c\n' });
    const later = commitAll(source, 'later');
    expect(await mergeAt(host, project, request, 'squash')).toEqual({ sha });
    expect(tip()).toBe(later);
  });

  test('[GIT-07] a branch that grew after its squash brings only what is new', async () => {
    const request = await open(await work('feature/grow', { 'b.txt': 'B\n' }));
    const first = await mergeAt(host, project, request, 'squash');
    const grown = await open({
      ...(await work('feature/grow', { 'b.txt': 'B\n', 'more.txt': 'm\n' })),
      business_key: request.business_key,
    });
    const second = await mergeAt(host, project, grown, 'squash');
    expect(second.sha).not.toBe(first.sha);
    expect(git(source, 'show', '--format=', '--name-only', second.sha)).toBe('more.txt');
  });

  test('[GIT-07] a commit that only claims to be the squash does not pass for it', async () => {
    const request = await open(await work('feature/claimed', { 'b.txt': 'B\n' }));
    git(
      source,
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      `fake\n\nOmoiOS-Pull-Request: ${request.business_key}\nOmoiOS-Head: ${request.head_sha}`,
    );
    const { sha } = await mergeAt(host, project, request, 'squash');
    expect(git(source, 'show', `${sha}:b.txt`)).toBe('B');
    expect(firstParents()).toEqual(['Title of feature/claimed', 'fake', 'first']);
  });

  test('[GIT-07] a conflict is refused by the names of its files, and nothing moves', async () => {
    const request = await open(await work('feature/clash', { 'a.txt': 'theirs\n', 'b.txt': 'theirs\n' }));
    put(source, { 'a.txt': 'ours\n', 'b.txt': 'ours\n' });
    const moved = commitAll(source, 'ours');
    for (const method of ['merge', 'squash'] as const) {
      await expect(mergeAt(host, project, request, method)).rejects.toMatchObject({
        code: 'not_fast_forward',
        message: expect.stringContaining('a.txt, b.txt'),
      });
    }
    expect([tip(), git(source, 'status', '--short')]).toEqual([moved, '']);
    expect(await repositories.resolve(project.id, 'feature/clash')).toBe(request.head_sha);
  });

  test('[GIT-07] a working tree with changes is left alone until they are gone', async () => {
    const request = await open(await work('feature/dirty', { 'b.txt': 'B\n' }));
    put(source, { 'a.txt': 'being written\n' });
    await expect(mergeAt(host, project, request, 'squash')).rejects.toMatchObject({ code: 'dirty' });
    expect([tip(), git(source, 'diff', '--name-only')]).toEqual([base, 'a.txt']);
    git(source, 'checkout', '-q', '.');
    await mergeAt(host, project, request, 'squash');
    expect(firstParents()).toEqual(['Title of feature/dirty', 'first']);
  });

  test('[GIT-07] merges at once all arrive, each once', async () => {
    const requests = await Promise.all(
      ['one', 'two', 'three'].map(async (name) => open(await work(`feature/${name}`, { [`${name}.txt`]: name }))),
    );
    const merge = (request: NewPullRequest & HostPullRequest) => mergeAt(host, project, request, 'squash');
    const merged = await Promise.all(requests.flatMap((request) => [merge(request), merge(request)]));
    expect(new Set(merged.map(({ sha }) => sha)).size).toBe(3);
    expect(firstParents().sort()).toEqual([
      'Title of feature/one',
      'Title of feature/three',
      'Title of feature/two',
      'first',
    ]);
    expect(git(source, 'status', '--short')).toBe('');
  });

  test('[GIT-07] a bare repository merges without a working tree', async () => {
    const bare = `${source}.git`;
    git('/', 'clone', '-q', '--bare', source, bare);
    const request = await open(await work('feature/bare', { 'b.txt': 'B\n' }));
    const { sha } = await mergeAt(host, { ...project, path: bare }, request, 'squash');
    expect(git(bare, 'rev-parse', 'main')).toBe(sha);
    expect(tip()).toBe(base);
  });
});
