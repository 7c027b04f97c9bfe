/**
 * `npm run gen:histories`: records a history of every kind of workflow and of its branches into tests/replay/histories,
 * from the rehearsal and from played work, each on its own stack. Record again only after a deliberate change of a
 * workflow, behind a patch or before a release. With names, such as `npm run gen:histories -- pullRequestWorkflow.merged`,
 * it records only these. `agentWorkflow.plain`, `woken` and `exploring` are of runs whose turns Temporal carried; such runs
 * no longer begin.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { rootDir } from '#activities/services/config.ts';
import { payInvoiceUpdate } from '#workflows/contracts/billing.ts';
import { BillingPlace } from '#tests/support/billing-place.ts';
import { MailServer } from '#tests/support/smtp.ts';
import { PlayedMcpServer, toolNamed } from '#tests/support/mcp-server.ts';
import { TestStack } from '#tests/support/stack.ts';
import { playBranches } from './play-branches.ts';

/** Of a workflow type, the shortest history with JSON that matches all the marks. */
type Branch = [workflow: string, name: string, marks: RegExp[]];

const rehearsed: Branch[] = [
  ['specWorkflow', 'plain', []],
  ['specPhaseWorkflow', 'plain', []],
  ['ticketWorkflow', 'plain', []],
  ['ticketWorkflow', 'discovery', [/discoveryWorkflow/]],
  ['ticketWorkflow', 'merge', [/mergeWorkflow/]],
  ['taskWorkflow', 'plain', []],
  ['taskWorkflow', 'revision', [/settleValidation.*prepareTask/s]],
  ['taskWorkflow', 'prepared', [/^(?!.*taskRunning).*completeTask/s]],
  ['agentWorkflow', 'stretches', []],
  ['agentWorkflow', 'stretches-woken', [/WORKFLOW_EXECUTION_SIGNALED/]],
  ['discoveryWorkflow', 'plain', []],
  ['diagnosticWorkflow', 'plain', [/recoverTicket/]],
  ['mergeWorkflow', 'clean', []],
  ['mergeWorkflow', 'resolved', [/takeResolution/]],
  ['projectQueueWorkflow', 'plain', []],
  ['projectQueueWorkflow', 'organization', [/shareSlots/]],
  ['guardianWorkflow', 'steering', [/judgeRun/]],
  ['conductorWorkflow', 'plain', []],
  ['healthWorkflow', 'plain', []],
  ['heartbeatWorkflow', 'plain', []],
  ['watchdogWorkflow', 'plain', [/watchMonitors/]],
  ['watchdogWorkflow', 'scheduled', [/startWatchdog/]],
  ['pullRequestWorkflow', 'merged', []],
  ['retentionWorkflow', 'plain', []],
  ['reembedWorkflow', 'tables', [/tablesToEmbed/]],
  ['reembedWorkflow', 'rows', [/embedSome/]],
  ['surveyWorkflow', 'plain', []],
  ['mailWorkflow', 'plain', []],
  ['alertDeliveryWorkflow', 'plain', []],
  ['memoryWorkflow', 'plain', []],
  ['titleWorkflow', 'renamed', []],
  ['titleWorkflow', 'kept', [/keepTitle/]],
  ['approvalWorkflow', 'approved', []],
  ['noticesWorkflow', 'plain', []],
];
const played: Branch[] = [
  ['specWorkflow', 'compact', []],
  ['specPhaseWorkflow', 'compact', [/:plan"/]],
  ['agentWorkflow', 'stretches-exploring', [/takeExploration/]],
  ['pullRequestWorkflow', 'changes-retry', [/needPerson.*personCame/s]],
  ['repositoryWorkflow', 'plain', []],
  ['questionWorkflow', 'plain', [/closeQuestion/]],
  ['previewWorkflow', 'stopped', [/lookAtPreview.*startPreview.*EXECUTION_SIGNALED.*stopPreview/s]],
];

const billed: Branch[] = [
  ['dunningWorkflow', 'suspended', [/suspendAccount/]],
  ['billingCycleWorkflow', 'plain', []],
];

const foreign: Branch[] = [['mcpCallWorkflow', 'plain', []]];

const names = process.argv.slice(2);
const wanted = (branches: Branch[]) =>
  branches.filter(([workflow, name]) => names.length === 0 || names.includes(`${workflow}.${name}`));

/** Writes the histories of the branches that the stack has run. */
async function write(stack: TestStack, branches: Branch[]): Promise<void> {
  const { client, close } = await stack.temporal();
  const found: { type: string; json: string }[] = [];
  for await (const { workflowId, runId, type } of client.workflow.list())
    found.push({ type, json: historyToJSON(await client.workflow.getHandle(workflowId, runId).fetchHistory()) });
  await close();
  for (const [workflow, name, marks] of branches) {
    const [shortest] = found
      .filter(({ type, json }) => type === workflow && marks.every((mark) => mark.test(json)))
      .sort((a, b) => a.json.length - b.json.length);
    if (!shortest) throw new Error(`No ${workflow} with ${marks.join(', ') || 'anything'} has run.`);
    // A recording contains no paths or user names of this machine.
    const json = shortest.json
      .replaceAll(stack.address.dataDir, '/data')
      .replaceAll(rootDir, '/omoios')
      .replace(/"identity": ?"[^"]*"/g, '"identity":"recorded"');
    await writeFile(
      path.join(rootDir, `tests/replay/histories/${workflow}.${name}.json`),
      `${JSON.stringify(JSON.parse(json))}\n`,
    );
    console.log(`${workflow}.${name}: ${(json.length / 1024).toFixed(0)} kB`);
  }
}

/** A ticket without tasks that a person approves, and asks about. */
async function approve({ api }: TestStack): Promise<void> {
  const [project] = await api.all<{ id: string }>('/projects');
  const project_id = project?.id ?? '';
  await api.ok('PATCH', `/projects/${project_id}`, { settings: { ticket_human_review: true } });
  const words = { title: 'To be approved', description: 'For a history.', workflow_mode: 'spec_driven' };
  const ticket = await api.post<{ id: string }>('/tickets', { project_id, ...words });
  await api.post('/tickets/approve', { ticket_id: ticket.id });
  const { diagnostic_run_id: id } = await api.post<{ diagnostic_run_id: string }>(`/diagnostic/trigger/${ticket.id}`);
  await api.until<{ status: string }>(`/diagnostic/runs/${id}`, ({ status }) => status === 'completed');
}

/** A person asks for another title of a task, and again, when the model has no other one. */
async function nameTask({ api }: TestStack): Promise<void> {
  const [task] = await api.all<{ id: string }>('/tasks');
  const events = `/events?entity_ids=${task?.id}`;
  for (const type of ['task.renamed', 'task.title_kept']) {
    await api.post(`/tasks/${task?.id}/generate-title`);
    await api.until<{ items: { type: string }[] }>(events, ({ items }) => items.some((event) => event.type === type));
  }
}

async function rehearse(): Promise<void> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'omoios-histories-'));
  const mailServer = await new MailServer().start();
  const receiver = createServer((_request, response) => response.end()).listen(0, 'localhost');
  await once(receiver, 'listening');
  const stack = await TestStack.start(
    {
      OMOIOS_OUTBOUND_ALLOW: 'localhost',
      SMTP_URL: mailServer.url,
      MODEL_PROVIDER: 'rehearsal',
      OMOIOS_MODEL_REHEARSAL_PACE: '0.3',
      OMOIOS_MONITORING_GUARDIAN_INTERVAL: '2',
      OMOIOS_MONITORING_MINIMUM_AGE: '1',
      OMOIOS_MONITORING_ANALYSIS_CACHE: '1',
      OMOIOS_MONITORING_CONDUCTOR_INTERVAL: '10',
      OMOIOS_MONITORING_IDLE_STOP: '5',
      OMOIOS_SURVEY_AUTOMATIC: 'true',
    },
    { dataDir, command: ['demo'] },
  );
  try {
    const { items } = await stack.api.until<{ items: { id: string }[] }>(
      '/pull-requests',
      (page) => page.items.length > 0,
      300_000,
    );
    await stack.api.post(`/pull-requests/${items[0]?.id}/merge`);
    await stack.api.until<{ state: string }>(`/pull-requests/${items[0]?.id}`, (pull) => pull.state === 'merged');
    await approve(stack);
    await nameTask(stack);
    await stack.api.post('/agents/register', { agent_type: 'worker' });
    await stack.api.post('/auth/register', { email: 'ada@example.test', password: 'Correct-horse-7' });
    while (mailServer.received.length === 0) await sleep(100);
    const url = `http://localhost:${(receiver.address() as AddressInfo).port}`;
    const { id } = await stack.api.post<{ id: string }>('/alerts/endpoints', { name: 'Pager', url });
    await stack.api.post(`/alerts/endpoints/${id}/try`);
    await write(stack, wanted(rehearsed));
  } finally {
    await stack.stop();
    await mailServer.stop();
    receiver.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** An invoice that no card pays until its account is suspended, and the months of an account until its end. */
async function bill(): Promise<void> {
  const stack = await TestStack.start({});
  const place = await BillingPlace.open(stack.address.temporalAddress);
  try {
    const debtor = await place.debtor();
    const invoice = await debtor.invoiced();
    place.payments.card = 'refused';
    await place.start(invoice, {});
    while ((await debtor.status()) !== 'suspended') await sleep(50);
    place.payments.card = 'good';
    await place.dunning(invoice.id).executeUpdate(payInvoiceUpdate, { args: [{}] });
    await place.dunning(invoice.id).result();
    const { id } = await place.debtor({ workflows: 1 });
    const cycle = await place.startCycle(id, { invoice: 150, check: 50 });
    while ((await place.store.invoices.list(id, {}, { limit: 1 })).items.length === 0) await sleep(50);
    await place.sql.query('DELETE FROM organizations WHERE id = $1', [id]);
    await cycle.result();
    await write(stack, wanted(billed));
  } finally {
    await place.close();
    await stack.stop();
  }
}

/** A call of a foreign tool. */
async function callForeign(): Promise<void> {
  const played = await PlayedMcpServer.start([toolNamed('echo', 'Say it again')]);
  const stack = await TestStack.start({ OMOIOS_OUTBOUND_ALLOW: 'localhost' });
  try {
    const { items } = await stack.api.get<{ items: { id: string }[] }>('/organizations');
    await stack.api.ok('PATCH', `/organizations/${items[0]?.id}`, { settings: { mcp_hosts: [played.host] } });
    const { id: agent_id } = await stack.api.post<{ id: string }>('/agents/register', { agent_type: 'worker' });
    const tool = { server_id: 'echo', tool_name: 'echo' };
    const server = { server_id: 'echo', version: '2025-11-25', connection_url: played.url };
    await stack.api.post('/mcp/register', server);
    await stack.api.post('/mcp/policies/grant', { ...tool, agent_id, actions: ['read', 'write'] });
    await stack.api.post('/mcp/invoke', { ...tool, agent_id, correlation_id: 'c', params: { text: 'hello' } });
    await write(stack, wanted(foreign));
  } finally {
    await stack.stop();
    await played.stop();
  }
}

if (wanted(foreign).length > 0) await callForeign();
if (wanted(rehearsed).length > 0) await rehearse();
if (wanted(billed).length > 0) await bill();
if (wanted(played).length > 0) await playBranches((stack) => write(stack, wanted(played)));
