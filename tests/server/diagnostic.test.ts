import { createDiagnosticActivities } from '#activities/diagnostic/index.ts';
import type { Services } from '#activities/ports/services.ts';
import type { Diagnosis } from '#workflows/domain/diagnosis.ts';
import type { DiagnosticInput } from '#workflows/contracts/diagnostic.ts';
import { loadConfig } from '#activities/services/config.ts';
import { openStore } from '#tests/support/own-store.ts';
import { OwnServer } from '#tests/support/own-server.ts';

let server: OwnServer;
let project_id = '';
let organization_id = '';
beforeAll(async () => {
  server = await OwnServer.start('diagnostic');
  project_id = server.place.project.id;
  organization_id = server.place.organization.id;
});
afterAll(() => server.close());

const call = (method: string, address: string, body?: object) => server.request(method, address, body);

async function newTicket(title: string) {
  const { ticket } = await server.store.tickets.create({
    ...{ organization_id, project_id, user_id: null, phase_id: 'PHASE_IMPLEMENTATION', status: 'building' },
    ...{ title, description: 'It is done once.', priority: 'LOW', workflow_mode: 'quick' },
  });
  return ticket;
}
const newTask = (ticket_id: string, title: string, depends_on: string[] = []) =>
  server.store.tasks.create({
    ...{
      organization_id,
      project_id,
      ticket_id,
      phase_id: 'PHASE_IMPLEMENTATION',
      title,
      description: 'It is done once.',
    },
    ...{ task_type: 'implement_feature', priority: 'LOW', depends_on },
  });
/** Takes a task from its slot to its failure. */
async function fail(id: string, message: string) {
  const { tasks } = server.store;
  const move = (to: Parameters<typeof tasks.move>[2], more: object = {}) => tasks.move(organization_id, id, to, more);
  await move('claiming');
  await move('assigned');
  await move('running');
  await move('failed', { patch: { error_message: message } });
}
/** Lets a day pass for these tasks. */
const age = (ids: string[]) =>
  server.sql(`UPDATE tasks SET updated_at = updated_at - interval '1 day' WHERE id IN ('${ids.join("','")}')`);

test('[DISC-08] a ticket is stuck once nothing of it can go on for a minute; one that works, and one that is done, is not', async () => {
  const ticket = await newTicket('Stuck');
  const first = await newTask(ticket.id, 'First');
  const second = await newTask(ticket.id, 'Second', [first.id]);
  const stuck = async () =>
    (
      (await call('GET', `/diagnostic/stuck-workflows?project_id=${project_id}`)).body.items as { ticket_id: string }[]
    ).map(({ ticket_id }) => ticket_id);
  expect(await stuck()).toEqual([]);
  await fail(first.id, 'It broke.');
  // It has just failed.
  expect(await stuck()).toEqual([]);
  await age([first.id, second.id]);
  expect(await stuck()).toEqual([ticket.id]);
  const third = await newTask(ticket.id, 'Third');
  await age([third.id]);
  expect(await stuck()).toEqual([]);
});

/** Diagnoses as the workflow does, with a finding that is given. */
async function diagnose(input: DiagnosticInput, said: Diagnosis, store = server.store) {
  const services = {
    store,
    config: loadConfig({ env: 'test' }, {}),
    embeddings: server.embeddings,
    workflows: { signalIfRunning: () => Promise.resolve(true), update: () => Promise.resolve({}) },
  } as unknown as Services;
  const steps = createDiagnosticActivities(services);
  const { refused } = await steps.openDiagnostic(input);
  if (refused) return { refused };
  await store.diagnostics.conclude(input.diagnostic_id, said);
  // A step whose answer was lost runs again.
  await steps.recoverTicket(input);
  return { refused, ...(await steps.recoverTicket(input)) };
}
const codeFault = (recommendation: string): Diagnosis => ({
  ...{ cause: 'code', root_cause: 'A line is wrong.', hypotheses: [], confidence: 0.8 },
  recommendations: [{ description: recommendation, priority: 'HIGH', estimated_effort: 'S' }],
});
let made = 0;
const inputFor = (ticket_id: string, task_id: string, by: string | null = null): DiagnosticInput => ({
  ...{ diagnostic_id: `00000000-0000-4000-8000-${String((made += 1)).padStart(12, '0')}`, organization_id, project_id },
  ...{ ticket_id, task_id, trigger: by ? 'person' : 'task_failed', by },
});
const works = [
  'Write the parser of dates again.',
  'Move the queue to another table.',
  'Open the socket before the server listens.',
  'Close every file of the importer.',
];

test('[DEDUP-05] [DISC-09] a recovery takes the place of what failed; three that fail in a row are the last, also for a new process, until a person resets the count', async () => {
  const ticket = await newTicket('Always fails');
  const first = await newTask(ticket.id, 'Parse');
  const waits = await newTask(ticket.id, 'Waits', [first.id]);
  let failing = first.id;
  for (const recommendation of works.slice(0, 3)) {
    await fail(failing, 'It broke again.');
    expect(await diagnose(inputFor(ticket.id, failing, 'a@b.c'), codeFault(recommendation))).toMatchObject({
      refused: null,
      said: expect.stringMatching(/^TSK-\d+ has begun$/),
    });
    const [run] = (await call('GET', `/diagnostic/runs?ticket_id=${ticket.id}`)).body.items;
    expect(run).toMatchObject({ task_id: failing, status: 'completed', tasks_created_ids: [expect.any(String)] });
    // What waited for the failed task waits for the new one.
    failing = run.tasks_created_ids[0];
    expect((await server.store.tasks.get(organization_id, waits.id)).depends_on).toEqual([failing]);
  }
  await fail(failing, 'It broke again.');
  const limit = '3 recoveries in a row have failed, which is the limit: it needs a person.';
  expect(await diagnose(inputFor(ticket.id, failing), codeFault(works[3] ?? ''))).toEqual({
    refused: expect.stringContaining(limit),
  });
  // The counters are records.
  const another = openStore(server.databaseUrl);
  expect(await diagnose(inputFor(ticket.id, failing), codeFault(works[3] ?? ''), another)).toEqual({
    refused: expect.stringContaining(limit),
  });
  await another.close();
  expect(await call('POST', `/diagnostic/trigger/${ticket.id}`)).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining(limit) },
  });
  expect((await call('POST', `/diagnostic/reset/${ticket.id}`)).status).toBe(204);
  expect(await call('POST', `/diagnostic/trigger/${ticket.id}`)).toMatchObject({ status: 202 });
});

