import { execFileSync } from 'node:child_process';
import type { Answer } from '#server/contracts/client.ts';
import type { getSpec, phaseData } from '#server/contracts/specs.ts';
import { eventually } from '#tests/support/api.ts';
import type { Played, Reply } from '#tests/support/played-model.ts';
import { newPerson } from '#tests/support/people.ts';
import { answerValue, call, finishTask, reviewPasses } from '#tests/support/scripts.ts';
import { api, newProject, ownerKey, playOnShared, shared, temporalClient } from '#tests/support/shared.ts';
import { planPhase, playTracker, trackerProject, trackerWork, withWord } from '#tests/support/tracker.ts';
import { taskIs, type TaskRow, type TicketRow } from '#tests/support/work.ts';

type Spec = Answer<typeof getSpec>;
type PhaseData = Answer<typeof phaseData>;

const launch = (project_id: string, word: string, more: object = {}) =>
  api().post<{ spec_id: string }>('/specs/launch', {
    project_id,
    title: `Export ${word}`,
    description: `Tasks as a CSV file, for ${word}.`,
    ...more,
  });
const retry = (id: string, body: object = {}) =>
  api().request<{ status: string; message: string; details: { field: string }[] }>('POST', `/specs/${id}/retry`, body);
const specIs = (id: string, pleases: (spec: Spec) => boolean) => api().until<Spec>(`/specs/${id}`, pleases, 90_000);
const waitsForPerson = (spec: Spec) => spec.waiting_for === 'person';

/** A launched spec of the tracker, once its three tasks are planned. */
async function planned(play: Parameters<typeof playOnShared>[0]) {
  const played = await playOnShared(play);
  const { id: project_id, repository } = await newProject(api(), trackerProject);
  const { spec_id } = await launch(project_id, played.word);
  const { items } = await api().until<{ items: (TaskRow & { local_id: string; ticket_id: string })[] }>(
    `/tasks?spec_id=${spec_id}`,
    (page) => page.items.length === 3,
    90_000,
  );
  return { played, project_id, repository, spec_id, items };
}

