import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { contract } from '#server/contracts/contract.ts';
import type { Authenticator } from '#server/http/authenticate.ts';
import { route, toHandler } from '#server/http/define-route.ts';
import { allRoutes } from '#server/routes/index.ts';
import type { Services } from '#activities/ports/services.ts';
import type { Auth } from '#server/usecases/auth.ts';
import { needsUnarchived } from '#server/usecases/workable.ts';
import { organization, startStubApp, user } from '#tests/support/stub-app.ts';
import { sampleId, sampleInput } from '#tests/support/sample-input.ts';

const state = { verified: true, archived: false, project: 'active', spent: false };
const low = { id: sampleId, scope_type: 'project', scope_id: sampleId, limit_micros: 1_000_000 };
const surveyed: unknown[] = [];
const registered: { is_verified?: boolean }[] = [];
let app: Awaited<ReturnType<typeof startStubApp>>;
beforeAll(async () => {
  app = await startStubApp(
    {
      projects: {
        get: () => Promise.resolve({ id: sampleId, status: state.project, settings: {} }),
        update: () => Promise.resolve({ id: sampleId, organization_id: organization, settings: { setup: ['make'] } }),
      },
      scopes: {
        organizationOf: () => Promise.resolve(organization),
        projectOf: () => Promise.resolve(sampleId),
        workOf: () => Promise.resolve({ project_id: sampleId }),
      },
      budgets: {
        check: () => Promise.resolve({ budgets: [{ ...low, spent_micros: state.spent ? 1_000_000 : 0 }] }),
      },
    },
    {
      workflows: { survey: (project: unknown) => Promise.resolve(surveyed.push(project)) },
      identity: {
        keyByHash: () =>
          Promise.resolve({
            id: 'k',
            user_id: 'u',
            user: { ...user, is_verified: state.verified },
            is_active: true,
            scopes: ['*:*'],
            organization_id: organization,
          }),
        organization: () => Promise.resolve({ archived_at: state.archived ? new Date() : null }),
        createUser: (input: { is_verified?: boolean }) => {
          registered.push(input);
          return Promise.resolve({ ...input, id: sampleId, created_at: new Date() });
        },
      },
    },
  );
});
beforeEach(() => Object.assign(state, { verified: true, archived: false, project: 'active', spent: false }));
afterAll(() => app.close());

const contracts = allRoutes({} as Services, {} as Auth).map(({ contract }) => contract);
const doors = contracts.filter((contract) => contract.starts_work);
/** The calls beside them that an archived organization refuses. */
const changes = contracts.filter((contract) => !contract.starts_work && needsUnarchived(contract));