test('[EXEC-38] one fault is diagnosed once by the platform, a person may ask ten times, and the eleventh is refused', async () => {
  const ticket = await newTicket('Needs money');
  const task = await newTask(ticket.id, 'Pay');
  await fail(task.id, 'The card was refused.');
  const money: Diagnosis = { ...codeFault('Ask the bank.'), cause: 'money' };
  expect(await diagnose(inputFor(ticket.id, task.id), money)).toEqual({
    refused: null,
    said: 'The cause is one of money, which more work does not remove: it needs a person.',
  });
  expect(await diagnose(inputFor(ticket.id, task.id), money)).toEqual({
    refused: 'This fault has been diagnosed. It waits for a person.',
  });
  for (let n = 2; n <= 10; n += 1)
    expect(await diagnose(inputFor(ticket.id, task.id, 'a@b.c'), money)).toMatchObject({ refused: null });
  expect(await diagnose(inputFor(ticket.id, task.id, 'a@b.c'), money)).toEqual({
    refused: 'The ticket has been diagnosed 10 times, which is the limit. Reset the count to allow more.',
  });
  const stranger = '0198c0de-0000-7000-8000-000000000000';
  expect((await call('POST', `/diagnostic/trigger/${stranger}`)).status).toBe(404);
  expect((await call('GET', `/diagnostic/runs/${stranger}`)).status).toBe(404);
});

test('[DEDUP-05] a diagnosis whose workflow was ended holds others back until a person resets the count', async () => {
  const ticket = await newTicket('Ended by hand');
  const task = await newTask(ticket.id, 'Wait');
  await fail(task.id, 'It broke.');
  const { diagnostic_id: id, by: triggered_by, ...of } = inputFor(ticket.id, task.id);
  await server.store.diagnostics.open({ ...of, id, triggered_by }, () => null);
  const asked = () => call('POST', `/diagnostic/trigger/${ticket.id}`);
  expect(await asked()).toMatchObject({ status: 409, body: { message: 'A diagnosis of this ticket is under way.' } });
  expect((await call('POST', `/diagnostic/reset/${ticket.id}`)).status).toBe(204);
  expect((await asked()).status).toBe(202);
});

test('[DISC-09] a recovery that says what an open one says, or whose task a person took up meanwhile, begins nothing', async () => {
  const ticket = await newTicket('Twice');
  const [one, two] = [await newTask(ticket.id, 'One'), await newTask(ticket.id, 'Two')];
  await fail(one.id, 'It broke.');
  await fail(two.id, 'It broke.');
  const same = codeFault('Give the migration its missing column.');
  expect(await diagnose(inputFor(ticket.id, one.id, 'a@b.c'), same)).toMatchObject({
    said: expect.stringMatching(/begun$/),
  });
  await server.store.tasks.move(organization_id, two.id, 'pending', { patch: { error_message: null } });
  expect(await diagnose(inputFor(ticket.id, two.id, 'a@b.c'), codeFault('Rename the column.'))).toMatchObject({
    said: 'A person has retried, changed or ended the task meanwhile.',
  });
});

test('[DISC-07] three like bugs are a pattern whose file is the hotspot; two are too few', async () => {
  const ticket = await newTicket('Bugs');
  const task = await newTask(ticket.id, 'Look');
  const find = (description: string, type = 'bug') =>
    call('POST', `/tasks/${task.id}/discoveries`, { type, description });
  const health = async () => (await call('GET', `/tickets/${ticket.id}/discovery-health`)).body;
  expect(await health()).toMatchObject({ total: 0, health_score: 1, enough_data: false });
  const first = await find('Dates of src/date.ts are a day early in winter.');
  expect(first).toMatchObject({ status: 201 });
  const found = first.body.discovery;
  await find('A leap year breaks the loop in src/date.ts.');
  expect(await health()).toMatchObject({
    total: 2,
    bugs: 2,
    patterns: [],
    summary: expect.stringContaining('Too few'),
  });
  await find('Time zones with half hours are cut in src/date.ts.');
  expect(await health()).toMatchObject({
    ...{ total: 3, open: 3, enough_data: true, health_score: 0.7 },
    hotspots: [{ component: 'src/date.ts', count: 3 }],
    patterns: [{ pattern_type: 'bug', severity: 'high', affected_components: ['src/date.ts'], confidence: 1 }],
  });
  expect((await call('GET', `/discoveries/${found.id}/recommended-agent`)).body).toMatchObject({
    recommended_agent_type: 'implementer',
  });
  const late = await newTask(ticket.id, 'Show dates of src/date.ts in winter');
  expect((await call('GET', `/tasks/${late.id}/predicted-blockers`)).body).toMatchObject({
    likely_blockers: [{ title: found.title, discovery_type: 'bug' }, {}, {}],
    similar_past_discoveries: [{ id: found.id }, {}, {}],
  });
});
