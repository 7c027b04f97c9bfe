import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from '#server/contracts/client.ts';
import type { listNotifications, notificationSettings } from '#server/contracts/notifications.ts';
import { eventually, type Api } from '#tests/support/api.ts';
import { addMember, newPerson, password, type Person } from '#tests/support/people.ts';
import { answerValue, call } from '#tests/support/scripts.ts';
import { stackServices } from '#tests/support/services.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { planPhase, trackerProject } from '#tests/support/tracker.ts';
import { newTicket, works } from '#tests/support/work.ts';

type Settings = Answer<typeof notificationSettings>;
type Notifications = Answer<typeof listNotifications>;

const neverQuiet = { quiet_from: '00:00', quiet_until: '00:00' };
/** Quiet at every minute but one, which is past. */
const alwaysQuiet = () => {
  const clock = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  return { quiet_from: clock(-60), quiet_until: clock(60), time_zone: 'UTC' };
};
const settings = (on: Api, body: object) => on.request<Settings>('PATCH', '/notifications/settings', body);
const told = (on: Api, organization?: string) =>
  on.all<Notifications['items'][number]>(`/notifications${organization ? `?organization_id=${organization}` : ''}`);
let services: Awaited<ReturnType<typeof stackServices>>;
beforeAll(async () => {
  services = await stackServices();
});
afterAll(() => services.close());
/** What the platform mails to people is kept, since the stack has no mail server. */
const mailsTo = async ({ email }: Person) =>
  (await services.store.mails.list({ limit: 200 })).items.filter(
    ({ recipient, text }) => recipient === email && text.includes('/settings/notifications'),
  );

/** Reads until there is something. */
async function found<T>(what: string, read: () => Promise<T | false | undefined>, ms = 30_000): Promise<T> {
  let value: T | false | undefined;
  await eventually(what, async () => Boolean((value = await read())), ms);
  return value as T;
}

async function quickTicket(on: Api, word: string) {
  const { id: project_id } = await newProject(on);
  await on.post('/tickets', {
    project_id,
    title: `Useful ${word}`,
    description: 'Add something.',
    workflow_mode: 'quick',
  });
  await on.until<{ items: { state: string }[] }>(
    `/pull-requests?project_id=${project_id}`,
    ({ items }) => items[0]?.state === 'open',
    90_000,
  );
}
const usefulWork = works({ Useful: { 'src/useful.js': 'export const useful = 1;\n' } });

test('[CONF-05] a person is told of their work as they chose: on pages, by one mail, and others are not', async () => {
  const model = await playOnShared(usefulWork);
  const [one, other] = [await newPerson(), await newPerson({ organization: false })];
  await addMember(one, other);
  await settings(one.api, neverQuiet);
  await quickTicket(one.api, model.word);

  const mine = await found('they are told', async () => {
    const rows = await told(one.api);
    return rows.some(({ kind }) => kind === 'pr_created') && rows;
  });
  expect(mine).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ kind: 'agent_complete', severity: 'low', mail: null, slack: null, read: false }),
      expect.objectContaining({
        kind: 'pr_created',
        severity: 'normal',
        text: expect.stringMatching(/^Pull request #1 is open: /),
        link: expect.stringMatching(/^\/pull-requests\//),
      }),
    ]),
  );
  // By default nobody is told that an agent starts.
  expect(mine.filter(({ kind }) => kind === 'agent_spawn')).toEqual([]);
  const [mail] = await found('they get a mail', async () => {
    const mails = await mailsTo(one);
    return mails.length > 0 && mails;
  });
  expect(mail).toMatchObject({ state: 'kept', subject: expect.stringContaining('Pull request #1 is open') });
  expect(mail?.text).toMatch(/http:\/\/\S+\/pull-requests\/\S+/);
  expect(mail?.text).toMatch(/\/settings\/notifications/);
  expect((await told(one.api)).find(({ kind }) => kind === 'pr_created')?.mail).toBe('sent');
  expect(await told(other.api, one.organization_id)).toEqual([]);

  // Read is read, once.
  const { unread } = await one.api.get<Notifications>('/notifications?unread=true');
  expect(unread).toBe(mine.length);
  expect(await one.api.post('/notifications/read', { ids: [mine[0]?.id] })).toEqual({ read: 1, unread: unread - 1 });
  expect(await one.api.post('/notifications/read')).toEqual({ read: unread - 1, unread: 0 });
});

