import { eventually, type Api } from '#tests/support/api.ts';
import { LiveFeed, type LiveEvent } from '#tests/support/live-feed.ts';
import { newPerson, password } from '#tests/support/people.ts';
import { api, newProject, ownerKey, playOnShared, shared } from '#tests/support/shared.ts';
import { answerValue, finishTask, reviewPasses } from '#tests/support/scripts.ts';

/** A ticket without running work, to create events. */
const plan = async (on: Api, project_id: string, title = 'Something') =>
  on.post<{ id: string }>('/tickets', {
    project_id,
    title,
    description: 'To plan one day.',
    workflow_mode: 'spec_driven',
    force_create: true,
  });

describe('REST', () => {
  test('[API-01] errors have one shape, name the field, and show no internals', async () => {
    const { id: project_id } = await newProject();
    const broken = await api().request('POST', '/tickets', '{"project_id": ', { 'x-request-id': 'from-outside-7' });
    expect(broken).toMatchObject({
      status: 422,
      body: { error: 'invalid_body', message: expect.any(String), details: [{ field: 'body' }] },
    });
    expect(broken.headers.get('x-request-id')).toBe('from-outside-7');
    const fields = await api().request('POST', '/tickets', { project_id, title: 7, priority: 'URGENT', colour: 'red' });
    expect(fields.status).toBe(422);
    expect((fields.body.details as { field: string }[]).map((detail) => detail.field).sort()).toEqual([
      'colour',
      'description',
      'priority',
      'title',
    ]);
    const answers = [
      broken,
      fields,
      await api().request('GET', '/nowhere'),
      await api().request('GET', '/tasks/not-an-id'),
      await api().request('GET', '/specs/../../etc'),
      await api().as(undefined).request('GET', '/projects'),
      await api().request('POST', '/projects', { name: 'x', repository: { path: '/nowhere' } }),
      await api().request('POST', '/tickets', '[]'),
      await api().request('POST', '/tickets', 'null'),
      await api().request('POST', '/tickets', `{"title":"${'x'.repeat(1_100_000)}"}`),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([422, 422, 404, 404, 404, 401, 400, 422, 422, 413]);
    for (const { body, headers } of answers) {
      expect(Object.keys(body).filter((key) => !['error', 'message', 'details'].includes(key))).toEqual([]);
      expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts:\d|at \w+ \(|prisma/i);
      expect(headers.get('x-request-id')).toBeTruthy();
    }
    const project = await api().get<{ created_at: string }>(`/projects/${project_id}`);
    expect(project.created_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test('[API-02] lists come in pages of 1 to 200, all of it by the cursor', async () => {
    const { id: project_id } = await newProject();
    for (let n = 0; n < 5; n += 1) await plan(api(), project_id, `Number ${n}`);
    for (const list of ['projects', 'specs', 'tickets', 'tasks', 'runs', 'pull-requests', 'costs/records']) {
      for (const limit of ['0', '201', '10000', '-1', 'many']) {
        expect([list, limit, (await api().request('GET', `/${list}?limit=${limit}`)).status]).toEqual([
          list,
          limit,
          422,
        ]);
      }
    }
    const titles: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { title: string }[]; next_cursor: string | null } = await api().get(
        `/tickets?project_id=${project_id}&limit=2${cursor ? `&cursor=${cursor}` : ''}`,
      );
      expect(page.items.length).toBeLessThanOrEqual(2);
      titles.push(...page.items.map((item) => item.title));
      cursor = page.next_cursor;
    } while (cursor);
    expect(titles).toEqual(['Number 4', 'Number 3', 'Number 2', 'Number 1', 'Number 0']);
    expect((await api().request('GET', `/tickets?project_id=${project_id}&cursor=nonsense`)).status).toBe(422);
  });

  test('[API-04] the interface describes itself, and the same Idempotency-Key makes one object', async () => {
    const document = await api()
      .as(undefined)
      .request<{ openapi: string; paths: Record<string, unknown> }>('GET', '//openapi.json');
    expect(document).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
    for (const path of ['/specs/launch', '/runs/{id}/steer', '/pull-requests/{id}/merge', '/auth/api-keys', '/report'])
      expect(Object.keys(document.body.paths)).toContain(`/api/v1${path}`);
    for (const page of ['//docs', '//redoc'])
      expect((await api().request('GET', page)).headers.get('content-type')).toContain('text/html');

    const { id: project_id } = await newProject();
    const body = {
      project_id,
      title: 'Once',
      description: 'Sent twice, by a client that saw no answer.',
      workflow_mode: 'spec_driven',
    };
    const key = { 'idempotency-key': `once-${project_id}` };
    const [first, second] = await Promise.all([
      api().request('POST', '/tickets', body, key),
      api().request('POST', '/tickets', body, key),
    ]);
    const third = await api().request('POST', '/tickets', body, key);
    // Of two concurrent requests one creates the ticket; the other gets 409 or the same answer.
    expect([first.status, second.status].filter((status) => status !== 201).every((status) => status === 409)).toBe(
      true,
    );
    expect(third).toMatchObject({ status: 201, body: { title: 'Once' } });
    expect((await api().all(`/tickets?project_id=${project_id}`)).length).toBe(1);
    expect(await api().request('POST', '/tickets', { ...body, title: 'Other' }, key)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('Idempotency-Key') },
    });
    // A value that is shown once is not stored for a repeated request.
    const secret = { 'idempotency-key': `key-${project_id}` };
    const made = await api().request('POST', '/auth/api-keys', { name: 'k', scopes: ['org:read'] }, secret);
    expect(made.body.key).toMatch(/^sk_live_/);
    expect(await api().request('POST', '/auth/api-keys', { name: 'k', scopes: ['org:read'] }, secret)).toMatchObject({
      status: 201,
      body: { id: made.body.id, key: null },
    });
  });
});

