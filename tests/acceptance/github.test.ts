import { sign } from '@octokit/webhooks-methods';
import { randomUUID } from 'node:crypto';
import { TestRepository } from '#tests/support/repository.ts';
import { playWriting, workedOn, type PullRow } from '#tests/support/quick-work.ts';
import { api, atGithub, newGithubProject, shared } from '#tests/support/shared.ts';

const merge = (id: string) => api().post(`/pull-requests/${id}/merge`, { method: 'squash' });

const secret = 'signs-events-of-github';

/** An event as GitHub sends it. @param signature another than that of the body. */
async function sendEvent(name: string, body: object | string, signature?: string) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`${shared.url}/api/v1/github/webhooks/github`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': name,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': signature ?? (await sign(secret, text)),
    },
    body: text,
  });
  return { status: answer.status, body: (await answer.json()) as { changed?: string[]; message?: string } };
}

const changed = (repository: string, number: number) => ({
  action: 'closed',
  repository: { full_name: repository },
  pull_request: { number },
});

describe('a token of a person', () => {
  test.each([
    ['its scopes do not fit', { scopes: 'read:org' }, 'needs the scope repo'],
    ['it may not push', { lacks: ['git/refs'] }, 'lacks Contents: Read and write for'],
    ['it may do nothing', { lacks: ['git/refs', 'pulls'] }, 'lacks Contents: Read and write and Pull requests'],
    ['there is none', undefined, 'repository.url holds no token'],
  ])('[EXEC-14] is refused before any work where %s, with the remedy', async (_, rights, reason) => {
    const name = `rights-${randomUUID().slice(0, 8)}`;
    const { url, token } = await atGithub('host', `acme/${name}`, new TestRepository().path, 'public');
    const made = rights && (await atGithub('token', `acme/${name}`, JSON.stringify(rights))).token;
    const by = (given?: string) => ({
      repository: { url: given ? url.replace('//', `//x-access-token:${given}@`) : url },
    });
    const create = await api().request('POST', '/projects', { name, ...by(made) });
    expect(create).toMatchObject({ status: made ? 403 : 400, body: { message: expect.stringContaining(reason) } });
    expect(JSON.stringify(create.body)).not.toContain(made ?? token);

    const scoped = (await atGithub('token', `acme/${name}`, JSON.stringify({ scopes: 'public_repo, workflow' }))).token;
    const { id } = await api().post<{ id: string }>('/projects', { name, ...by(scoped) });
    const change = await api().request('PATCH', `/projects/${id}`, by(made));
    expect(change).toMatchObject({ status: made ? 403 : 400, body: { message: expect.stringContaining('token') } });
    expect((await atGithub('pulls')).pulls.filter(({ repository }) => repository === `acme/${name}`)).toEqual([]);
  });
});