async function send(contract: (typeof doors)[number]) {
  const { address, body } = sampleInput(contract);
  const response = await fetch(`${app.url}${address}`, {
    method: contract.method.toUpperCase(),
    headers: { authorization: 'Bearer sk_live_x', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json().catch(() => undefined)) as { message: string } };
}

test('the calls that start work are these', () => {
  expect(
    doors.map(({ method, path }) => `${method} ${path}`).filter((door) => !/(agents|sandboxes)\//.test(door)),
  ).toEqual([
    'post /projects',
    'post /projects/{id}/survey',
    'post /explore/project/{id}/conversations',
    'post /explore/project/{id}/conversations/{conversation_id}/messages',
    'post /explore/project/{id}/conversations/{conversation_id}/messages/{message_id}/retry',
    'post /preview',
    'post /specs',
    'post /specs/{id}/approve-requirements',
    'post /specs/{id}/approve-design',
    'post /specs/{id}/execute-tasks',
    'post /specs/launch',
    'post /specs/{id}/execute',
    'post /specs/{id}/answers',
    'post /specs/{id}/phases/{phase}/approve',
    'post /specs/{id}/phases/{phase}/request-changes',
    'post /specs/{id}/phases/{phase}/regenerate',
    'post /specs/{id}/resume',
    'post /specs/{id}/retry',
    'post /specs/{id}/sync',
    'post /tickets/{id}/fast-track',
    'post /tickets/{id}/fix',
    'post /tickets/{id}/plan',
    'post /tickets/{id}/spawn-phase-tasks',
    'post /tickets/approve',
    'post /tickets',
    'post /tickets/{id}/retry',
    'post /tasks',
    'post /tasks/generate-titles',
    'post /tasks/{id}/generate-title',
    'post /tasks/{id}/retry',
    'post /tasks/{id}/discoveries',
    'post /diagnostic/trigger/{id}',
    'post /branch-workflow/start',
    'post /specs/{id}/create-branch',
    'post /coordination/split',
    'post /coordination/join',
    'post /coordination/sync',
    'post /coordination/patterns/{name}',
    'post /github/repos',
    'post /sandboxes',
    'post /runs/{id}/resume',
    'post /runs/{id}/limits',
    'post /runs/{id}/fork',
    'post /runs/{id}/adopt',
    'post /validation/spawn_validator',
    'post /pull-requests/{id}/request-changes',
    'post /monitor/intelligent/analyze/{id}',
    'post /guardian/actions/{id}/revert',
  ]);
});

test.each(doors.map((contract) => [`${contract.method} ${contract.path}`, contract] as const))(
  '[AUTH-04] %s starts nothing for an unverified account, an archived organization or a paused project',
  async (_name, contract) => {
    state.verified = false;
    expect(await send(contract)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining(`omoios admin verify ${user.email}`) },
    });
    Object.assign(state, { verified: true, archived: true });
    expect(await send(contract)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('The organization is archived') },
    });
    // They make their project.
    if (['/projects', '/github/repos'].includes(contract.path)) return;
    for (const project of ['paused', 'archived']) {
      Object.assign(state, { archived: false, project });
      expect(await send(contract)).toMatchObject({
        status: 409,
        body: { message: expect.stringContaining(`The project is ${project}`) },
      });
    }
  },
);

const begins = doors.filter(({ starts_work: starts }) => starts === 'agents');
test('the calls by which agents begin are these', () => {
  const names = begins
    .map(({ method, path }) => `${method} ${path}`)
    .filter((door) => !/(agents|sandboxes)\//.test(door));
  expect(names.sort()).toEqual([
    'post /coordination/join',
    'post /coordination/patterns/{name}',
    'post /coordination/split',
    'post /coordination/sync',
    'post /diagnostic/trigger/{id}',
    'post /guardian/actions/{id}/revert',
    'post /pull-requests/{id}/request-changes',
    'post /runs/{id}/fork',
    'post /runs/{id}/resume',
    'post /sandboxes',
    'post /specs/{id}/execute-tasks',
    'post /specs/{id}/phases/{phase}/regenerate',
    'post /specs/{id}/resume',
    'post /specs/{id}/retry',
    'post /tasks',
    'post /tasks/generate-titles',
    'post /tasks/{id}/discoveries',
    'post /tasks/{id}/generate-title',
    'post /tasks/{id}/retry',
    'post /tickets/approve',
    'post /tickets/{id}/fast-track',
    'post /tickets/{id}/fix',
    'post /tickets/{id}/plan',
    'post /tickets/{id}/retry',
    'post /tickets/{id}/spawn-phase-tasks',
  ]);
});

test.each(begins.map((contract) => [`${contract.method} ${contract.path}`, contract] as const))(
  '[BILL-17] %s starts nothing where a budget has no money for a first call',
  async (_name, contract) => {
    state.spent = true;
    expect(await send(contract)).toMatchObject({
      status: 402,
      body: {
        message: expect.stringMatching(/^The budget of this project is spent: .* Raise it, then start the work\.$/),
      },
    });
  },
);

test('the calls that buy, invite or change are these', () => {
  expect(changes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    'patch /billing/account/{id}',
    'patch /mcp/tools/{server}/{tool}',
    'patch /organizations/{id}',
    'patch /organizations/{id}/credentials/{credential_id}',
    'patch /organizations/{id}/members/{member_id}',
    'patch /organizations/{id}/roles/{role_id}',
    'patch /playbook/{id}',
    'patch /projects/{id}',
    'post /alerts/endpoints',
    'post /alerts/endpoints/{id}/try',
    'post /billing/account/{id}/credits/checkout',
    'post /billing/account/{id}/lifetime/checkout',
    'post /billing/account/{id}/payment-method',
    'post /billing/account/{id}/promo-codes/redeem',
    'post /billing/account/{id}/setup-intent',
    'post /billing/account/{id}/subscription/checkout',
    'post /billing/account/{id}/subscription/downgrade',
    'post /billing/account/{id}/subscription/pause',
    'post /billing/account/{id}/subscription/reactivate',
    'post /billing/account/{id}/subscription/resume',
    'post /billing/account/{id}/subscription/upgrade',
    'post /branch-workflow/finish',
    'post /commits/ticket/{id}/link',
    'post /costs/budgets',
    'post /costs/budgets/raise',
    'post /github/connect',
    'post /github/repos/{owner}/{repo}/branches',
    'post /github/repos/{owner}/{repo}/pulls',
    'post /github/sync',
    'post /mcp/policies/grant',
    'post /mcp/register',
    'post /organizations/{id}/credentials',
    'post /organizations/{id}/invitations',
    'post /organizations/{id}/invitations/{invitation_id}/resend',
    'post /organizations/{id}/members',
    'post /organizations/{id}/roles',
    'post /playbook',
    'post /playbook/changes/{id}/undo',
    'post /public/specs/{id}/share',
    'post /specs/{id}/create-pr',
    'put /alerts/rules/{name}',
    'put /configs/{phase_id}',
    'put /github/repos/{owner}/{repo}/contents/{path}',
  ]);
});

