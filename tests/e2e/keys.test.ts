import { readdirSync } from 'node:fs';
import path from 'node:path';
import { rootDir } from '#activities/services/config.ts';
import { TestRepository } from '#tests/support/repository.ts';
import { largePlan } from '#tests/support/large-plan.ts';
import { answerValue } from '#tests/support/scripts.ts';
import { Visitor } from './support/browser.ts';
import { keyFaults } from './support/keys.ts';
import { setting, type Setting } from './support/setting.ts';

/** Routes that show nothing of their own: they lead elsewhere, or frame other pages. */
const frames = ['_index', '_shell', '_shell.$', '_shell.organizations.$organizationId', '_shell.settings._index'];
const redirects = ['_shell.phases.gates', '_shell.specs.$specId', '_shell.tickets.$ticketId', 'checkout'];
const actions = ['organization', 'session', 'sign-out'];
/** The page of all parts exists only in development; these need a mail, a share or what is bought at a provider. */
const others = ['design', 'invitation', 'onboarding', 'showcase.$token', 'verify-email', 'reset-password'];
const bought = ['_shell.billing.$outcome', '_shell.organizations.$organizationId.billing_.invoices.$invoiceId'];
/** These are shown with a pull request, a commit, an alert or a mail, by the tests of these. */
const later = ['_shell.pull-requests.$pullId', '_shell.commits.$sha', '_shell.alerts.$alertId', '_shell.mailbox'];

interface Made {
  project: string;
  spec: string;
  ticket: string;
  run: string;
  agent: string;
  organization: string;
}

/** Every page, with what is looked at on it. */
const pages: Record<string, (made: Made) => string[]> = {
  'sign-in': () => ['/sign-in'],
  register: () => ['/register'],
  'forgot-password': () => ['/forgot-password'],
  '_shell.command': () => ['/command', '/command?mode=spec_driven'],
  '_shell.projects._index': () => ['/projects'],
  '_shell.projects.$projectId._index': ({ project }) => [`/projects/${project}`],
  '_shell.projects.$projectId.explore': ({ project }) => [`/projects/${project}/explore`],
  '_shell.projects.$projectId.settings._index': ({ project }) => [`/projects/${project}/settings`],
  '_shell.projects.$projectId.settings.github': ({ project }) => [`/projects/${project}/settings/github`],
  '_shell.projects.$projectId.settings.phases': ({ project }) => [`/projects/${project}/settings/phases`],
  '_shell.projects.$projectId.specs._index': ({ project }) => [`/projects/${project}/specs`],
  '_shell.projects.$projectId.specs.$specId': ({ project, spec }) =>
    ['overview', 'requirements', 'design', 'tasks', 'execution', 'attempts', 'traceability'].map(
      (tab) => `/projects/${project}/specs/${spec}?tab=${tab}`,
    ),
  '_shell.projects.$projectId.specs.$specId_.review': ({ project, spec }) => [
    `/projects/${project}/specs/${spec}/review`,
  ],
  '_shell.gates._index': () => ['/gates'],
  '_shell.gates.$gateId': ({ ticket }) => [`/gates/ticket:${ticket}`],
  '_shell.board.$projectId': ({ project, ticket }) => [
    `/board/${project}`,
    `/board/${project}?of=tickets&lanes=spec`,
    `/board/${project}?of=tickets&open=${ticket}`,
  ],
  '_shell.board.$projectId_.$ticketId': ({ project, ticket }) => [`/board/${project}/${ticket}`],
  '_shell.graph.$projectId.($ticketId)': ({ project }) => [`/graph/${project}`, `/graph/${project}?view=table`],
  '_shell.runs._index': () => ['/runs'],
  '_shell.runs.$runId': ({ run }) =>
    ['stream', 'timeline', 'changes', 'terminal', 'preview', 'details'].map((tab) => `/runs/${run}?tab=${tab}`),
  '_shell.sandboxes': () => ['/sandboxes'],
  '_shell.agents._index': () => ['/agents'],
  '_shell.agents.$agentId': ({ agent }) => [`/agents/${agent}`],
  '_shell.agents.spawn': () => ['/agents/spawn'],
  '_shell.pull-requests._index': () => ['/pull-requests'],
  '_shell.diagnostic.$entityType.$entityId': ({ ticket }) => [`/diagnostic/ticket/${ticket}`],
  '_shell.inbox': () => ['/inbox'],
  '_shell.report': () => ['/report?since=yesterday'],
  '_shell.activity': () => ['/activity'],
  '_shell.alerts._index': () => ['/alerts'],
  '_shell.costs': () => ['overview', 'records', 'budgets', 'forecast'].map((tab) => `/costs?tab=${tab}`),
  '_shell.memory': () => ['search', 'patterns', 'playbook', 'insights'].map((tab) => `/memory?tab=${tab}`),
  '_shell.organizations._index': () => ['/organizations'],
  '_shell.organizations.new': () => ['/organizations/new'],
  '_shell.organizations.$organizationId._index': ({ organization }) => [`/organizations/${organization}`],
  '_shell.organizations.$organizationId.billing': ({ organization }) => [`/organizations/${organization}/billing`],
  '_shell.organizations.$organizationId.members': ({ organization }) => [`/organizations/${organization}/members`],
  '_shell.organizations.$organizationId.model-keys': ({ organization }) => [
    `/organizations/${organization}/model-keys`,
  ],
  '_shell.organizations.$organizationId.roles': ({ organization }) => [`/organizations/${organization}/roles`],
  '_shell.organizations.$organizationId.settings': ({ organization }) => [`/organizations/${organization}/settings`],
  ...Object.fromEntries(
    ['api-keys', 'appearance', 'model-keys', 'notifications', 'profile', 'security', 'sessions'].map((name) => [
      `_shell.settings.${name}`,
      () => [`/settings/${name}`],
    ]),
  ),
};

