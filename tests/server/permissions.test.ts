import type { Services } from '#activities/ports/services.ts';
import { openApiDocument } from '#server/http/openapi.ts';
import { createTokens, sha256 } from '#server/http/tokens.ts';
import { allRoutes } from '#server/routes/index.ts';
import type { Auth } from '#server/usecases/auth.ts';
import { grants, systemRoles } from '#workflows/domain/access/permissions.ts';
import { permissions } from '#tests/support/call-permissions.ts';
import { jwtSecret, organization, startStubApp, user } from '#tests/support/stub-app.ts';
import { sampleId, sampleInput } from '#tests/support/sample-input.ts';

/** Calls that a role may not make although it has their permission. */
const peopleOnly =
  /phases\/\{phase\}\/(approve|request-changes|regenerate)$|\/specs\/\{id\}\/(answers|approve-requirements|approve-design)$/;

const routes = allRoutes({} as Services, {} as Auth);
const contracts = new Map(routes.map(({ contract }) => [`${contract.method} ${contract.path}`, contract]));
const document = openApiDocument([...contracts.values()]) as { paths: Record<string, Record<string, object>> };
/** Every call of the description, without the older names of a run. */
const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method} ${path.replace('/api/v1', '')}`),
);
const permissionOf = new Map(
  Object.entries(permissions).flatMap(([permission, list]) => list.map((call) => [call, permission])),
);
/** A run is also served under two older names. */
const nameOf = (call: string) =>
  permissionOf.has(call) ? call : call.replace(/ \/(agents|sandboxes)\/\{id\}/, ' /runs/{id}');
const guarded = calls.filter(
  (call) => !['user', 'none', 'administrator'].includes(permissionOf.get(nameOf(call)) ?? ''),
);

const roles = Object.keys(systemRoles) as (keyof typeof systemRoles)[];
let caller: { role: keyof typeof systemRoles; member: boolean };
let app: Awaited<ReturnType<typeof startStubApp>>;
let token = '';
/** Lists of a project whose agents may read them. */
const ofProjects = ['get /tickets', 'get /tickets/search', 'get /discoveries'];
/** The run and project of every key of a sandbox, and the organization of every record that a call names. */
let own = { run: sampleId, project: sampleId, organization };
const other = '55555555-5555-4555-8555-555555555555';
beforeAll(async () => {
  app = await startStubApp(
    {
      scopes: {
        organizationOf: () => Promise.resolve(own.organization),
        projectOf: () => Promise.resolve(sampleId),
        workOf: () => Promise.resolve(null),
      },
      rateLimits: { consume: () => Promise.resolve(0) },
      sandboxes: {
        runOfKey: (hash: string) =>
          Promise.resolve(
            hash === sha256('sk_agent_ended')
              ? undefined
              : {
                  organization_id: organization,
                  project_id: own.project,
                  task_id: own.run,
                  run_id: own.run,
                  sandbox_id: 's',
                },
          ),
        report: () => Promise.resolve('stored'),
      },
      specs: { get: () => Promise.resolve({ id: sampleId, project_id: sampleId }) },
      projects: { get: () => Promise.resolve({ id: sampleId, status: 'active', settings: {} }) },
    },
    {
      identity: {
        session: () => Promise.resolve({ id: 's', user: { ...user, id: 'u' }, revoked_at: null }),
        keyByHash: () =>
          Promise.resolve({ id: 'k', user_id: 'u', user, is_active: true, scopes: [], organization_id: organization }),
        grantsOf: () =>
          Promise.resolve(
            caller.member
              ? [{ organization_id: organization, role: caller.role, permissions: [...systemRoles[caller.role]] }]
              : [{ organization_id: sampleId, role: 'owner', permissions: ['*:*'] }],
          ),
        organizations: () => Promise.resolve({ items: [], next_cursor: null }),
        organization: () => Promise.resolve({ archived_at: null }),
      },
    },
  );
  token = (await createTokens(jwtSecret).sign({ sub: 'u', type: 'access', sid: 's' }, 600)).token;
});
beforeEach(() => {
  caller = { role: 'owner', member: true };
  own = { run: sampleId, project: sampleId, organization };
});
afterAll(() => app.close());

async function send(call: string, credential?: string, named = false) {
  const contract = contracts.get(call);
  if (!contract) throw new Error(`There is no contract of ${call}.`);
  const { address, body } = sampleInput(contract);
  // An agent names its project, where a person may leave it out.
  const project = ofProjects.includes(call) ? `${address.includes('?') ? '&' : '?'}project_id=${sampleId}` : '';
  const response = await fetch(`${app.url}${address}${project}`, {
    method: contract.method.toUpperCase(),
    headers: {
      'content-type': 'application/json',
      ...(credential ? { authorization: `Bearer ${credential}` } : {}),
      ...(named ? { 'x-organization-id': organization } : {}),
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, text: await response.text() };
}

test('the table has every call of the description, and no other', () => {
  expect([...new Set(calls.map(nameOf))].sort()).toEqual([...permissionOf.keys()].sort());
});

test('without credentials every call but the public ones answers 401', async () => {
  for (const call of calls)
    if (permissionOf.get(nameOf(call)) !== 'none') expect([call, (await send(call)).status]).toEqual([call, 401]);
});

test('to an outsider nothing of another organization exists', async () => {
  caller.member = false;
  for (const call of guarded) expect([call, (await send(call, token, true)).status]).toEqual([call, 404]);
});

test('what administrators of the installation may do, no role of an organization may', async () => {
  const theirs = calls.filter((call) => permissionOf.get(nameOf(call)) === 'administrator');
  expect(theirs.length).toBeGreaterThan(0);
  for (const call of theirs)
    for (const credential of [token, 'sk_live_x'])
      expect([call, (await send(call, credential)).status]).toEqual([call, 403]);
});

test('a key without scopes may do nothing', async () => {
  for (const call of guarded) {
    const { status, text } = await send(call, 'sk_live_x');
    expect([call, status]).toEqual([call, 403]);
    expect(text).toContain(permissionOf.get(nameOf(call)));
  }
});

test('[AUTH-13] the key of a sandbox may make the calls that list it, about its own run or its project, and no other call', async () => {
  const listed = [
    'post /runs/{id}/events',
    'get /runs/{id}/events',
    'get /runs/{id}/task',
    'post /preview/notify',
    'post /runs/{id}/preview/notify',
    'post /report_results',
    'post /tasks/{id}/discoveries',
    'post /locks',
    'post /locks/release',
    'post /runs/{id}/task-complete',
    'post /runs/{id}/model/v1/messages',
    'get /runs/{id}/pending',
    'get /runs/{id}/session',
    'post /runs/{id}/session',
    'post /runs/{id}/validation-result',
    'post /validation/give_review',
  ];
  /** What it reads of whatever belongs to its project. */
  const shared = [
    'get /tickets',
    'get /tickets/search',
    'get /tickets/{id}',
    'get /tickets/{id}/phase-history',
    'get /tickets/{id}/history',
    'get /tickets/{id}/workflow-graph',
    'get /tasks/{id}',
    'get /tasks/{id}/timeline',
    'get /tasks/{id}/discoveries',
    'get /discoveries',
    'get /runs/{id}/trajectory',
    'get /specs/{id}',
    'get /specs/project/{id}',
  ];
  const isShared = (call: string) => shared.includes(nameOf(call));
  const isListed = (call: string) => listed.includes(nameOf(call)) || isShared(call);
  const closed = calls.filter((call) => permissionOf.get(nameOf(call)) !== 'none');
  const statuses = async (key = 'sk_agent_x') =>
    Promise.all(closed.map(async (call) => [call, (await send(call, key)).status] as const));
  for (const [call, status] of await statuses())
    expect([call, status === 403, status === 401]).toEqual([call, !isListed(call), false]);
  expect(closed.filter((call) => isListed(call) && !isShared(call))).toHaveLength(36);
  own = { ...own, run: other };
  for (const [call, status] of await statuses()) expect([call, status === 403]).toEqual([call, !isShared(call)]);
  own = { ...own, project: other };
  for (const [call, status] of await statuses()) expect([call, status]).toEqual([call, 403]);
  own = { run: sampleId, project: sampleId, organization: '66666666-6666-4666-8666-666666666666' };
  for (const [call, status] of await statuses()) expect([call, status]).toEqual([call, isListed(call) ? 404 : 403]);
  for (const [call, status] of await statuses('sk_agent_ended')) expect([call, status]).toEqual([call, 401]);
  for (const { agent, agents_of_project: ofProject } of contracts.values())
    for (const permission of [agent, ofProject])
      expect(permission === undefined || grants(systemRoles.agent_executor, permission)).toBe(true);
});

test.each(roles)('the role %s may do what its permissions say, and nothing else', async (role) => {
  caller.role = role;
  for (const call of guarded) {
    const permission = permissionOf.get(nameOf(call)) ?? '';
    const { status, text } = await send(call, token);
    const allowed = grants(systemRoles[role], permission);
    if (!allowed) expect([call, status, text]).toEqual([call, 403, expect.stringContaining(permission)]);
    else expect([call, status === 403]).toEqual([call, role === 'agent_executor' && peopleOnly.test(call)]);
    expect([call, status]).not.toEqual([call, 401]);
  }
});
