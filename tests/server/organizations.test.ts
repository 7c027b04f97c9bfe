import { namesRecord } from '#server/contracts/contract.ts';
import { listQuestions, listRuns } from '#server/contracts/runs.ts';
import { createTokens } from '#server/http/tokens.ts';
import { eventually } from '#tests/support/api.ts';
import { LiveFeed } from '#tests/support/live-feed.ts';
import { jwtSecret, startStubApp, user } from '#tests/support/stub-app.ts';

const uuid = (n: number) => `${n}`.repeat(8) + '-1111-4111-8111-111111111111';
const [a, b, archived, foreign] = [
  { id: uuid(1), slug: 'a', name: 'A' },
  { id: uuid(2), slug: 'b', name: 'B' },
  { id: uuid(3), slug: 'c', name: 'C' },
  { id: uuid(4), slug: 'd', name: 'D' },
];
const all = [a, b, archived, foreign];
const projectOfB = uuid(5);
const grant = (organization: { id: string }) => ({
  organization_id: organization.id,
  role: 'owner',
  permissions: ['*:*'],
  archived: organization === archived,
  given: given.includes(organization),
});
const asked: string[] = [];
let grants = [a, b, archived];
let given: object[] = [];

let app: Awaited<ReturnType<typeof startStubApp>>;
let token = '';
beforeAll(async () => {
  const list = (organization: string) => {
    asked.push(organization);
    return Promise.resolve({ items: [], next_cursor: null });
  };
  app = await startStubApp(
    {
      projects: {
        list,
        get: (organization: string) => list(organization).then(() => ({ id: projectOfB, created_at: new Date() })),
      },
      budgets: {
        list,
        set: ({ organization_id }: { organization_id: string }) => list(organization_id).then(() => ({ id: 'x' })),
      },
      costs: { list },
      runs: { list },
      messages: { questions: list },
      scopes: {
        organizationOf: (kind: string, id: string) =>
          Promise.resolve(
            kind === 'organization' ? (all.find((one) => one.id === id)?.id ?? null) : id === projectOfB ? b.id : null,
          ),
      },
      events: {
        newest: (organization: string) => Promise.resolve(organization === a.id ? 500 : 21),
        oldest: () => Promise.resolve(1),
        after: (organization: string, seq: number) =>
          Promise.resolve(
            seq >= (organization === a.id ? 500 : 21)
              ? []
              : [{ seq: 21, type: 'x', organization_id: organization, entity: { kind: 'run', id: 'x' } }],
          ),
      },
    },
    {
      identity: {
        keyByHash: () =>
          Promise.resolve({ id: 'k', user_id: 'u', user, is_active: true, scopes: ['*:*'], organization_id: a.id }),
        session: () => Promise.resolve({ id: 's', user: { ...user, id: 'u' }, revoked_at: null }),
        grantsOf: () => Promise.resolve(grants.map(grant)),
        organizations: (ids: string[], _page: object, withArchived = false) =>
          Promise.resolve({
            items: all.filter((one) => ids.includes(one.id) && (withArchived || one !== archived)),
            next_cursor: null,
          }),
        organizationBySlug: (slug: string) => Promise.resolve(all.find((one) => one.slug === slug) ?? null),
      },
    },
  );
  token = (await createTokens(jwtSecret).sign({ sub: 'u', type: 'access', sid: 's' }, 600)).token;
});
beforeEach(() => {
  asked.length = 0;
  grants = [a, b, archived];
  given = [];
});
afterAll(() => app.close());