describe('what failed is tried again', () => {
  test('a phase that failed its attempts: planning continues there with the given feedback, passed phases ran once', async () => {
    let fixed = false;
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        planPhase(request, (phase, _attempt, good) =>
          phase === 'prd' && !fixed
            ? { ...good, user_stories: [], goals: { primary: [], secondary: [], success_metrics: [] } }
            : good,
        ),
    );
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word, {
      gate_policy: { mode: 'ask', phases: ['requirements'] },
    });
    expect((await specIs(spec_id, (spec) => spec.status !== 'executing')).last_error).toMatch(
      /^The phase prd failed: /,
    );

    const outsider = await newPerson();
    expect((await outsider.api.request('POST', `/specs/${spec_id}/retry`, {})).status).toBe(404);
    const reader = await api().post<{ key: string }>('/auth/api-keys', {
      name: `reads ${played.word}`,
      scopes: ['document:read'],
    });
    expect((await api().as(reader.key).request('POST', `/specs/${spec_id}/retry`, {})).status).toBe(403);
    expect(await retry(spec_id, { feedback: '   ' })).toMatchObject({
      status: 422,
      body: { details: [{ field: 'feedback' }] },
    });
    expect(await retry(spec_id, { phase: 'prd' })).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('phase') },
    });

    fixed = true;
    expect(await retry(spec_id, { feedback: 'Say who reads the file.' })).toMatchObject({
      status: 202,
      body: { status: 'trying_again' },
    });
    const spec = await specIs(spec_id, (one) => one.waiting_for === 'gate');
    expect(spec).toMatchObject({ status: 'waiting', current_phase: 'requirements', last_error: null, ended_at: null });
    const { phases } = await api().get<PhaseData>(`/specs/${spec_id}/phase-data`);
    expect(phases.map((phase) => phase.attempts.map((attempt) => attempt.status))).toEqual([
      ['passed'],
      ['failed', 'failed', 'failed', 'passed'],
      ['passed'],
      [],
      [],
      [],
    ]);
    expect(
      played.model.requests.find((request) => request.context.phase === 'prd' && request.context.attempt === 4)?.text,
    ).toContain('Say who reads the file.');

    // A spec at a gate needs a decision, not a retry.
    expect(await retry(spec_id)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('requirements waits at its gate') },
    });
    expect(await retry(spec_id, { feedback: 'More.' })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'feedback' }] },
    });
    await api().post(`/specs/${spec_id}/cancel`);
    await specIs(spec_id, (one) => one.status === 'cancelled');
    expect((await retry(spec_id)).status).toBe(409);
    await played.stop();
  }, 240_000);

  test('a phase that was rejected at its gate is done again, and waits there again', async () => {
    const played = await playOnShared((request) => answerValue(request) ?? planPhase(request));
    const { id: project_id } = await newProject(api(), trackerProject);
    const { spec_id } = await launch(project_id, played.word, {
      gate_policy: { mode: 'ask', phases: ['prd'], timeout_seconds: 0.2 },
    });
    expect((await specIs(spec_id, (spec) => spec.status === 'failed')).last_error).toBe('prd: rejected at its gate.');
    expect((await retry(spec_id)).status).toBe(202);
    await api().until<PhaseData>(`/specs/${spec_id}/phase-data`, ({ phases }) => phases[1]?.attempts.length === 2);
    await specIs(spec_id, (spec) => spec.status === 'failed');
    const { phases } = await api().get<PhaseData>(`/specs/${spec_id}/phase-data`);
    expect(phases.map((phase) => phase.attempts.length)).toEqual([1, 2, 0, 0, 0, 0]);
    await played.stop();
  }, 240_000);

  test('a failed task and a failed join, each by one word from the command line, up to the pull request', async () => {
    let fixed = false;
    let hold = true;
    const beside = "export const toCsv = () => 'another writer';\n";
    const parallel = (good: Record<string, unknown>): Record<string, unknown> =>
      'tickets' in good
        ? {
            ...good,
            tickets: (good.tickets as object[]).map((one) => ({
              ...one,
              dependencies: { blocked_by: [], blocks: [] },
            })),
            tasks: (good.tasks as object[]).map((one) => ({ ...one, dependencies: { depends_on: [], blocks: [] } })),
            critical_path: ['TSK-001'],
          }
        : good;
    const play = (request: Played, word: string): Reply => {
      const value = answerValue(request);
      if (value) return value;
      if (request.context.kind === 'phase')
        return planPhase(request, (_phase, _attempt, good) => withWord(parallel(good), word));
      if (request.context.kind === 'merge')
        return fixed
          ? finishTask(request, { 'src/domain/csv.js': trackerWork['TSK-001']?.['src/domain/csv.js'] ?? '' })
          : { tools: [call('complete_task', { summary: 'Fine as it is.', evidence: ['It is fine.'] })] };
      if (request.context.kind === 'task' && request.context.task_ref === 'TSK-002' && hold) return { hang: true };
      if (request.context.kind === 'task' && request.context.task_ref === 'TSK-003')
        return finishTask(request, { 'src/domain/csv.js': beside });
      return playTracker(request, word);
    };
    const { played, project_id, repository, spec_id, items } = await planned(play);
    const held = items.find((task) => task.local_id === 'TSK-002');
    await taskIs(held?.id ?? '', 'running');
    await api().post(`/tasks/${held?.id}/fail`, { reason: 'To be tried anew.' });
    await taskIs(held?.id ?? '', 'failed');

    const ticket = () => api().get<TicketRow>(`/tickets/${held?.ticket_id}`);
    await specIs(spec_id, waitsForPerson);
    expect(await ticket()).toMatchObject({
      needs_review: true,
      last_error: expect.stringContaining('To be tried anew.'),
    });
    hold = false;
    const omoios = (...args: string[]) =>
      execFileSync(process.execPath, ['scripts/cli/omoios.js', ...args], {
        encoding: 'utf8',
        env: {
          PATH: process.env.PATH,
          OMOIOS_API: shared.url,
          OMOIOS_API_KEY: ownerKey(),
        } as unknown as NodeJS.ProcessEnv,
      });
    expect(omoios('spec', 'retry', spec_id)).toContain('retried');
    await api().until<TicketRow>(`/tickets/${held?.ticket_id}`, (row) => !row.needs_review);
    await taskIs(held?.id ?? '', 'completed');

    // Both tickets wrote the same file: the second one's join fails until the resolver does its work.
    const waiting = await specIs(
      spec_id,
      (spec) => waitsForPerson(spec) && !/To be tried anew/.test(spec.last_error ?? ''),
    );
    expect(waiting.last_error).toMatch(/^The conflicts between .* were not resolved: /);
    fixed = true;
    expect(await retry(spec_id)).toMatchObject({ status: 202 });
    expect(await specIs(spec_id, (spec) => spec.status === 'pr_created')).toMatchObject({
      last_error: null,
      waiting_for: null,
    });
    const [pull] = await api().all<{ branch: string }>(`/pull-requests?project_id=${project_id}`);
    expect(repository.show(pull?.branch ?? '', 'src/domain/csv.js')).toBe(
      trackerWork['TSK-001']?.['src/domain/csv.js']?.trim(),
    );
    expect((await retry(spec_id)).status).toBe(409);
    await played.stop();
  }, 180_000);

  test('a ticket that waits for a cancelled ticket asks a person, and continues without its code after a retry', async () => {
    const play = (request: Played, word: string): Reply => {
      if (request.context.kind === 'task' && request.context.task_ref !== 'TSK-003') return { hang: true };
      if (request.context.kind === 'task') return finishTask(request, { 'docs/export.txt': 'Nothing is exported.\n' });
      return playTracker(request, word);
    };
    const { played, project_id, repository, spec_id, items } = await planned(play);
    const first = items.find((task) => task.local_id === 'TSK-001');
    await taskIs(first?.id ?? '', 'running');
    await api().post(`/tickets/${first?.ticket_id}/cancel`);
    expect((await specIs(spec_id, waitsForPerson)).last_error).toMatch(
      / waits for a ticket that was cancelled\. Cancel/,
    );
    expect(await retry(spec_id)).toMatchObject({ status: 202 });
    // Its task waits for tasks of the cancelled ticket.
    await specIs(spec_id, (spec) => /waits for a task that was cancelled\. Change what/.test(spec.last_error ?? ''));
    const last = items.find((task) => task.local_id === 'TSK-003');
    await api().ok('PUT', `/tasks/${last?.id}/dependencies`, { depends_on: [] });
    await specIs(spec_id, (spec) => spec.status === 'pr_created');
    const [pull] = await api().all<{ id: string; branch: string }>(`/pull-requests?project_id=${project_id}`);
    expect(repository.show(pull?.branch ?? '', 'docs/export.txt')).toContain('Nothing is exported.');
    await api().post(`/pull-requests/${pull?.id}/merge`);
    const tickets = await api().all<TicketRow>(`/tickets?spec_id=${spec_id}`);
    expect(tickets.map((row) => [row.id === first?.ticket_id, row.status]).sort()).toEqual([
      [false, 'done'],
      [true, 'cancelled'],
    ]);
    await played.stop();
  }, 180_000);

  test("a ticket alone: another organization's is not there, one that goes well has nothing to try", async () => {
    const played = await playOnShared((request) => answerValue(request) ?? { hang: true });
    const { id: project_id } = await newProject();
    const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
      project_id,
      title: `Hangs ${played.word}`,
      description: 'Never mind.',
      workflow_mode: 'quick',
    });
    await taskIs(ticket.task_id, 'running');
    const outsider = await newPerson();
    expect((await outsider.api.request('POST', `/tickets/${ticket.id}/retry`)).status).toBe(404);
    expect(await api().request('POST', `/tickets/${ticket.id}/retry`)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('Nothing in the ticket has failed') },
    });
    await api().post(`/tasks/${ticket.task_id}/fail`, { reason: 'Again, please.' });
    await api().until<TicketRow>(`/tickets/${ticket.id}`, (row) => row.needs_review);
    expect((await api().request('POST', `/tickets/${ticket.id}/retry`)).status).toBe(202);
    expect((await taskIs(ticket.task_id, 'running')).attempt).toBe(2);
    await api().until<TicketRow>(`/tickets/${ticket.id}`, (row) => !row.needs_review && row.last_error === null);
    await api().post(`/tickets/${ticket.id}/cancel`);
    await played.stop();
  }, 240_000);

  test('a task with a workflow that was terminated by hand: its ticket says so, and restarts it after its earlier attempts', async () => {
    let hangs = true;
    const played = await playOnShared(
      (request) =>
        answerValue(request) ??
        (hangs
          ? { hang: true }
          : request.context.kind === 'validation'
            ? reviewPasses(request)
            : finishTask(request, { 'src/anew.js': 'export const anew = true;\n' })),
    );
    const { id: project_id } = await newProject();
    const ticket = await api().post<TicketRow & { task_id: string }>('/tickets', {
      project_id,
      title: `Broken off ${played.word}`,
      description: 'Done in the end.',
      workflow_mode: 'quick',
    });
    await eventually('its agent works', () => played.model.requests.some((request) => request.context.kind === 'task'));
    const temporal = await temporalClient();
    await temporal.client.workflow.getHandle(`task:${ticket.task_id}`).terminate('by hand');
    await temporal.close();
    const broken = await api().until<TicketRow>(`/tickets/${ticket.id}`, (row) => row.needs_review);
    expect(broken.last_error).toMatch(/its workflow ended without a result .*Retry the ticket, or cancel it\.$/);
    expect(await taskIs(ticket.task_id, 'failed')).toMatchObject({
      attempt: 1,
      error_message: expect.stringContaining('without a result') as unknown,
    });
    await api().until<{ items: { status: string }[] }>(
      `/runs?task_id=${ticket.task_id}`,
      (page) => page.items[0]?.status === 'cancelled',
    );

    hangs = false;
    expect((await api().request('POST', `/tasks/${ticket.task_id}/retry`)).status).toBe(202);
    expect(await taskIs(ticket.task_id, 'completed')).toMatchObject({ attempt: 2 });
    await eventually(
      'the pull request',
      async () => (await api().all(`/pull-requests?project_id=${project_id}`)).length === 1,
    );
    expect(await api().get<TicketRow>(`/tickets/${ticket.id}`)).toMatchObject({
      needs_review: false,
      last_error: null,
    });
    await played.stop();
  }, 240_000);
});