describe('the live feed', () => {
  test('[WS-01] an unknown caller is refused, and a revoked key loses its connection', async () => {
    const person = await newPerson();
    const { refresh_token: refresh } = await api()
      .as(undefined)
      .post<{ refresh_token: string }>('/auth/login', { email: person.email, password });
    for (const key of [undefined, 'sk_live_nobody', refresh, 'eyJhbGciOiJub25lIn0.e30.']) {
      const feed = await LiveFeed.open(shared.url, key);
      await eventually('the feed is closed', () => feed.closed !== undefined);
      expect(feed.closed).toBe(4401);
      expect(feed.messages).toEqual([{ error: 'unauthenticated', message: expect.any(String) }]);
    }
    const byToken = await LiveFeed.open(shared.url, undefined, `token=${person.api.key}`);
    expect(await byToken.say('{"type":"subscribe"}')).toMatchObject({ status: 'subscribed' });
    const { ticket } = await person.api.post<{ ticket: string }>('/auth/live-ticket');
    const byTicket = await LiveFeed.open(shared.url, undefined, `ticket=${ticket}`);
    expect(await byTicket.say('{"type":"subscribe"}')).toMatchObject({ status: 'subscribed' });
    const again = await LiveFeed.open(shared.url, undefined, `ticket=${ticket}`);
    await eventually('a ticket is good once', () => again.closed === 4401);

    const key = await person.api.post<{ id: string; key: string }>('/auth/api-keys', {
      name: 'feed',
      scopes: ['agent:read'],
    });
    const byKey = await LiveFeed.open(shared.url, key.key);
    await byKey.say('{"type":"subscribe"}');
    await person.api.request('DELETE', `/auth/api-keys/${key.id}`);
    await eventually('the revoked key is put out', () => byKey.closed === 4401);
    for (const feed of [byToken, byTicket]) feed.close();
  });

  test('[WS-02] subscribing narrows the stream; broken JSON is answered and the line stays open', async () => {
    const { id: project_id } = await newProject();
    const feed = await LiveFeed.open(shared.url, ownerKey());
    expect(await feed.say('{')).toEqual({ error: 'Invalid JSON message' });
    feed.socket.send('[]');
    feed.socket.send('7');
    feed.socket.send('{"type":"dance"}');
    expect(await feed.say('{"type":"subscribe","entity_types":["project"]}')).toEqual({
      status: 'subscribed',
      filters: { entity_kinds: ['project'] },
    });
    const before = feed.events.length;
    const ticket = await plan(api(), project_id);
    await api().request('PATCH', `/projects/${project_id}`, { name: 'renamed' });
    await eventually('the change of the project', () =>
      feed.events.some((event) => event.type === 'project.updated' && event.entity.id === project_id),
    );
    expect(feed.events.slice(before).filter((event) => event.entity.kind !== 'project')).toEqual([]);
    // Named filters are replaced, all others stay.
    expect(await feed.say(`{"type":"subscribe","entity_types":"ticket","entity_ids":["${ticket.id}"]}`)).toMatchObject({
      filters: { entity_kinds: ['ticket'], entity_ids: [ticket.id] },
    });
    await eventually('a ping, since we say nothing', () => feed.messages.some((message) => message.type === 'ping'));
    expect(feed.closed).toBeUndefined();
    feed.close();
  });

  test('[WS-03] each caller sees only its organization, and after a break gets the missed events once', async () => {
    const stranger = await newPerson();
    const { id: project_id } = await newProject();
    const ours = await LiveFeed.open(shared.url, ownerKey());
    const theirs = await LiveFeed.open(shared.url, stranger.api.key);
    const tasksOnly = await LiveFeed.open(shared.url, ownerKey(), 'entity_types=task');
    await Promise.all([ours, theirs, tasksOnly].map((feed) => feed.say('{"type":"subscribe"}')));
    const first = await plan(api(), project_id, 'First');
    const about = (feed: LiveFeed, id: string) => feed.events.filter((event) => event.entity.id === id);
    await eventually('the first ticket is told of', () => about(ours, first.id).length > 0);
    const last = ours.events.at(-1)?.seq as number;
    ours.close();
    const missed = await plan(api(), project_id, 'Missed');
    await plan(api(), project_id, 'Missed too');
    const back = await LiveFeed.open(shared.url, ownerKey(), `after=${last}`);
    await eventually('what was missed is told', () => about(back, missed.id).length > 0);
    const now = await plan(api(), project_id, 'Now');
    await eventually('and what comes now', () => about(back, now.id).length > 0);
    const table = (await api().get<{ items: LiveEvent[] }>(`/events?after=${last}&limit=1000`)).items;
    const until = back.events.at(-1)?.seq as number;
    expect(back.events.map((event) => event.seq)).toEqual(
      table.map((event) => event.seq).filter((seq) => seq <= until),
    );
    expect(theirs.events.filter((event) => event.organization_id !== stranger.organization_id)).toEqual([]);
    expect(tasksOnly.events.filter((event) => event.entity.kind !== 'task')).toEqual([]);
    expect(
      await LiveFeed.open(shared.url, ownerKey(), 'after=soon').then(async (feed) => {
        await eventually('a wrong number is refused', () => feed.closed !== undefined);
        return feed.closed;
      }),
    ).toBe(1008);
    for (const feed of [theirs, tasksOnly, back]) feed.close();
  });

  test('[EVT-01] the events of a task arrive in order, as they stand in the table', async () => {
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        (request.context.kind === 'validation'
          ? reviewPasses(request)
          : finishTask(request, { 'src/one.js': 'export const one = 1;\n' })),
    );
    const { id: project_id } = await newProject();
    const feed = await LiveFeed.open(shared.url, ownerKey());
    await feed.say('{"type":"subscribe"}');
    const ticket = await api().post<{ id: string; task_id: string }>('/tickets', {
      project_id,
      title: `One ${played.word}`,
      description: 'Add one.',
      workflow_mode: 'quick',
    });
    await eventually(
      'the pull request is announced',
      () => feed.events.some((event) => event.type === 'pull_request.opened' && event.data.ticket_id === ticket.id),
      90_000,
    );
    const received = feed.events.filter((event) => event.entity.id === ticket.task_id);
    expect(received.map((event) => event.type)).toEqual(
      expect.arrayContaining(['task.created', 'task.assigned', 'task.started', 'task.completed']),
    );
    const order = (type: string) => received.findIndex((event) => event.type === type);
    expect([order('task.created'), order('task.assigned'), order('task.started'), order('task.completed')]).toEqual(
      [
        ...new Set([order('task.created'), order('task.assigned'), order('task.started'), order('task.completed')]),
      ].sort((a, b) => a - b),
    );
    const table = (
      await api().get<{ items: LiveEvent[] }>(
        `/events?after=${(received[0]?.seq ?? 1) - 1}&entity_ids=${ticket.task_id}&limit=1000`,
      )
    ).items;
    expect(received).toEqual(table);
    for (const event of received)
      expect(Object.keys(event).sort()).toEqual([
        'at',
        'data',
        'entity',
        'id',
        'organization_id',
        'project_id',
        'seq',
        'type',
      ]);
    feed.close();
    await played.stop();
  });
});

test('[WEB-30] the look of pages is kept with the account: what is not named stays, and each change has a number', async () => {
  const { api, user_id } = await newPerson();
  const look = async () => (await api.get<{ preferences: object }>('/auth/me')).preferences;
  expect(await look()).toEqual({ version: 0 });
  const feed = await LiveFeed.open(shared.url, api.key);
  const choose = (preferences: object) => api.request('PATCH', '/auth/me', { preferences });
  await Promise.all([choose({ theme: 'dark' }), choose({ density: 'compact' }), choose({ font: 'system' })]);
  expect(await look()).toEqual({ theme: 'dark', density: 'compact', font: 'system', version: 3 });
  expect(await choose({ theme: 'purple' })).toMatchObject({
    status: 422,
    body: { details: [{ field: 'preferences.theme' }] },
  });
  expect((await choose({ version: 9 })).status).toBe(422);
  await eventually('open pages hear of the last change', () =>
    feed.messages.some(
      ({ type, user_id: whose, data }) =>
        type === 'preferences' && whose === user_id && (data as { version: number }).version === 3,
    ),
  );
  feed.close();
});
