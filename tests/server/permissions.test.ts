import type { Services } from '#activities/ports/services.ts';
import { openApiDocument } from '#server/http/openapi.ts';
import { createTokens } from '#server/http/tokens.ts';
import { allRoutes } from '#server/routes/index.ts';
import type { Auth } from '#server/usecases/auth.ts';
import { grants, systemRoles } from '#workflows/domain/access/permissions.ts';
import { jwtSecret, organization, startStubApp, user } from '#tests/support/stub-app.ts';
import { sampleId, sampleInput } from '#tests/support/sample-input.ts';

/** The permission of every call. `user`: any signed-in caller; `none`: everyone. */
const permissions: Record<string, string[]> = {
  none: [
    'post /auth/register',
    'post /auth/login',
    'post /auth/refresh',
    'post /auth/link',
    'post /auth/second-factor',
    'get /auth/oauth/providers',
    'get /auth/oauth/{provider}',
    'get /auth/oauth/{provider}/url',
    'get /auth/oauth/{provider}/redirect-uri',
    'get /auth/oauth/{provider}/callback',
    'post /auth/verify-email',
    'post /auth/resend-verification',
    'post /auth/forgot-password',
    'post /auth/reset-password',
    'post /invitations/view',
    'post /billing/webhooks/stripe',
  ],
  user: [
    'post /auth/logout',
    'post /auth/links',
    'get /auth/me',
    'patch /auth/me',
    'post /auth/change-password',
    'get /auth/sessions',
    'delete /auth/sessions/{id}',
    'post /auth/logout-all',
    'post /auth/live-ticket',
    'get /auth/second-factor',
    'get /auth/oauth/connected',
    'post /auth/oauth/{provider}/connect',
    'delete /auth/oauth/{provider}/disconnect',
    'post /auth/second-factor/enrol',
    'post /auth/second-factor/confirm',
    'post /auth/second-factor/disable',
    'get /auth/api-keys',
    'post /auth/api-keys',
    'delete /auth/api-keys/{id}',
    'get /auth/credentials',
    'post /auth/credentials',
    'patch /auth/credentials/{id}',
    'delete /auth/credentials/{id}',
    'get /onboarding/status',
    'get /onboarding/detect',
    'post /onboarding/step',
    'post /onboarding/complete',
    'post /onboarding/sync',
    'post /onboarding/reset',
    'get /billing/config',
    'post /billing/promo-codes/validate',
    'get /organizations',
    'post /organizations',
    'delete /organizations/{id}/members/me',
    'post /invitations/accept',
  ],
  administrator: [
    'post /billing/promo-codes',
    'get /billing/promo-codes',
    'delete /billing/promo-codes/{code}',
    'get /auth/audit',
    'get /admin/users',
    'post /admin/users/{id}/deactivate',
    'post /admin/users/{id}/activate',
    'get /mails',
    'post /onboarding/admin/reset/{user_id}',
    'get /auth/waitlist',
    'post /auth/waitlist/{id}/approve',
    'post /auth/waitlist/approve-all',
  ],
  'org:read': [
    'get /organizations/{id}',
    'get /organizations/{id}/roles',
    'get /organizations/{id}/credentials',
    'get /costs/records',
    'get /costs/records/csv',
    'get /costs/summary',
    'get /costs/summary/csv',
    'post /costs/forecast',
    'get /costs/budgets',
    'get /costs/budgets/check',
    'get /report',
    'get /billing/account/{id}/usage-summary',
    'post /billing/account/{id}/check-execution',
  ],
  'org:billing:write': [
    'post /billing/account/{id}/invoices/generate',
    'post /billing/invoices/{id}/pay',
    'post /billing/account/{id}/payment-method',
    'delete /billing/account/{id}/payment-methods/{payment_method_id}',
    'post /billing/account/{id}/setup-intent',
    'post /billing/account/{id}/credits/checkout',
    'post /billing/account/{id}/portal',
    'patch /billing/account/{id}',
    'post /billing/account/{id}/subscription/checkout',
    'post /billing/account/{id}/lifetime/checkout',
    'post /billing/account/{id}/subscription/cancel',
    'post /billing/account/{id}/subscription/reactivate',
    'post /billing/account/{id}/subscription/upgrade',
    'post /billing/account/{id}/subscription/downgrade',
    'post /billing/account/{id}/subscription/pause',
    'post /billing/account/{id}/subscription/resume',
    'post /billing/account/{id}/promo-codes/redeem',
  ],
  'org:billing:read': [
    'get /billing/account/{id}/payment-methods',
    'get /billing/account/{id}/stripe-invoices',
    'get /billing/account/{id}/subscription',
    'get /billing/account/{id}',
    'get /billing/account/{id}/ledger',
    'get /billing/account/{id}/usage',
    'get /billing/account/{id}/invoices',
    'get /billing/invoices/{id}',
  ],
  'org:write': [
    'patch /organizations/{id}',
    'post /organizations/{id}/credentials',
    'patch /organizations/{id}/credentials/{credential_id}',
    'delete /organizations/{id}/credentials/{credential_id}',
    'post /costs/budgets',
    'post /organizations/{id}/roles',
    'patch /organizations/{id}/roles/{role_id}',
    'delete /organizations/{id}/roles/{role_id}',
  ],
  'org:delete': ['delete /organizations/{id}', 'post /organizations/{id}/restore'],
  'org:members:read': ['get /organizations/{id}/members', 'get /organizations/{id}/invitations'],
  'org:members:write': [
    'post /organizations/{id}/invitations',
    'post /organizations/{id}/invitations/{invitation_id}/resend',
    'delete /organizations/{id}/invitations/{invitation_id}',
    'post /organizations/{id}/members',
    'patch /organizations/{id}/members/{member_id}',
  ],
  'org:members:delete': ['delete /organizations/{id}/members/{member_id}'],
  'project:read': [
    'get /projects',
    'get /projects/{id}',
    'get /projects/{id}/environment',
    'get /pull-requests',
    'get /pull-requests/{id}',
    'get /pull-requests/{id}/diff',
  ],
  'project:write': [
    'post /projects',
    'patch /projects/{id}',
    'post /pull-requests/{id}/merge',
    'post /pull-requests/{id}/request-changes',
    'post /pull-requests/{id}/close',
  ],
  'task:read': [
    'get /projects/{id}/queue',
    'get /board/tasks',
    'get /tasks',
    'get /tasks/{id}',
    'get /tasks/{id}/context',
    'get /tasks/{id}/dependencies',
    'post /tasks/{id}/check-circular',
    'get /tasks/{id}/reviews',
    'get /tasks/{id}/discoveries',
    'get /projects/{id}/graph',
    'get /graph/dependency-graph/project/{id}',
    'get /graph/dependency-graph/ticket/{id}',
    'get /graph/dependency-graph/task/{id}/blocked',
    'get /graph/dependency-graph/task/{id}/blocking',
  ],
  'document:write': [
    'post /projects/{id}/survey',
    'post /projects/{id}/survey/cancel',
    'post /specs/launch',
    'post /specs/{id}/execute',
    'post /specs/{id}/answers',
    'post /specs/{id}/phases/{phase}/approve',
    'post /specs/{id}/phases/{phase}/request-changes',
    'post /specs/{id}/phases/{phase}/regenerate',
    'post /specs/{id}/pause',
    'post /specs/{id}/resume',
    'post /specs/{id}/cancel',
    'post /specs/{id}/retry',
    'post /specs/{id}/sync',
    'post /specs/{id}/requirements',
    'patch /specs/{id}/requirements/{requirement}',
    'delete /specs/{id}/requirements/{requirement}',
  ],
  'document:read': [
    'get /specs',
    'get /specs/{id}',
    'get /specs/{id}/phase-data',
    'get /specs/{id}/questions',
    'get /specs/{id}/events',
    'get /specs/{id}/versions',
    'get /specs/{id}/coverage',
    'get /specs/{id}/export',
  ],
  'ticket:read': [
    'get /board/tickets',
    'get /tickets',
    'get /tickets/{id}',
    'get /tickets/{id}/merges',
    'get /tickets/{id}/discoveries',
    'get /tickets/{id}/workflow-graph',
  ],
  'project:safety:write': ['post /runs/{id}/limits'],
  'ticket:write': ['post /tickets', 'post /tickets/{id}/cancel', 'post /tickets/{id}/retry'],
  'task:write': [
    'post /costs/budgets/raise',
    'post /tasks',
    'patch /tasks/{id}',
    'post /tasks/{id}/cancel',
    'post /tasks/{id}/fail',
    'post /tasks/{id}/retry',
    'put /tasks/{id}/dependencies',
    'post /tasks/{id}/dependencies',
    'delete /tasks/{id}/dependencies/{dependency}',
    'post /tasks/{id}/discoveries',
    'post /discoveries/{id}/resolve',
    'post /runs/{id}/messages',
    'post /runs/{id}/steer',
    'delete /runs/{id}/constraints/{message_id}',
    'post /runs/{id}/interrupt',
    'post /runs/{id}/pause',
    'post /runs/{id}/resume',
    'post /runs/{id}/stop',
    'post /runs/{id}/fork',
    'post /runs/{id}/adopt',
    'post /monitor/intelligent/analyze/{id}',
  ],
  'agent:read': [
    'get /runs',
    'get /questions',
    'get /runs/{id}',
    'get /runs/{id}/turns',
    'get /runs/{id}/diff',
    'get /runs/{id}/compare',
    'get /runs/{id}/events',
    'get /runs/{id}/trajectory',
    'get /runs/{id}/messages',
    'get /runs/{id}/sandbox',
    'get /runs/{id}/task',
    'get /runs/{id}/progress',
    'get /monitor/intelligent/status',
    'get /monitor/intelligent/health',
    'get /monitor/interventions',
    'get /runs/{id}/analyses',
    'get /events/newest',
    'get /events',
  ],
};
/** Calls that a role may not make although it has their permission. */
const peopleOnly = /phases\/\{phase\}\/(approve|request-changes|regenerate)$|\/specs\/\{id\}\/answers$/;