async function send(path: string, headers: Record<string, string> = {}, body?: object, as = token) {
  const response = await fetch(`${app.url}/api/v1${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  });
  return {
    status: response.status,
    body: (await response.json().catch(() => undefined)) as unknown,
    asked: asked.at(-1),
  };
}
const header = (name: string) => ({ 'x-organization-id': name });
const choices = { details: { organizations: [a, b] } };

test.each(['/projects', '/costs/budgets', '/costs/records', '/runs'])(
  '%s is for the named organization',
  async (path) => {
    expect(await send(path)).toMatchObject({
      status: 400,
      body: { error: 'invalid_rule', ...choices },
      asked: undefined,
    });
    for (const name of [b.id, b.slug]) {
      await send(path, header(name));
      await send(`${path}?organization_id=${name}`);
    }
    expect(asked).toEqual([b.id, b.id, b.id, b.id]);
    // The header is read first.
    expect((await send(`${path}?organization_id=a`, header('b'))).asked).toBe(b.id);
    for (const name of [foreign.id, foreign.slug, 'nobody'])
      expect(await send(path, header(name))).toMatchObject({ status: 404, body: choices });
  },
);

test('an archived organization is used only when it is named', async () => {
  expect((await send('/projects', header('c'))).asked).toBe(archived.id);
  grants = [archived, b];
  expect((await send('/projects')).asked).toBe(b.id);
  grants = [archived];
  expect(await send('/projects')).toMatchObject({
    status: 400,
    body: {
      message: expect.stringMatching(/ is archived\. Restore one .*\/restore/) as string,
      details: { archived: [archived] },
    },
  });
});

test('[ORG-04] an organization to which another added the person changes nothing for calls that name none', async () => {
  const asks = async () => (await send('/projects')).asked;
  given = [b];
  expect(await asks()).toBe(a.id);
  given = [a];
  expect(await asks()).toBe(b.id);
  given = [];
});

test('[ORG-04] an organization that only others chose for the person is meant only when it is named', async () => {
  const added = {
    status: 400,
    body: { message: expect.stringMatching(/^Others added you .* X-Organization-Id/) as string },
  };
  grants = [a, foreign];
  given = [a, foreign];
  expect(await send('/projects')).toMatchObject({ ...added, body: { details: { organizations: [a, foreign] } } });
  expect((await send('/projects', header('a'))).asked).toBe(a.id);
  // Also after the person's own is archived.
  grants = [archived, b];
  given = [b];
  const answer = await send('/projects');
  expect(answer).toMatchObject(added);
  expect(answer).toMatchObject({ body: { details: { organizations: [b], archived: [archived] } } });
});

test('a call that names a record is for the organization of the record', async () => {
  for (const path of [
    `/projects/${projectOfB}`,
    `/costs/records?project_id=${projectOfB}`,
    `/costs/records?run_id=${projectOfB}`,
    `/runs?spec_id=${projectOfB}`,
    `/runs?task_id=${projectOfB}`,
    `/questions?run_id=${projectOfB}`,
  ]) {
    expect([path, (await send(path)).asked]).toEqual([path, b.id]);
    expect([path, (await send(path, header('a'))).status]).toEqual([path, 404]);
  }
  const budget = { scope_type: 'project', scope_id: projectOfB, limit_amount: 5 };
  await send('/costs/budgets', {}, budget);
  expect(asked[0]).toBe(b.id);
  expect(await send('/costs/budgets', {}, { scope_type: 'global', limit_amount: 5 })).toMatchObject({ status: 400 });
});

test('a page names no organization beside a record that it asks about', () => {
  expect(namesRecord(listQuestions, { query: { run_id: projectOfB } })).toBe(true);
  expect(namesRecord(listRuns, { query: { spec_id: projectOfB, limit: 200 } })).toBe(true);
  expect(namesRecord(listRuns, { query: { limit: 200 } })).toBe(false);
});

test('a key is for its own organization', async () => {
  expect((await send('/projects', {}, undefined, 'sk_live_x')).asked).toBe(a.id);
  expect((await send('/projects', header('b'), undefined, 'sk_live_x')).status).toBe(404);
});

describe('the live feed', () => {
  test('is for one organization, and its numbers count there', async () => {
    const unnamed = await LiveFeed.open(app.url, token, 'after=0');
    await eventually('it is refused', () => unnamed.closed === 1008, 10_000);
    expect(unnamed.messages).toMatchObject([{ error: 'invalid_rule', ...choices }]);
    const [ofA, ofB] = [
      await LiveFeed.open(app.url, token, 'organization_id=a&after=500'),
      await LiveFeed.open(app.url, token, `organization_id=${b.id}&after=20`),
    ];
    await eventually('the event of B arrives', () => ofB.events.length === 1, 10_000);
    expect(ofB.events[0]).toMatchObject({ seq: 21, organization_id: b.id });
    expect(ofA.events).toEqual([]);
    const other = await LiveFeed.open(app.url, token, 'organization_id=d');
    await eventually('it is refused', () => other.closed === 1008, 10_000);
    for (const feed of [ofA, ofB]) feed.close();
  });
});
