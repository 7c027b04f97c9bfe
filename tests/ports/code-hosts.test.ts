import { mergeAt, openCodeHosts, type HostPlace } from './local/code-hosts.ts';

/* What every code host does, on each of them. */

const hosts = await openCodeHosts();
afterAll(() => hosts.close());

describe.each(['local', 'github'] as const)('the code host %s', (kind) => {
  let place: HostPlace;
  beforeEach(async () => {
    place = await hosts[kind]();
  });
  const file = (rev: string, name: string) => place.git('show', `${rev}:${name}`);
  const subjects = () => place.git('log', '--first-parent', '--format=%s', 'main').split('\n').length;

  test('[GIT-06] a branch is pushed and its pull request opened once, however often that is asked', async () => {
    const { host, project } = place;
    const request = place.work('feature/one', { 'one.txt': '1\n' });
    await host.pushBranch(project, request.branch, request.head_sha);
    await host.pushBranch(project, request.branch, request.head_sha);
    expect(place.git('rev-parse', 'feature/one')).toBe(request.head_sha);
    expect(await host.findPullRequest(project, request.branch)).toBeUndefined();
    const opened = await Promise.all([1, 2, 3].map(() => host.openPullRequest(project, request)));
    expect(opened.map(({ provider, number, state }) => ({ provider, number, state }))).toEqual(
      [1, 2, 3].map(() => ({ provider: kind, number: 1, state: 'open' })),
    );
    expect(await host.findPullRequest(project, request.branch)).toEqual(opened[0]);
    expect(place.numbers()).toEqual([1]);
  });

  test('[GIT-06] nothing to merge opens nothing', async () => {
    const { host, project, base } = place;
    await host.pushBranch(project, 'feature/none', base);
    const empty = { business_key: 'ticket:none', title: 't', body: '', branch: 'feature/none', base: 'main' };
    await expect(host.openPullRequest(project, { ...empty, head_sha: base })).rejects.toMatchObject({ code: 'empty' });
    expect(place.numbers()).toEqual([]);
  });

  test('[GIT-07] a base that moved gets a merge commit, once', async () => {
    const request = await place.open('feature/merge', { 'b.txt': 'B\n' });
    const moved = place.commit({ 'a.txt': 'A\n' });
    const { sha } = await mergeAt(place.host, place.project, request, 'merge');
    expect(place.git('log', '-1', '--format=%P', sha)).toBe(`${moved} ${request.head_sha}`);
    expect([file('main', 'a.txt'), file('main', 'b.txt')]).toEqual(['A', 'B']);
    expect(await mergeAt(place.host, place.project, request, 'merge')).toEqual({ sha });
    expect(place.git('rev-parse', 'main')).toBe(sha);
    expect(await hosts.repositories.resolve(place.project.id, 'main')).toBe(sha);
  });

  test('[GIT-07] a squash is one commit, and is made once even after others', async () => {
    const request = await place.open('feature/squash', { 'b.txt': 'B\n' });
    const { sha } = await mergeAt(place.host, place.project, request, 'squash');
    expect(place.git('log', '-1', '--format=%P', sha)).toBe(place.base);
    expect(place.git('log', '-1', '--format=%s', sha)).toContain('Title of feature/squash');
    const later = place.commit({ 'c.txt': 'c\n' });
    expect(await mergeAt(place.host, place.project, request, 'squash')).toEqual({ sha });
    expect(place.git('rev-parse', 'main')).toBe(later);
  });

  test.each(['merge', 'squash'] as const)('[GIT-07] a conflict refuses the %s, and nothing moves', async (method) => {
    const request = await place.open('feature/clash', { 'a.txt': 'theirs\n' });
    const moved = place.commit({ 'a.txt': 'ours\n' });
    await expect(mergeAt(place.host, place.project, request, method)).rejects.toMatchObject({
      code: 'not_fast_forward',
      message: expect.stringContaining('"feature/clash" conflicts with "main"'),
    });
    expect([place.git('rev-parse', 'main'), place.git('rev-parse', 'feature/clash')]).toEqual([
      moved,
      request.head_sha,
    ]);
  });

  test('[GIT-07] merges that are asked for twice and at once all arrive, each once', async () => {
    const requests = [];
    for (const name of ['one', 'two', 'three'])
      requests.push(await place.open(`feature/${name}`, { [`${name}.txt`]: name }));
    const merged = [];
    for (const request of requests) {
      const merge = () => mergeAt(place.host, place.project, request, 'squash');
      merged.push(...(await Promise.all([merge(), merge()])));
    }
    expect(new Set(merged.map(({ sha }) => sha)).size).toBe(3);
    expect(subjects()).toBe(4);
  });
});