test('[CONF-05] what is off is off, holds after signing in again, and all work is seen by whoever wants it', async () => {
  const model = await playOnShared(usefulWork);
  const [one, other] = [await newPerson(), await newPerson({ organization: false })];
  await addMember(one, other);
  await settings(other.api, {
    work: 'all',
    ...neverQuiet,
    grid: { pr_created: { email: false }, agent_spawn: { in_app: true } },
  });
  await settings(one.api, {
    ...neverQuiet,
    grid: { pr_created: { in_app: false, email: false, slack: false }, agent_complete: { in_app: false } },
  });
  await quickTicket(one.api, model.word);

  const rows = await found('the other is told', async () => {
    const all = await told(other.api, one.organization_id);
    return all.some(({ kind }) => kind === 'pr_created') && all;
  });
  expect(rows.map(({ kind }) => kind)).toContain('agent_spawn');
  expect(rows.find(({ kind }) => kind === 'pr_created')?.mail).toBeNull();
  expect(await told(one.api)).toEqual([]);
  expect(await mailsTo(one)).toEqual([]);
  expect(await mailsTo(other)).toEqual([]);

  const { access_token: token } = await api()
    .as(undefined)
    .post<{ access_token: string }>('/auth/login', { email: one.email, password });
  expect(await one.api.as(token).get<Settings>('/notifications/settings')).toMatchObject({
    grid: { pr_created: { in_app: false, email: false }, gate_approval: { in_app: true, email: true } },
    ...neverQuiet,
    slack: { connected: false, host: null, buttons: true, people: [] },
  });
});

test('[CONF-05] quiet hours hold a mail until their end, but not what a launch says is worth waking for', async () => {
  const played = await playOnShared(
    (request) =>
      answerValue(request) ??
      (request.context.kind === 'phase' ? planPhase(request, (_p, _a, good) => good) : { hang: true }),
  );
  const one = await newPerson();
  await settings(one.api, { ...alwaysQuiet(), grid: { phase_transition: { email: true } } });
  const { id: project_id } = await newProject(one.api, trackerProject);
  await one.api.post('/specs/launch', {
    project_id,
    title: `Export ${played.word}`,
    description: `Export the tasks. ${played.word}`,
    gate_policy: { mode: 'ask', phases: ['requirements'] },
    night: { wake_me: ['gate'] },
  });
  const [mail] = await found(
    'they are woken',
    async () => {
      const mails = await mailsTo(one);
      return mails.length > 0 && mails;
    },
    90_000,
  );
  expect(mail?.subject).toMatch(/^Urgent: Export .*waits for your decision/);
  const rows = await told(one.api);
  expect(rows.find(({ kind }) => kind === 'gate_approval')).toMatchObject({ severity: 'critical', mail: 'sent' });
  const held = rows.filter(({ kind }) => kind === 'phase_transition');
  expect(held.length).toBeGreaterThan(0);
  for (const row of held) {
    expect(row.mail).toBe('waiting');
    expect(Date.parse(row.send_at ?? '')).toBeGreaterThan(Date.now());
  }
  expect(await mailsTo(one)).toHaveLength(1);
});

test('[CONF-05] an agent asks the person whose work it is, not whoever made the project', async () => {
  const model = await playOnShared(
    (request) => answerValue(request) ?? { tools: [call('ask_user', { question: 'Which separator?' })] },
  );
  const [one, other] = [await newPerson(), await newPerson({ organization: false })];
  await addMember(one, other);
  const { id: project_id } = await newProject(one.api);
  await other.api.post(`/tickets?organization_id=${one.organization_id}`, {
    project_id,
    title: `Useful ${model.word}`,
    description: 'Add something.',
    workflow_mode: 'quick',
  });
  const asks = await found('they are asked', async () =>
    (await told(other.api, one.organization_id)).find(({ text }) => text === 'An agent asks: Which separator?'),
  );
  expect(asks.subject).toBe(`Useful ${model.word}`);
  expect((await told(one.api)).filter(({ text }) => text.includes('separator'))).toEqual([]);
});

