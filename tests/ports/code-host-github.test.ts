import { createHash } from 'node:crypto';
import { AppError } from '#workflows/domain/errors.ts';
import { mergeAt, openCodeHosts, type GithubPlay } from './local/code-hosts.ts';

/* What GitHub alone does: its rules, its limits, its faults, and people at work beside us. */

const hosts = await openCodeHosts();
afterAll(() => hosts.close());
let place: GithubPlay;
beforeEach(async () => {
  place = await hosts.github();
});

const pull = () => place.github.pulls.at(-1);

/** Does it again until it succeeds, as Temporal does. */
async function untilDone<T>(work: () => Promise<T>): Promise<{ value: T; tries: number }> {
  for (let tries = 1; ; tries++) {
    try {
      return { value: await work(), tries };
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
    }
  }
}

/** Numbers from 0 to 1 that follow from a seed. */
function numbersOf(seed: number): () => number {
  let count = 0;
  return () => createHash('sha256').update(`${seed}:${count++}`).digest().readUInt32BE() / 2 ** 32;
}

/** Answers that are lost at least (`npm run validate -- --all` loses 1,000). */
const lostAnswers = Number(process.env.OMOIOS_TEST_LOST_ANSWERS ?? 120);

describe('answers that are lost', () => {
  test('[GIT-06] [GIT-07] a thousand failures after the effect: one pull request, one update, one merge, one end', async () => {
    const { host, project, github } = place;
    const request = place.work('feature/lost', { 'b.txt': 'B\n' });
    await host.pushBranch(project, request.branch, request.head_sha);
    const before = github.calls.length;
    let tries = 0;
    /** The answer to each look is lost 199 times, then that to the effect. */
    const all = async <T>(work: () => Promise<T>, effect = /^(POST|PUT|PATCH) /) => {
      github.fail(/^GET .*\/api\/v3\//, { times: 199 });
      github.fail(effect, { times: 1 });
      const done = await untilDone(work);
      tries += done.tries - 1;
      return done.value;
    };
    const opened = { ...request, ...(await all(() => host.openPullRequest(project, request))) };
    await all(() => host.updatePullRequest(project, { ...opened, body: 'It does more.' }));
    expect(pull()?.body).toContain('It does more.');
    const merged = await all(() => mergeAt(host, project, opened, 'squash'));
    expect(await all(() => mergeAt(host, project, opened, 'squash'), /^GET .*\/pulls\/1$/)).toEqual(merged);

    const other = await place.open('feature/closed', { 'c.txt': 'c\n' });
    await all(() => host.closePullRequest(project, other));
    const made = github.calls.slice(before);
    expect(tries).toBe(1000);
    expect(made.filter((call) => call.startsWith('PUT'))).toHaveLength(1);
    expect(made.filter((call) => call.startsWith('POST') && call.endsWith('/pulls'))).toHaveLength(2);
    expect(place.numbers()).toEqual([1, 2]);
    expect(place.git('log', '--format=%s', 'main').split('\n')).toEqual(['Title of feature/lost (#1)', 'first']);
    expect(pull()).toMatchObject({ number: 2, state: 'closed', merge_sha: null });
    expect(github.pulls.map(({ labels }) => labels)).toEqual([['omoios'], ['omoios']]);
  });

  test('[GIT-08] a thousand failures after the effect: each comment has one answer', async () => {
    const { host, project, github } = place;
    const request = await place.open('feature/reviewed', { 'b.txt': 'B\n' });
    const [fullName = ''] = [...github.repositories.keys()].slice(-1);
    const by = { id: 7, login: 'ada' };
    github.say('review', fullName, 1, {
      by,
      state: 'CHANGES_REQUESTED',
      body: 'Name it.',
      comments: [{ path: 'b.txt', line: 1, body: 'Here.' }],
    });
    github.say('comment', fullName, 1, { by, body: 'Soon?' });
    const read = await host.readRemarks(project, request);
    expect(read).toMatchObject([
      {
        verdict: 'changes_requested',
        author: { id: '7', login: 'ada' },
        remarks: [{ body: 'Name it.' }, { path: 'b.txt', line: 1, on_lines: true }],
      },
      { verdict: 'commented', remarks: [{ body: 'Soon?', on_lines: false }] },
    ]);
    let tries = 0;
    for (const { id } of read.flatMap(({ remarks }) => remarks)) {
      github.fail(/^GET .*\/api\/v3\//, { times: 333 });
      github.fail(/^POST /, { times: 1 });
      const answer = { remark_id: id, key: `task:${id}`, body: 'Done in abc.' };
      tries += (await untilDone(() => host.answerRemark(project, request, answer))).tries;
    }
    expect(tries).toBeGreaterThanOrEqual(1000);
    expect(github.remarks.filter(({ body }) => body.startsWith('Done in'))).toMatchObject([
      { kind: 'comment' },
      { kind: 'line', reply_to: expect.any(Number) },
      { kind: 'comment' },
    ]);
    expect(await host.readRemarks(project, request)).toEqual(read);
  });

  test('[GIT-06] [GIT-07] [GIT-08] answers lost at random, of looks and of effects: each effect is kept once', async () => {
    const { host, project, github, full_name: fullName } = place;
    let lost = 0;
    for (let seed = 1; lost < lostAnswers; seed++) {
      const random = numbersOf(seed);
      const strikes = () => random() < 0.8 && ++lost > 0;
      const request = place.work(`feature/seed-${seed}`, { [`${seed}.txt`]: `${seed}\n` });
      await host.pushBranch(project, request.branch, request.head_sha);
      const before = github.calls.length;
      const from = github.remarks.length;
      github.fail(/\/api\//, { times: 10_000, strikes });
      const { value: opened } = await untilDone(() => host.openPullRequest(project, request));
      const pullOf = { ...request, ...opened };
      const answer = { key: `seed:${seed}`, body: 'It is done.' };
      await untilDone(() => host.answerIssue(project, opened.number, answer));
      await untilDone(() => host.setDraft(project, pullOf, true));
      await untilDone(() => host.setDraft(project, pullOf, false));
      const { value: merged } = await untilDone(() =>
        host.mergePullRequest(project, pullOf, { method: 'squash', or_another: false, when_ready: false }),
      );
      github.heal();
      const sent = (of: RegExp) => github.calls.slice(before).filter((call) => of.test(call)).length;
      const kept = github.pulls.filter((one) => one.repository === fullName && one.head === request.branch);
      expect([seed, kept.length, sent(/^POST .*\/pulls$/)]).toEqual([seed, 1, 1]);
      expect([seed, kept[0]?.labels, sent(/^POST .*\/labels$/)]).toEqual([seed, ['omoios'], 1]);
      expect([seed, github.remarks.length - from, sent(/^POST .*\/comments$/)]).toEqual([seed, 1, 1]);
      expect([seed, kept[0]?.drafts, sent(/^PUT .*\/merge$/)]).toEqual([seed, [true, false], 1]);
      expect([seed, merged]).toEqual([seed, { sha: place.git('rev-parse', 'main') }]);
    }
    // One commit of each seed, and the first.
    const commits = place.git('log', '--format=%s', 'main').split('\n');
    expect(commits).toHaveLength(github.pulls.filter(({ repository }) => repository === fullName).length + 1);
  }, 600_000);

  test('a server that closes the connection is tried again later', async () => {
    place.github.fail(/\/pulls$/, { when: 'before', status: 503 });
    await expect(place.host.findPullRequest(place.project, 'x')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('limits and refusals', () => {
  const reset = String(Math.ceil(Date.now() / 1000) + 3600);
  test.each([
    ['names the seconds', 403, { 'retry-after': '17' }, '', 17, 17],
    ['names its end', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }, '', 1, 3600],
    ['is secondary', 403, {}, 'You have exceeded a secondary rate limit.', 60, 60],
    ['is new', 429, {}, 'Too many', 60, 60],
  ] as const)('a limit of requests that %s is a wait', async (_, status, headers, message, least, most) => {
    place.github.fail(/\/pulls$/, { when: 'before', status, headers, message });
    const error = await place.host.findPullRequest(place.project, 'x').catch((problem: unknown) => problem as AppError);
    expect(error).toMatchObject({ code: 'rate_limited', message: expect.stringContaining('takes no more requests') });
    expect((error as AppError).retryAfter).toBeGreaterThanOrEqual(least);
    expect((error as AppError).retryAfter).toBeLessThanOrEqual(most);
  });

  test('a token that has ended, or that lacks the repository, says what to do', async () => {
    const { github, host, project } = place;
    const find = () => host.findPullRequest(project, 'x');
    place.token = github.token('stranger', []);
    await expect(find()).rejects.toMatchObject({ code: 'no_access', message: expect.stringContaining('includes') });
    github.revoke(place.token);
    const error = await find().catch((problem: unknown) => problem as Error);
    expect(error).toMatchObject({
      code: 'no_access',
      message: expect.stringContaining('Connect the repository again'),
    });
    expect(String(error)).not.toContain(place.token);
    github.fail(/\/pulls$/, { when: 'before', status: 403, message: 'Resource not accessible by integration' });
    await expect(find()).rejects.toMatchObject({
      code: 'no_access',
      message: expect.stringContaining('the rights to'),
    });
  });

  test('[GIT-07] a rule of the repository is explained, and nothing is merged', async () => {
    const request = await place.open('feature/ruled', { 'b.txt': 'B\n' });
    place.github.rule = 'At least 1 approving review is required by reviewers with write access.';
    await expect(mergeAt(place.host, place.project, request, 'merge')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/At least 1 approving review.*Give the required reviews and checks/),
    });
    place.github.checks.push(
      { name: 'build', conclusion: 'failure', as: 'check' },
      { name: 'lint', conclusion: 'success', as: 'check' },
      { name: 'deploy/preview', conclusion: null, as: 'status' },
    );
    place.github.rule = 'Required status check "build" is expected.';
    const merge = () => mergeAt(place.host, place.project, request, 'merge');
    await expect(merge()).rejects.toMatchObject({
      message: expect.stringContaining('Its checks: "build" fails, "deploy/preview" has not ended. Give the'),
    });
    // A token without the right to read them still gives GitHub's reason.
    place.github.fail(/check-runs$|status$/, { when: 'before', status: 403, times: 2 });
    await expect(merge()).rejects.toMatchObject({
      message: expect.stringMatching(/is expected\.+ Give/),
    });
    place.github.checks.length = 0;
    place.github.rule = undefined;
    expect(place.git('rev-parse', 'main')).toBe(place.base);
    await mergeAt(place.host, place.project, request, 'merge');
  });
});

describe('people beside us', () => {
  test("[GIT-07] a pull request of the platform's own, from before, never touches the one of its number at GitHub", async () => {
    const { host, project, github } = place;
    const theirs = await place.open('feature/theirs', { 'b.txt': 'B\n' });
    const own = {
      ...place.work('feature/own', { 'c.txt': 'c\n' }),
      ...theirs,
      provider: 'local',
      branch: 'feature/own',
    };
    const before = github.calls.length;
    await host.updatePullRequest(project, { ...own, body: 'x' });
    expect(await host.readPullRequest(project, own)).toMatchObject({ state: 'open', provider: 'local' });
    await host.closePullRequest(project, own);
    expect(github.calls.length).toBe(before);
    expect(pull()).toMatchObject({ number: 1, state: 'open' });
  });

  test('[GIT-06] what people write into the description stays when our part is renewed', async () => {
    const request = await place.open('feature/described', { 'b.txt': 'B\n' });
    const at = place.github.pulls.find(({ head }) => head === 'feature/described');
    if (!at) throw new Error('no pull request');
    at.body = `Before.\n${at.body}\nAfter.`;
    await place.host.updatePullRequest(place.project, { ...request, body: 'New words.' });
    expect(at.body).toBe('Before.\n<!-- omoios ticket:feature/described -->\nNew words.\n<!-- /omoios -->\nAfter.');
    at.body = 'Mine alone.';
    await place.host.updatePullRequest(place.project, request);
    expect(at.body).toBe('Mine alone.');
  });

  test('[GIT-06] a long title and a long description are cut to what GitHub takes', async () => {
    const request = place.work('feature/long', { 'b.txt': 'B\n' });
    await place.host.pushBranch(place.project, request.branch, request.head_sha);
    await place.host.openPullRequest(place.project, { ...request, title: 'é'.repeat(400), body: 'x'.repeat(90_000) });
    expect([pull()?.title.length, pull()?.body?.length]).toEqual([256, 65_536]);
  });

  test('[GIT-06] a long description keeps what people wrote beside it, and its folds end', async () => {
    const request = await place.open('feature/beside', { 'b.txt': 'B\n' });
    const at = place.github.pulls.find(({ head }) => head === 'feature/beside');
    if (!at) throw new Error('no pull request');
    at.body = `${'before '.repeat(3000)}${at.body} after`;
    const body = `<details>\n<summary>many</summary>\n\n${'- a line\n'.repeat(9000)}\n</details>`;
    await place.host.updatePullRequest(place.project, { ...request, body });
    expect(at.body.length).toBeLessThanOrEqual(65_536);
    expect(at.body).toMatch(/^before .*- a line\n\n<\/details>\n<!-- \/omoios --> after$/s);
    await place.host.updatePullRequest(place.project, { ...request, body: 'Short.' });
    expect(at.body).toMatch(/before <!-- omoios \S+ -->\nShort\.\n<!-- \/omoios --> after$/);
  });

  test('[GIT-06] a title names no issue, which a squashed commit with this title would close', async () => {
    const request = place.work('feature/named', { 'b.txt': 'B\n' });
    await place.host.pushBranch(place.project, request.branch, request.head_sha);
    await place.host.openPullRequest(place.project, { ...request, title: 'Fixes #1, says @octocat' });
    expect(pull()?.title).toBe('Fixes #\u200B1, says @\u200Boctocat');
  });

  test('[GIT-07] a commit that a person pushed to the branch is never merged unseen', async () => {
    const request = await place.open('feature/pushed', { 'b.txt': 'B\n' });
    const later = place.work('feature/pushed', { 'b.txt': 'B\n', 'c.txt': 'c\n' });
    await place.host.pushBranch(place.project, 'feature/pushed', later.head_sha).catch(() => undefined);
    place.git('update-ref', 'refs/heads/feature/pushed', place.base);
    await expect(mergeAt(place.host, place.project, request, 'merge')).rejects.toMatchObject({ code: 'moved' });
    expect(place.git('rev-parse', 'main')).toBe(place.base);
  });

  test('[GIT-07] what a person merged or closed at GitHub is found so', async () => {
    const { host, project } = place;
    const merged = await place.open('feature/theirs', { 'b.txt': 'B\n' });
    const sha = (await mergeAt(host, project, merged, 'squash')).sha;
    await expect(host.closePullRequest(project, merged)).rejects.toMatchObject({ code: 'refused' });
    expect(await host.findPullRequest(project, 'feature/theirs')).toMatchObject({ state: 'merged' });
    expect(await mergeAt(host, project, merged, 'merge')).toEqual({ sha });

    const closed = await place.open('feature/no', { 'c.txt': 'c\n' });
    await host.closePullRequest(project, closed);
    await expect(mergeAt(host, project, closed, 'merge')).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('closed at GitHub'),
    });
  });
});
