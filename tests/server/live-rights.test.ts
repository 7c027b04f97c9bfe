import { connect } from 'node:net';
import { jest } from '@jest/globals';
import { createInProcessBus } from '#activities/adapters/bus/in-process.ts';
import { createTokens, sha256 } from '#server/http/tokens.ts';
import { permissionToRead } from '#workflows/domain/access/permissions.ts';
import { eventually } from '#tests/support/api.ts';
import { LiveFeed } from '#tests/support/live-feed.ts';
import { jwtSecret, organization, startStubApp, user } from '#tests/support/stub-app.ts';

const kinds = ['organization', 'budget', 'project', 'pull_request', 'spec', 'ticket', 'merge', 'task', 'run', 'judge'];
const events = kinds.map((kind, at) => ({
  seq: at + 1,
  type: `${kind}.changed`,
  organization_id: organization,
  entity: { kind, id: 'x' },
}));
const keyId = '33333333-3333-4333-8333-333333333333';
const sessionId = '44444444-4444-4444-8444-444444444444';
const bus = createInProcessBus();
const valid = { key: true, session: true, member: true, permissions: ['*:*'] };
let ticket = '';

const key = (scopes: string[]) =>
  valid.key ? { id: keyId, user_id: 'u', user, is_active: true, scopes, organization_id: organization } : null;
const grant = () => ({ organization_id: organization, role: 'owner', permissions: valid.permissions });

let app: Awaited<ReturnType<typeof startStubApp>>;
beforeAll(async () => {
  app = await startStubApp(
    {
      events: {
        after: (_id: string, seq: number) => Promise.resolve(events.filter((event) => event.seq > seq)),
        newest: () => Promise.resolve(0),
        oldest: () => Promise.resolve(1),
      },
    },
    {
      bus,
      ping: 0.2,
      identity: {
        keyByHash: (hash: string) =>
          Promise.resolve(
            key(hash === sha256('sk_live_none') ? [] : hash === sha256('sk_live_task') ? ['task:read'] : ['*:*']),
          ),
        keyById: () => Promise.resolve(key(['*:*'])),
        session: () =>
          Promise.resolve({
            id: sessionId,
            user: { ...user, id: 'u' },
            revoked_at: valid.session ? null : new Date(),
            expires_at: new Date(Date.now() + 60_000),
          }),
        grantsOf: () => Promise.resolve(valid.member ? [grant()] : []),
        spendTicket: (hash: string) =>
          Promise.resolve(hash === sha256(ticket) ? { organization_id: organization, user_id: 'u' } : null),
      },
    },
  );
});
beforeEach(() => Object.assign(valid, { key: true, session: true, member: true, permissions: ['*:*'] }));
afterAll(() => app.close());

const kindsOf = (feed: LiveFeed) => feed.events.map((event) => event.entity.kind);
const token = async (seconds: number) =>
  (await createTokens(jwtSecret).sign({ sub: 'u', type: 'access', sid: sessionId }, seconds)).token;
const endOf = async (feed: LiveFeed) => {
  await eventually('the feed ends', () => feed.closed !== undefined, 10_000);
  return feed.closed;
};

test('a listener receives the events that its permissions allow, and no text of a model without agent:read', async () => {
  const open = (name: string) => LiveFeed.open(app.url, `sk_live_${name}`, 'after=0&types=run.delta');
  const feeds = await Promise.all(
    ['none', 'task', 'all'].map((name) => LiveFeed.open(app.url, `sk_live_${name}`, 'after=0')),
  );
  const deltas = await Promise.all(['none', 'task', 'all'].map(open));
  await Promise.all([...feeds, ...deltas].map((feed) => feed.say('{"type":"subscribe"}')));
  await eventually('the owner has all events', () => kindsOf(feeds[2] as LiveFeed).length === kinds.length, 10_000);
  bus.publish('deltas', { organization_id: organization, run_id: 'r', turn: 1, text: 'secret' });
  const received = (feed: LiveFeed) => feed.messages.filter((message) => message.type === 'run.delta').length;
  await eventually('the owner has the text', () => received(deltas[2] as LiveFeed) === 1, 10_000);
  expect(feeds.map(kindsOf)).toEqual([[], ['task'], kinds]);
  expect(deltas.map(received)).toEqual([0, 0, 1]);
  for (const feed of [...feeds, ...deltas]) feed.close();
});