describe('a project at GitHub', () => {
  test('[GIT-06] [GIT-07] its work becomes a pull request there, is held by a rule of its repository, and merged once', async () => {
    const project = await newGithubProject('shop');
    const { ticket, pull } = await workedOn(project, 'src/one.js');
    expect(pull).toMatchObject({ number: 1, state: 'open', url: `${shared.githubUrl}/acme/shop/pull/1` });
    const [there, ...others] = await project.pulls();
    expect(others).toEqual([]);
    expect(there).toMatchObject({ number: 1, head: pull.branch, base: 'main', state: 'open' });
    expect(there?.title).toMatch(/^\[TKT-1\] Write src\/one\.js/);
    expect(there?.body).toContain(`<!-- omoios ticket:${ticket.id} -->`);
    expect(project.git('show', `${pull.branch}:src/one.js`)).toBe('export {};');

    await atGithub('rule', 'At least 1 approving review is required by reviewers with write access.');
    const refused = await merge(pull.id).catch((error: unknown) => String(error));
    await atGithub('rule', '');
    expect(refused).toMatch(/409.*At least 1 approving review is required.*Give the required reviews/s);
    await merge(pull.id);
    expect((await project.pulls())[0]?.merge_sha).toBe(project.git('rev-parse', 'main'));
    expect(project.git('log', '--format=%s', 'main').split('\n')).toHaveLength(2);
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({ status: 'done' });
  });

  test('[GIT-06] a pull request that is closed here is closed there, and its token is in no answer', async () => {
    const project = await newGithubProject('closed');
    const { pull } = await workedOn(project, 'src/two.js');
    await api().post(`/pull-requests/${pull.id}/close`, {});
    expect(await project.pulls()).toMatchObject([{ number: 1, state: 'closed', merge_sha: null }]);
    const shown = [await api().get(`/projects/${project.id}`), await api().get(`/pull-requests/${pull.id}`)];
    expect(JSON.stringify(shown)).not.toContain(project.token);
  });

  test('[GIT-08] [GIT-10] a merge by a person at GitHub ends the ticket once, whatever order and number of events tell it', async () => {
    const project = await newGithubProject('theirs');
    const { ticket, pull } = await workedOn(project, 'src/three.js');
    // Work that was added meanwhile waits for a model that nobody plays.
    const task = await api().post<{ id: string }>('/tasks', {
      ticket_id: ticket.id,
      title: 'More',
      description: 'Do more.',
    });
    const event = changed('ACME/theirs', 1);
    expect(await sendEvent('pull_request', event)).toEqual({ status: 202, body: { changed: [pull.id] } });
    await atGithub('merge', 'acme/theirs', '1');
    const sent = await Promise.all([1, 2, 3].map(() => sendEvent('pull_request', event)));
    expect(sent.map(({ status }) => status)).toEqual([202, 202, 202]);
    await api().until<PullRow>(`/pull-requests/${pull.id}`, ({ state }) => state === 'merged');
    await api().until<{ status: string }>(`/tasks/${task.id}`, ({ status }) => status === 'cancelled');
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({ status: 'done' });
    const { items } = await api().get<{ items: { type: string; data: { by?: string } }[] }>(
      `/events?project_id=${project.id}&limit=200`,
    );
    const merges = items.filter(({ type }) => type === 'pull_request.merged');
    expect(merges).toMatchObject([{ data: { by: 'octocat at github' } }]);
  });

  test('[GIT-08] [GIT-10] one that a person closes at GitHub is closed here', async () => {
    const project = await newGithubProject('left');
    const { ticket, pull } = await workedOn(project, 'src/four.js');
    await atGithub('close', 'acme/left', '1');
    await sendEvent('pull_request', changed('acme/left', 1));
    await api().until<PullRow>(`/pull-requests/${pull.id}`, ({ state }) => state === 'closed');
    await api().until<{ status: string }>(`/tickets/${ticket.id}`, ({ status }) => status === 'cancelled');
  });

  test('[GIT-10] one that a person reopens at GitHub goes on here, with its ticket, and takes changes and a merge', async () => {
    const project = await newGithubProject('reopened');
    const { ticket, pull } = await workedOn(project, 'src/six.js');
    const event = changed('acme/reopened', 1);
    await api().post(`/pull-requests/${pull.id}/close`, {});
    await sendEvent('pull_request', event);
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({ status: 'cancelled' });
    await atGithub('reopen', 'acme/reopened', '1');
    // The event of the closing comes late, and both come twice.
    for (const action of ['closed', 'reopened', 'closed', 'reopened'])
      await sendEvent('pull_request', { ...event, action });
    await api().until<PullRow>(`/pull-requests/${pull.id}`, ({ state }) => state === 'open');
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({
      status: 'building-done',
      last_error: null,
    });
    const types = async () =>
      (
        await api().all<{ type: string }>(
          `/events?project_id=${project.id}&types=pull_request.closed,pull_request.reopened`,
        )
      ).map(({ type }) => type);
    expect(await types()).toEqual(['pull_request.closed', 'pull_request.reopened']);

    const played = await playWriting('src/seven.js');
    const { task_id } = await api().post<{ task_id: string }>(`/pull-requests/${pull.id}/request-changes`, {
      comments: `Add src/seven.js ${played.word}`,
    });
    await api().until<{ status: string }>(`/tasks/${task_id}`, ({ status }) => status === 'completed', 60_000);
    await api().until<PullRow>(`/pull-requests/${pull.id}`, ({ head_sha: sha }) => sha !== pull.head_sha, 60_000);
    await played.stop();
    await merge(pull.id);
    expect(project.git('ls-tree', '-r', '--name-only', 'main')).toContain('src/seven.js');
    expect(await api().get(`/tickets/${ticket.id}`)).toMatchObject({ status: 'done' });
  });

  test('[GIT-10] where the token shows the pull request no more, its ticket asks a person; a new token continues', async () => {
    const project = await newGithubProject('hidden');
    const { ticket, pull } = await workedOn(project, 'src/five.js');
    await atGithub('revoke', project.token);
    await atGithub('merge', 'acme/hidden', '1');
    await sendEvent('pull_request', changed('acme/hidden', 1));
    const asked = await api().until<{ needs_review: boolean; last_error: string }>(
      `/tickets/${ticket.id}`,
      ({ needs_review }) => needs_review,
    );
    expect(asked.last_error).toMatch(/#1 at its code host could not be read.*Connect the repository again/s);
    expect(asked.last_error).not.toContain(project.token);
    await project.renewToken();
    await sendEvent('pull_request', changed('acme/hidden', 1));
    await api().until<PullRow>(`/pull-requests/${pull.id}`, ({ state }) => state === 'merged');
    const done = await api().until<{ status: string; needs_review: boolean }>(
      `/tickets/${ticket.id}`,
      ({ status }) => status === 'done',
    );
    expect(done.needs_review).toBe(false);
  });

  test('[GIT-08] [GIT-09] a push to the default branch links its commits at once, however often and late it is told', async () => {
    const project = await newGithubProject('pushed');
    const { ticket } = await workedOn(project, 'src/eight.js');
    const { key } = await api().get<{ key: string }>(`/tickets/${ticket.id}`);
    const links = () => api().all<{ sha: string; link_method: string }>(`/commits/ticket/${ticket.id}`);
    const commit = (subject: string) => {
      const sha = project.git('commit-tree', 'main^{tree}', '-p', 'main', '-m', subject);
      project.git('update-ref', 'refs/heads/main', sha);
      return sha;
    };
    const push = (ref: string) => ({ ref, before: '0', after: '0', repository: { full_name: 'acme/pushed' } });
    const first = commit(`${key}: write it down`);
    // A push elsewhere is none of the default branch.
    for (const ref of ['refs/heads/other', 'refs/tags/main']) await sendEvent('push', push(ref));
    await Promise.all([1, 2, 3].map(() => sendEvent('push', push('refs/heads/main'))));
    await api().until<{ items: object[] }>(`/commits/ticket/${ticket.id}`, ({ items }) => items.length > 1);
    const second = commit(`More of ${key}`);
    expect(await sendEvent('push', push('refs/heads/main'))).toEqual({ status: 202, body: { changed: [] } });
    await api().until<{ items: object[] }>(`/commits/ticket/${ticket.id}`, ({ items }) => items.length > 2);
    const named = (await links()).filter(({ link_method: method }) => method === 'message').map(({ sha }) => sha);
    expect(named.sort()).toEqual([first, second].sort());
  });

  test('[GIT-08] an event that GitHub has not signed changes nothing; others than those of pull requests are noted', async () => {
    const event = changed('acme/theirs', 1);
    const forged = await sign('guessed', JSON.stringify(event));
    const ofAnother = await sign(secret, JSON.stringify(changed('acme/other', 1)));
    for (const signature of [forged, ofAnother, '', 'sha256=', 'sha1=0'])
      expect(await sendEvent('pull_request', event, signature)).toMatchObject({
        status: 401,
        body: { message: expect.stringContaining('GITHUB_WEBHOOK_SECRET') },
      });
    expect(await sendEvent('ping', { zen: 'Keep it short.' })).toEqual({ status: 202, body: { changed: [] } });
    expect(await sendEvent('pull_request', changed('acme/unknown', 1))).toEqual({ status: 202, body: { changed: [] } });
    expect(await sendEvent('push', { ...event, ref: 'main' })).toEqual({ status: 202, body: { changed: [] } });
    expect(await sendEvent('pull_request', '{')).toMatchObject({ status: 400 });
    expect(await sendEvent('pull_request', {})).toMatchObject({ status: 400 });
  });
});