const routes = allRoutes({} as Services, {} as Auth);
const contracts = new Map(routes.map(({ contract }) => [`${contract.method} ${contract.path}`, contract]));
const document = openApiDocument([...contracts.values()]) as { paths: Record<string, Record<string, object>> };
/** Every call of the description, without the older names of a run. */
const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method} ${path.replace('/api/v1', '')}`),
);
/** A run is also served under two older names. */
const nameOf = (call: string) => call.replace(/ \/(agents|sandboxes)\//, ' /runs/');
const permissionOf = new Map(
  Object.entries(permissions).flatMap(([permission, list]) => list.map((call) => [call, permission])),
);
const guarded = calls.filter(
  (call) => !['user', 'none', 'administrator'].includes(permissionOf.get(nameOf(call)) ?? ''),
);

const roles = Object.keys(systemRoles) as (keyof typeof systemRoles)[];
let caller: { role: keyof typeof systemRoles; member: boolean };
let app: Awaited<ReturnType<typeof startStubApp>>;
let token = '';
beforeAll(async () => {
  app = await startStubApp(
    {
      scopes: { organizationOf: () => Promise.resolve(organization), projectOf: () => Promise.resolve(sampleId) },
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
beforeEach(() => (caller = { role: 'owner', member: true }));
afterAll(() => app.close());

async function send(call: string, credential?: string, named = false) {
  const contract = contracts.get(call);
  if (!contract) throw new Error(`There is no contract of ${call}.`);
  const { address, body } = sampleInput(contract);
  const response = await fetch(`${app.url}${address}`, {
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