test('bad settings name the field and change nothing', async () => {
  const one = await newPerson();
  const before = await one.api.get<Settings>('/notifications/settings');
  for (const [body, field] of [
    [{ digest: 'hourly' }, 'digest'],
    [{ quiet_from: '24:00' }, 'quiet_from'],
    [{ time_zone: 'Mars/Olympus' }, 'time_zone'],
    [{ grid: { pr_created: { pigeon: true } } }, 'pigeon'],
    [{ grid: { lunch: {} } }, 'lunch'],
  ] as const) {
    const { status, body: answer } = await settings(one.api, body);
    expect([status, JSON.stringify(answer)]).toEqual([422, expect.stringContaining(field)]);
  }
  const slack = await one.api.request('PUT', '/notifications/slack', { webhook_url: 'https://evil.test/services/x' });
  expect(slack).toMatchObject({ status: 422, body: { message: expect.stringMatching(/hooks\.slack\.com/) } });
  expect(await one.api.get('/notifications/settings')).toEqual(before);
});

describe('Slack', () => {
  let server: Server;
  const got: string[] = [];
  const answers: { status: number; headers?: Record<string, string> }[] = [];
  beforeAll(
    () =>
      new Promise<void>((ready) => {
        server = createServer((request, response) => {
          let body = '';
          request.on('data', (part: Buffer) => (body += part.toString()));
          request.on('end', () => {
            const { status, headers } = answers.shift() ?? { status: 200 };
            if (status === 200) got.push(body);
            response.writeHead(status, headers).end(status === 200 ? 'ok' : 'no_service');
          });
        }).listen(0, '127.0.0.1', ready);
      }),
  );
  afterAll(() => new Promise((closed) => server.close(closed)));

  test('[CONF-05] a message is sent once: Slack may ask to wait, refuse, or the platform may die while it sends', async () => {
    const { port } = server.address() as AddressInfo;
    const one = await newPerson();
    await settings(one.api, { ...neverQuiet, grid: { gate_approval: { email: false } } });
    const { id: project_id } = await newProject(one.api);
    const notice = async (reason: string) => {
      const ticket = await newTicket(project_id, reason, {}, one.api);
      const asks = { needs_review: true, last_error: reason };
      await services.store.tickets.patch(one.organization_id, ticket.id, asks);
    };
    const becomes = (text: string, state: string) =>
      found(`${text} is ${state}`, async () => {
        const row = (await told(one.api)).find((one) => one.text.includes(text));
        return row?.slack === state && row;
      });

    // Without a connection nothing waits for ever.
    await notice('first');
    await becomes('first', 'skipped');
    const webhook_url = `http://localhost:${port}/services/secret-part`;
    const connected = await one.api.ok<Settings>('PUT', '/notifications/slack', { webhook_url });
    expect(connected.slack).toMatchObject({ connected: true, host: 'localhost' });
    expect(JSON.stringify(connected)).not.toContain('secret-part');

    answers.push({ status: 429, headers: { 'retry-after': '1' } });
    await notice('second');
    await becomes('second', 'sent');
    expect(got).toHaveLength(1);
    expect(got[0]).toContain('second');

    answers.push({ status: 404 });
    await notice('third');
    expect((await becomes('third', 'failed')).send_error).toBe('Slack answers 404: no_service');

    // It is told on the other channels.
    const dead = await found('an alert', async () => (await told(one.api)).find(({ kind }) => kind === 'alert'));
    expect(dead).toMatchObject({
      text: expect.stringContaining(`Slack of ${one.email} takes no messages`),
      slack: null,
    });
    expect(dead.mail).not.toBeNull();

    // As a worker that died left it.
    await notice('fourth');
    const [waits] = await services.store.notices.waiting(one.organization_id, 'slack', {
      user_id: one.user_id,
      limit: 10,
    });
    expect(await services.store.notices.beginSlack([waits?.id ?? ''])).toHaveLength(1);
    expect((await becomes('fourth', 'failed')).send_error).toMatch(/may be there or not/);
    expect(got).toHaveLength(1);

    // An address that no key opens any more is said, and holds up nobody.
    await services.store.notices.connectSlack(one.user_id, {
      id: randomUUID(),
      label: 'localhost',
      key_id: 'lost',
      sealed: 'nothing',
    });
    await notice('fifth');
    expect((await becomes('fifth', 'failed')).send_error).toMatch(/cannot be read\. Connect Slack again/);

    const gone = await one.api.ok<Settings>('DELETE', '/notifications/slack');
    expect(gone.slack).toMatchObject({ connected: false, host: null });
  });
});
