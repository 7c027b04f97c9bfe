import type { HostPullRequest, MergeWay, NewPullRequest } from '#activities/ports/code-host.ts';
import { AppError } from '#workflows/domain/errors.ts';
import { openCodeHosts, type GithubPlay } from './local/code-hosts.ts';

/* Merges that GitHub's rules hold: which method, which wait, what ends it. And drafts. */

const hosts = await openCodeHosts();
afterAll(() => hosts.close());
let place: GithubPlay;
let pull: HostPullRequest & NewPullRequest;
beforeEach(async () => {
  place = await hosts.github();
  place.github.checks.length = 0;
  pull = await place.open('feature/held', { 'b.txt': 'B\n' });
});

const way = { method: 'merge', or_another: true, when_ready: false } as const;
const merge = (how: Partial<MergeWay> = {}) => place.host.mergePullRequest(place.project, pull, { ...way, ...how });
const wait = () => place.host.readMergeWait(place.project, pull);
const there = () => place.github.pulls.at(-1);
const approve = () =>
  place.github.say('review', place.full_name, pull.number, { by: { id: 7, login: 'ada' }, state: 'APPROVED' });
const check = (name: string, conclusion: 'success' | 'failure') =>
  place.github.check({ name, conclusion, as: 'check', sha: pull.head_sha });
const rules = (asked: Parameters<typeof place.github.rules>[1]) => place.github.rules(place.full_name, asked);
const mutations = () => place.github.calls.filter((call) => call.endsWith('/api/graphql')).length;

describe('a method that the repository does not allow', () => {
  test('[GIT-07] another one is used where nobody chose it: rebase where only that is allowed', async () => {
    rules({ methods: ['rebase'] });
    await expect(merge({ or_another: false })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/^method: .*does not allow merge; it allows rebase\. Leave the method out/),
    });
    expect(place.git('rev-parse', 'main')).toBe(place.base);
    expect(await merge()).toEqual({ sha: place.git('rev-parse', 'main') });
  });
});

describe('a merge that the rules hold', () => {
  test('[GIT-07] GitHub is asked to merge when its rules are met, and what is missing is said', async () => {
    rules({ reviews: 1, checks: ['build', 'lint'], auto_merge: true });
    await expect(merge()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('Or merge it with when_ready'),
    });
    expect(there()?.auto_merge).toBeNull();
    const first = 'GitHub merges it when 1 review and 2 checks ("build", "lint") are there.';
    expect(await merge({ when_ready: true })).toEqual({ waits_for: first });
    expect(await merge({ when_ready: true })).toEqual({ waits_for: first });
    check('build', 'success');
    expect(await wait()).toEqual({ waits_for: 'GitHub merges it when 1 review and 1 check ("lint") are there.' });
    check('lint', 'success');
    expect(await wait()).toEqual({ waits_for: 'GitHub merges it when 1 review is there.' });
    expect(there()?.state).toBe('open');
    approve();
    expect(there()).toMatchObject({ state: 'closed', merge_sha: place.git('rev-parse', 'main') });
    expect(await merge()).toEqual({ sha: place.git('rev-parse', 'main') });
  });

  test('[GIT-07] lost answers ask GitHub once', async () => {
    rules({ reviews: 1, auto_merge: true });
    let tries = 0;
    place.github.fail(/ \/api\/graphql$/, { times: 20 });
    for (;;) {
      tries += 1;
      try {
        expect(await merge({ when_ready: true })).toMatchObject({ waits_for: expect.any(String) });
        break;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
      }
    }
    expect(tries).toBe(21);
    approve();
    expect(place.git('log', '--format=%s', 'main').split('\n')).toHaveLength(3);
  });

  test('[GIT-07] a repository without auto-merge says so', async () => {
    rules({ reviews: 1 });
    await expect(merge({ when_ready: true })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/does not allow auto-merge: an administrator allows it/),
    });
  });

  test.each([
    ['a check that fails', () => check('build', 'failure'), /^The check "build" fails\.$/],
    ['a person who ends it', () => place.github.mark('auto_merge', place.full_name, pull.number, false), /any more/],
    ['a person who closes it', () => place.github.act('close', place.full_name, pull.number), /closed at GitHub/],
  ])('[GIT-07] %s ends the wait, with the reason', async (_, act, reason) => {
    rules({ checks: ['build'], auto_merge: true });
    await merge({ when_ready: true });
    act();
    expect(await wait()).toEqual({ ended: expect.stringMatching(reason) });
    for (const _time of [1, 2]) await place.host.endMergeWait(place.project, pull);
    expect(there()?.merge_sha).toBeNull();
  });

  test('[GIT-07] new commits that nobody has seen end the wait', async () => {
    rules({ checks: ['build'], auto_merge: true });
    await merge({ when_ready: true });
    place.git('update-ref', 'refs/heads/feature/held', place.base);
    expect(await wait()).toEqual({ ended: expect.stringContaining('new commits') });
    await place.host.endMergeWait(place.project, pull);
    expect(there()?.auto_merge).toBeNull();
  });
});

describe('a merge queue', () => {
  test('[GIT-07] a merge goes through it, since GitHub takes no other', async () => {
    rules({ queue: true });
    expect(await merge()).toEqual({ waits_for: "It is number 1 in GitHub's merge queue." });
    expect(await merge()).toEqual({ waits_for: "It is number 1 in GitHub's merge queue." });
    expect(place.github.queue).toHaveLength(1);
    place.github.act('merge', place.full_name, pull.number);
    expect(await merge()).toEqual({ sha: place.git('rev-parse', 'main') });
  });

  test('[GIT-07] one that lacks a review enters it once the review is there, and leaves it with a reason', async () => {
    rules({ queue: true, reviews: 1, auto_merge: true });
    await expect(merge()).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('required reviews'),
    });
    expect(await merge({ when_ready: true })).toEqual({ waits_for: 'GitHub merges it when 1 review is there.' });
    approve();
    expect(await wait()).toEqual({ waits_for: "It is number 1 in GitHub's merge queue." });
    await place.host.endMergeWait(place.project, pull);
    expect(place.github.queue).toHaveLength(0);
    expect(await wait()).toEqual({ ended: expect.stringContaining('left the merge queue') });
  });
});

describe('drafts', () => {
  const draft = (is: boolean) => place.host.setDraft(place.project, pull, is);

  test('[GIT-06] a pull request becomes a draft and ready again, each once though answers are lost', async () => {
    const before = mutations();
    for (const is of [true, false]) {
      place.github.fail(/ \/api\/graphql$/, { times: 1 });
      await expect(draft(is)).rejects.toMatchObject({ code: 'unavailable' });
      expect(there()?.draft).toBe(is);
      for (const _ of [1, 2]) expect(await draft(is)).toEqual({ changed: false });
    }
    expect(mutations() - before).toBe(2);
  });

  test('[GIT-06] where the plan has no drafts it stays as it is, and GitHub says why', async () => {
    rules({ drafts: false });
    expect(await draft(true)).toEqual({ refused: 'Draft pull requests are not supported in this repository.' });
    expect(there()?.draft).toBe(false);
    place.github.act('close', place.full_name, pull.number);
    expect(await draft(true)).toEqual({ changed: false });
  });
});
