import { discoveryTypes } from '#workflows/domain/discovery/types.ts';
import type { Answer, Item } from '#server/contracts/client.ts';
import type { reportDiscovery, taskDiscoveries } from '#server/contracts/discoveries.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { api, newProject, playOnShared } from '#tests/support/shared.ts';
import { addTask, newTicket, task, taskIs, works, type TaskRow, type TicketRow } from '#tests/support/work.ts';

type Discovery = Item<typeof taskDiscoveries>;
type Recorded = Answer<typeof reportDiscovery>;

const report = (task_id: string, body: object) =>
  api().request<Recorded>('POST', `/tasks/${task_id}/discoveries`, body);
const found = (task_id: string) =>
  api()
    .get<{ items: Discovery[] }>(`/tasks/${task_id}/discoveries`)
    .then((page) => page.items);

describe('discoveries', () => {
  test('[DISC-01] a finding is kept with all that was said; an unknown type is refused', async () => {
    const { id: project_id } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const ticket = await newTicket(project_id, 'Findings');
    const { id } = await addTask(ticket.id, 'Source');
    const metadata = { file: 'src/a.js', line: 7, seen: ['once', 'twice'] };
    expect(
      await report(id, { type: 'bug', description: 'The sum is wrong for negative numbers.', metadata }),
    ).toMatchObject({
      status: 201,
      body: { discovery: { discovery_type: 'bug', priority_boost: true, resolution_status: 'open', metadata } },
    });
    expect(await found(id)).toEqual([
      expect.objectContaining({ discovery_type: 'bug', metadata, title: 'The sum is wrong for negative numbers.' }),
    ]);
    const unknown = await report(id, { type: 'mood', description: 'I do not feel like it today.' });
    expect(unknown).toMatchObject({
      status: 422,
      body: { details: [{ field: 'type', message: expect.stringContaining('technical_debt') }] },
    });
    expect(await found(id)).toHaveLength(1);
    expect([...discoveryTypes].sort()).toEqual([
      'blocker',
      'bug',
      'clarification_needed',
      'diagnostic_no_result',
      'diagnostic_stuck',
      'diagnostic_validation_loop',
      'integration_issue',
      'missing_dependency',
      'missing_requirement',
      'new_component',
      'optimization',
      'performance_issue',
      'security_issue',
      'technical_debt',
    ]);
    const events = await api().all<{ type: string }>(
      `/events?types=discovery.recorded,discovery.branch_created&entity_ids=${(await found(id))[0]?.id}`,
    );
    expect(events.map((event) => event.type)).toEqual(['discovery.recorded', 'discovery.branch_created']);
    await api().post(`/tickets/${ticket.id}/cancel`);
  });

  test('[DISC-02] a bug found while testing opens a more urgent task, linked to its source task, which continues', async () => {
    const played = await playOnShared(works({}));
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Testing ${played.word}`);
    const source = await addTask(ticket.id, `Test it ${played.word}`, {
      phase_id: 'PHASE_TESTING',
      priority: 'MEDIUM',
    });
    await taskIs(source.id, 'running');
    const description = `Saving twice loses the first version of the document, always. ${played.word}`;
    const { body } = await report(source.id, { type: 'bug', description, phase: 'PHASE_IMPLEMENTATION' });
    const child = await task(body.task_id ?? '');
    expect(child).toMatchObject({
      priority: 'HIGH',
      phase_id: 'PHASE_IMPLEMENTATION',
      task_type: 'discovery_bug',
      parent_task_id: source.id,
      discovery_id: body.discovery.id,
      result: { triggered_by_discovery: body.discovery.id },
    });
    expect(child.title).toMatch(/^Saving twice loses the first version of the document,\.\.\.$/);
    expect(await task(source.id)).toMatchObject({ status: 'running' });
    expect(await report(source.id, { type: 'bug', description, phase: 'PHASE_OF_THE_MOON' })).toMatchObject({
      status: 422,
      body: { details: [{ field: 'phase_id' }] },
    });
    // Given values override the rule; without them the documented defaults apply.
    const security = await report(source.id, {
      type: 'security_issue',
      description: 'The key stands in the log of each request.',
    });
    expect(await task(security.body.task_id ?? '')).toMatchObject({
      priority: 'CRITICAL',
      phase_id: 'PHASE_REQUIREMENTS',
    });
    const debt = await report(source.id, {
      type: 'technical_debt',
      description: 'Three copies of one parser should be one.',
    });
    expect(await task(debt.body.task_id ?? '')).toMatchObject({ priority: 'MEDIUM' });
    const urgent = await report(source.id, {
      type: 'technical_debt',
      description: 'The build takes an hour, for no reason at all.',
      priority_boost: true,
    });
    expect(await task(urgent.body.task_id ?? '')).toMatchObject({ priority: 'HIGH' });
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  });

  test('[DISC-03] [DISC-05] an agent reports a bug: one task, done by another, and the finding is resolved', async () => {
    const answers: string[] = [];
    const played = await playOnShared((request, word): Reply => {
      const work = works({
        Mend: { 'src/mended.js': 'export const mended = true;\n' },
        Source: { 'src/source.js': 'export const source = true;\n' },
      });
      if (request.context.kind !== 'task' || !request.context.title?.includes('Source')) return work(request);
      const say = (description: string) => ({
        tools: [call('report_discovery', { type: 'bug', title: `Mend it ${word}`, description, blocking: false })],
      });
      if (request.step === 0) return say('too short');
      if (request.step === 1) answers.push(request.last);
      if (request.step === 1) return say('Adding one to the last index runs past the end of the list.');
      if (request.step === 2) answers.push(request.last);
      return work({ ...request, step: request.step - 2 } satisfies Played);
    });
    const { id: project_id } = await newProject();
    const ticket = await newTicket(project_id, `Reported ${played.word}`);
    const source = await addTask(ticket.id, `Source ${played.word}`);
    const tasks = await api().until<{ items: TaskRow[] }>(
      `/tasks?ticket_id=${ticket.id}`,
      (page) => page.items.length > 1 && page.items.every((row) => row.status === 'completed'),
      45_000,
    );
    expect(answers[0]).toContain('at least 10 characters');
    expect(answers[1]).toMatch(/Recorded as discovery .*TSK-\d+ \(HIGH, PHASE_IMPLEMENTATION\)/);
    expect(tasks.items.map((row) => [row.title, row.priority]).sort()).toEqual([
      [`Mend it ${played.word}`, 'HIGH'],
      [`Source ${played.word}`, 'MEDIUM'],
    ]);
    await eventually(
      'the finding is resolved',
      async () => (await found(source.id))[0]?.resolution_status === 'resolved',
    );
    const [discovery, ...more] = await found(source.id);
    expect(more).toEqual([]);
    expect(discovery).toMatchObject({ resolution_status: 'resolved', spawned_task_ids: [expect.any(String)] });
    expect(await api().request('POST', `/discoveries/${discovery?.id}/resolve`)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('resolved already') },
    });
    const graph = await api().get<{ nodes: object[]; edges: { from: string; to: string; discovery_type: string }[] }>(
      `/tickets/${ticket.id}/workflow-graph`,
    );
    expect(graph.edges).toEqual([
      {
        from: source.id,
        to: discovery?.spawned_task_ids[0],
        discovery_type: 'bug',
        description: `Mend it ${played.word}`,
      },
    ]);
    const events = (await api().all<{ type: string }>(`/events?entity_ids=${discovery?.id}`)).map(
      (event) => event.type,
    );
    expect(events).toEqual(['discovery.recorded', 'discovery.branch_created', 'discovery.resolved']);
    await played.stop();
  });

  test('[DISC-04] a repeated finding opens nothing, and past its limit a task opens no more and asks for a person', async () => {
    const { id: project_id } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const ticket = await newTicket(project_id, 'Loops');
    const source = await addTask(ticket.id, 'Source');
    const first = await report(source.id, { type: 'bug', description: 'The parser drops the last line of a file.' });
    const again = await report(source.id, { type: 'bug', description: '  the PARSER drops the last line of a file!' });
    expect(again.body).toMatchObject({ task_id: null, duplicate_of: first.body.discovery.id });
    const subjects = [
      'The clock of the scheduler runs backwards in autumn.',
      'Passwords with a colon are cut at the colon.',
      'Images wider than the page push the menu away.',
      'An empty archive crashes the importer.',
      'Sorting by name ignores accents entirely.',
      'The export forgets time zones of meetings.',
    ];
    const rest: Recorded[] = [];
    for (const description of subjects) rest.push((await report(source.id, { type: 'bug', description })).body);
    expect(rest.map((entry) => entry.task_id !== null)).toEqual([true, true, true, true, false, false]);
    expect(rest[4]?.discovery).toMatchObject({
      resolution_status: 'open',
      capped_reason: 'The task has opened 5 branches; the limit is 5.',
    });
    expect(await api().get<TicketRow>(`/tickets/${ticket.id}`)).toMatchObject({
      needs_review: true,
      last_error: 'The task has opened 5 branches; the limit is 5.',
    });
    // The depth of nested discoveries is limited too.
    let deepest = rest[0]?.task_id ?? '';
    const reasons: (string | null)[] = [];
    for (const description of [
      'Second level: the lock is never released.',
      'Third level: the retry holds two locks at once.',
      'Fourth level: the timer fires twice after a pause.',
    ]) {
      const { body } = await report(deepest, { type: 'bug', description });
      reasons.push(body.discovery.capped_reason);
      deepest = body.task_id ?? deepest;
    }
    expect(reasons).toEqual([null, null, 'Discoveries nest 4 deep; the limit is 3.']);
    await api().post(`/tickets/${ticket.id}/cancel`);
  });

  test('[DISC-04] a failure that comes back each time its work has ended opens no more after the third, and a person is asked', async () => {
    const { id: project_id } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const ticket = await newTicket(project_id, 'Comes back');
    const failure = (n: number) => ({
      type: 'bug',
      description: `The test of the parser fails after ${n * 17} ms at /tmp/run-${n}/src/parser.js:${n}: expected ${n} lines, commit ${'abc123'}${n}f${n}.`,
    });
    const reports: Recorded[] = [];
    for (const n of [1, 2, 3, 4]) {
      // Each report comes from another task, and each failure is reported as fixed.
      const source = await addTask(ticket.id, `Source ${n}`);
      const { body } = await report(source.id, failure(n));
      reports.push(body);
      if (n < 4) await api().post(`/discoveries/${body.discovery.id}/resolve`);
      const other = await report(source.id, {
        type: 'bug',
        description: [
          'The clock of the scheduler runs backwards in autumn.',
          'Passwords with a colon are cut at the colon.',
          'Images wider than the page push the menu away.',
          'An empty archive crashes the importer.',
        ][n - 1],
      });
      expect(other.body.task_id).not.toBeNull();
    }
    expect(reports.map((entry) => [entry.task_id !== null, entry.duplicate_of])).toEqual([
      [true, null],
      [true, null],
      [true, null],
      [false, null],
    ]);
    const reason = 'The same failure came back after 3 branches of work; the limit is 3.';
    expect(reports[3]?.discovery).toMatchObject({
      resolution_status: 'open',
      spawned_task_ids: [],
      capped_reason: reason,
    });
    expect(await api().get<TicketRow>(`/tickets/${ticket.id}`)).toMatchObject({
      needs_review: true,
      last_error: reason,
    });
    await api().post(`/tickets/${ticket.id}/cancel`);
  });

  test('a finding is closed by hand, once', async () => {
    const { id: project_id } = await newProject();
    await api().request('PATCH', `/projects/${project_id}`, { autonomous_execution_enabled: false });
    const ticket = await newTicket(project_id, 'By hand');
    const source = await addTask(ticket.id, 'Source');
    const { body } = await report(source.id, {
      type: 'optimization',
      description: 'The list could be read in one query.',
    });
    expect(await api().post(`/discoveries/${body.discovery.id}/resolve`, { status: 'invalid' })).toMatchObject({
      resolution_status: 'invalid',
    });
    expect((await api().request('POST', `/discoveries/${body.discovery.id}/resolve`)).status).toBe(409);
    await api().post(`/tickets/${ticket.id}/cancel`);
  });
});
