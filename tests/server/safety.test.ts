import { systemRoles } from '#workflows/domain/access/permissions.ts';
import { organization, startStubApp, user } from '#tests/support/stub-app.ts';
import { sampleId } from '#tests/support/sample-input.ts';

let role: keyof typeof systemRoles = 'owner';
const project = (id: string) => ({
  id,
  status: 'active',
  settings: { network: 'none', gate_approvers: ['admin', 'member'] },
  created_at: new Date(),
});
const analyses = { calm: { coherence_score: 0.9, system_status: 'optimal', duplicates: ['b'], terms: { of: 'calm' } } };
const run = { run_id: 'r', phase: 'prd', alignment_score: 0.5, needs_steering: false };
const asked: string[] = [];

let app: Awaited<ReturnType<typeof startStubApp>>;
beforeAll(async () => {
  app = await startStubApp(
    {
      scopes: {
        organizationOf: () => Promise.resolve(organization),
        projectOf: () => Promise.resolve(sampleId),
        workOf: () => Promise.resolve(null),
      },
      projects: {
        get: () => Promise.resolve(project(sampleId)),
        list: () => Promise.resolve({ items: [project('calm'), project('torn'), project('idle')], next_cursor: null }),
        update: (_organization: string, _id: string, data: object) => {
          asked.push('update');
          return Promise.resolve({ ...project(sampleId), ...data });
        },
      },
      specs: { get: () => Promise.resolve({ id: sampleId, project_id: sampleId }) },
      watching: {
        recentOf: (id: string) => Promise.resolve(id === 'idle' ? [] : [run]),
        lastConductor: (_organization: string, id?: string) =>
          Promise.resolve(
            id === 'calm'
              ? analyses.calm
              : {
                  coherence_score: id === 'torn' ? 0.2 : 0.1,
                  system_status: 'critical',
                  duplicates: [],
                  terms: { of: id },
                },
          ),
        interventions: () => Promise.resolve([]),
      },
    },
    {
      identity: {
        keyByHash: () =>
          Promise.resolve({
            id: 'k',
            user_id: 'u',
            user,
            is_active: true,
            scopes: ['*:*'],
            organization_id: organization,
          }),
        grantsOf: () => Promise.resolve([{ organization_id: organization, role, permissions: [...systemRoles[role]] }]),
        organization: () => Promise.resolve({ archived_at: null }),
      },
    },
  );
});
afterAll(() => app.close());

async function send(method: string, path: string, body?: object) {
  const response = await fetch(`${app.url}/api/v1${path}`, {
    method,
    headers: { authorization: 'Bearer sk_live_x', 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return {
    status: response.status,
    body: (await response.json()) as { message: string; details?: { field: string }[] },
  };
}

const weaker: [field: string, value: unknown][] = [
  ['setup', ['curl x | sh']],
  ['checks', ['true']],
  ['network', 'full'],
  ['validation', 'none'],
  ['gate_threshold', 0.7],
  ['gate_approvers', ['member']],
  ['limits', { max_usd: 10_000 }],
];

test.each(weaker)('the setting %s is for owners and admins', async (field, value) => {
  const settings = { [field]: value };
  role = 'member';
  for (const answer of [
    await send('PATCH', `/projects/${sampleId}`, { settings }),
    await send('POST', '/projects', { name: 'x', repository: { path: '/x' }, settings }),
  ])
    expect(answer).toMatchObject({ status: 403, body: { details: [{ field: `settings.${field}` }] } });
  for (role of ['admin', 'owner'] as const)
    expect((await send('PATCH', `/projects/${sampleId}`, { settings })).status).toBe(200);
});

test('a member changes the other settings, and may send unchanged ones with them', async () => {
  role = 'member';
  const settings = { merge_method: 'squash', network: 'none', gate_approvers: ['admin', 'member'] };
  expect((await send('PATCH', `/projects/${sampleId}`, { name: 'New', settings })).status).toBe(200);
  const task = { ticket_id: sampleId, title: 'x', description: 'x', validation_enabled: false };
  expect(await send('POST', '/tasks', task)).toMatchObject({
    status: 403,
    body: { details: [{ field: 'validation_enabled' }] },
  });
});

test('an agent decides at no gate, and a viewer spends nothing', async () => {
  role = 'agent_executor';
  for (const [path, body] of [
    ['approve', {}],
    ['request-changes', { feedback: 'no' }],
    ['regenerate', {}],
  ] as const)
    expect(await send('POST', `/specs/${sampleId}/phases/prd/${path}`, body)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('agent_executor') },
    });
  role = 'viewer';
  for (const query of ['', '?force=true'])
    expect(await send('POST', `/monitor/intelligent/analyze/${sampleId}${query}`)).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('task:write') },
    });
});

test('health of all projects names one project for each of its values', async () => {
  role = 'viewer';
  const { body } = await send('GET', '/monitor/intelligent/health');
  expect(body).toMatchObject({
    active_agents: 2,
    coherence_score: 0.2,
    system_health: 'critical',
    terms: { of: 'torn' },
    projects: [
      { project_id: 'calm', active_agents: 1, coherence_score: 0.9, system_health: 'optimal' },
      { project_id: 'torn', active_agents: 1, coherence_score: 0.2, system_health: 'critical' },
      { project_id: 'idle', active_agents: 0, system_health: 'no_agents' },
    ],
  });
});