test('every kind of entity has its permission', () => {
  expect(kinds.map(permissionToRead)).toEqual([
    'org:read',
    'org:read',
    'project:read',
    'project:read',
    'document:read',
    'ticket:read',
    'ticket:read',
    'task:read',
    'agent:read',
    'org:read',
  ]);
});

test('a listener is told when its rights have changed, and gets no more than they allow', async () => {
  const feed = await LiveFeed.open(app.url, await token(60), 'after=0');
  await feed.say('{"type":"subscribe"}');
  bus.publish('rights', { organization_id: organization, user_id: 'u' });
  valid.permissions = ['task:read'];
  bus.publish('rights', { organization_id: organization, user_id: 'u' });
  const told = () => feed.messages.filter((message) => message.type === 'rights').length;
  await eventually('the listener is told', () => told() > 0, 10_000);
  await feed.say('{"type":"subscribe"}');
  expect(told()).toBe(1);
  feed.close();
});

describe('the feed ends with the right behind it', () => {
  test('an access token that expires', async () => {
    expect(await endOf(await LiveFeed.open(app.url, await token(1)))).toBe(4401);
  });

  test.each([
    ['a key that is revoked', 'key', async () => LiveFeed.open(app.url, 'sk_live_all')],
    ['a sign-in that ends', 'session', async () => LiveFeed.open(app.url, await token(60))],
    ['a membership that ends', 'member', async () => LiveFeed.open(app.url, await token(60))],
    [
      'the key that created a ticket',
      'key',
      async () => LiveFeed.open(app.url, undefined, `ticket=${(ticket = `random.key.${keyId}`)}`),
    ],
    [
      'the sign-in that created a ticket',
      'session',
      async () => LiveFeed.open(app.url, undefined, `ticket=${(ticket = `random.session.${sessionId}`)}`),
    ],
  ] as const)('%s', async (_name, right, open) => {
    const feed = await open();
    expect(await feed.say('{"type":"subscribe"}')).toMatchObject({ status: 'subscribed' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(feed.closed).toBeUndefined();
    valid[right] = false;
    bus.publish('rights', { organization_id: '', user_id: 'u' });
    expect(await endOf(feed)).toBe(4401);
  });
});

/** Opens a connection by hand, sends these bytes with it, and returns the code that the server closes it with. */
const closedWith = (bytes: number[], key: string | undefined) =>
  new Promise<number>((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect(app.port, '127.0.0.1', () => {
      socket.write(
        'GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n` +
          `${key ? `Authorization: Bearer ${key}\r\n` : ''}\r\n`,
      );
      socket.write(Buffer.from(bytes));
    });
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      const at = received.indexOf(0x88, received.indexOf('\r\n\r\n'));
      if (at < 0 || received.length < at + 4) return;
      socket.destroy();
      resolve(received.readUInt16BE(at + 2));
    });
    socket.on('error', reject);
    socket.setTimeout(10_000, () => socket.destroy(new Error('the connection was not closed')));
  });

test('a frame that is too large or malformed ends its connection, and the server lives on', async () => {
  const noMask = [0, 0, 0, 0];
  const frames: [bytes: number[], code: number][] = [
    [[0xff, 0xff, 0xff, 0xff], 1002],
    // The length of a text of 200,000 bytes.
    [[0x81, 0xff, 0, 0, 0, 0, 0, 0x03, 0x0d, 0x40, ...noMask], 1009],
    // A text that is not UTF-8.
    [[0x81, 0x82, ...noMask, 0xff, 0xff], 1007],
  ];
  for (const key of [undefined, 'sk_live_all'])
    for (const [bytes, code] of frames) expect([key, await closedWith(bytes, key)]).toEqual([key, code]);
  expect((await fetch(`${app.url}/health`)).status).toBe(200);
});

test('a connection that ends while it is authenticated leaves no listener', async () => {
  let answer: (keys: null) => void = () => undefined;
  const late = new Promise<null>((resolve) => (answer = resolve));
  const asked = jest.fn(() => late.then(() => key(['*:*'])));
  const slow = await startStubApp({}, { bus, ping: 0.05, identity: { keyByHash: asked } });
  const feed = await LiveFeed.open(slow.url, 'sk_live_all');
  await eventually('the server authenticates', () => asked.mock.calls.length === 1);
  feed.close();
  await endOf(feed);
  answer(null);
  await new Promise((resolve) => setTimeout(resolve, 300));
  // A listener's rights are read again with each ping.
  expect(asked).toHaveBeenCalledTimes(1);
  slow.close();
});