test('each page of the app is in the table of those that are walked by keys, or said to be none', () => {
  const routes = readdirSync(path.join(rootDir, 'web/app/routes')).map((file) => file.replace(/\.tsx?$/, ''));
  const named = [...Object.keys(pages), ...frames, ...redirects, ...actions, ...others, ...bought, ...later];
  expect(named.toSorted()).toEqual(routes.toSorted());
});

describe('by keys alone', () => {
  let here: Setting;
  let made: Made;
  beforeAll(async () => {
    here = await setting((request) => answerValue(request) ?? { hang: true });
    const { api } = here.stack;
    const { id: project } = await api.post<{ id: string }>('/projects', {
      ...{ name: 'Keys', repository: { path: new TestRepository().path } },
    });
    const { explore, prd, requirements, design, tasks } = largePlan(2, 5);
    const { id: spec } = await api.post<{ id: string }>('/specs/import', {
      ...{ project_id: project, phases: { explore, prd, requirements, design, tasks } },
      spec: { title: 'Export all fields', description: 'All fields as CSV.' },
    });
    const { id: ticket } = await api.post<{ id: string }>('/tickets', {
      ...{ project_id: project, title: 'Count the stock', description: 'Each night.', workflow_mode: 'quick' },
    });
    const { items } = await api.until<{ items: { id: string; agent_id: string }[] }>(
      `/runs?ticket_id=${ticket}`,
      (page) => page.items.length > 0,
      60_000,
    );
    const [agent] = await api.all<{ id: string }>('/agents');
    const [organization] = await api.all<{ id: string }>('/organizations');
    const idOf = (one: { id: string } | undefined) => one?.id ?? '';
    made = { project, spec, ticket, run: idOf(items[0]), agent: idOf(agent), organization: idOf(organization) };
  }, 180_000);
  afterAll(() => here.close());

  test.each(Object.entries(pages))(
    '[WEB-33] %s: Tab reaches all that the pointer presses, and each shows its focus',
    async (name, addresses) => {
      const inside = name.startsWith('_shell');
      const visitor = inside ? here.visitor : await Visitor.open(here.browser, here.stack);
      const { page } = visitor;
      const found: string[] = [];
      for (const address of addresses(made)) {
        await page.goto(address);
        if (inside) await visitor.live();
        found.push(...(await keyFaults(page)).map((fault) => `${address}: ${fault}`));
      }
      if (!inside) await visitor.context.close();
      expect(found).toEqual([]);
    },
    120_000,
  );
});