test.each(changes.map((contract) => [`${contract.method} ${contract.path}`, contract] as const))(
  '[ORG-01] %s answers 409 in an archived organization',
  async (_name, contract) => {
    state.archived = true;
    expect(await send(contract)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('Its owner restores it: POST /organizations/{id}/restore') },
    });
  },
);

test.each([
  [{}, 1],
  [{ verified: false }, 0],
  [{ archived: true }, 0],
  [{ project: 'paused' }, 0],
])('changed commands of a project are surveyed only through the door (%j)', async (changed, times) => {
  Object.assign(state, changed);
  surveyed.length = 0;
  await fetch(`${app.url}/api/v1/projects/${sampleId}`, {
    method: 'PATCH',
    headers: { authorization: 'Bearer sk_live_x', 'content-type': 'application/json' },
    body: JSON.stringify({ settings: { setup: ['make'] } }),
  });
  expect(surveyed).toHaveLength(times);
});

test.each([true, false])('a call that starts work must be declared so (%s)', async (declared) => {
  const started: string[] = [];
  const services = {
    workflows: { startTicket: () => Promise.resolve(started.push('ticket')) },
    store: { identity: { organization: () => Promise.resolve(null) }, projects: {} },
  } as unknown as Services;
  const actor = { user_id: 'u', is_verified: true, is_super_admin: true, grants: [{ organization_id: organization }] };
  const authenticator = { fromRequest: () => Promise.resolve(actor) } as unknown as Authenticator;
  const starting = route(
    contract({
      method: 'get',
      path: '/',
      tag: 'tests',
      summary: 'Start',
      auth: 'project:write',
      starts_work: declared,
    }),
    async (_input, call) => void (await call.services.workflows.startTicket({} as never)) as never,
  );
  const server = express()
    .get('/', toHandler(services, authenticator, starting))
    .use(((error: Error, _req, res, _next) => void res.status(500).send(error.message)) as ErrorRequestHandler)
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  server.close();
  expect([answer.ok, started.length]).toEqual([declared, declared ? 1 : 0]);
  if (!declared) expect(await answer.text()).toContain('lacks starts_work');
});

test('in production a person who registers is not verified', async () => {
  const body = JSON.stringify({ email: 'new@example.test', password: 'Correct-horse-7' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${app.url}/api/v1/auth/register`, { method: 'POST', headers, body });
  expect([answer.status, registered.map((input) => input.is_verified)]).toEqual([201, [false]]);
});
