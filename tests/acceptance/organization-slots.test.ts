import type { Answer } from '#server/contracts/client.ts';
import type { getQueue } from '#server/contracts/projects.ts';
import { eventually, type Api } from '#tests/support/api.ts';
import { newPerson } from '#tests/support/people.ts';
import { stackServices } from '#tests/support/services.ts';
import { newProject, playOnShared, temporalClient } from '#tests/support/shared.ts';
import { works, type TaskRow } from '#tests/support/work.ts';

type Queue = Answer<typeof getQueue>;

/** An organization with a limit of concurrent agents and two projects. */
async function twoProjects(agents: number) {
  const { api, organization_id } = await newPerson();
  const setLimit = (max_concurrent_agents: number) =>
    api.ok('PATCH', `/organizations/${organization_id}`, { max_concurrent_agents });
  await setLimit(agents);
  const [one, two] = [(await newProject(api)).id, (await newProject(api)).id];
  return { api, organization_id, setLimit, one, two };
}

/** Quick tickets, created one after another, whose agents work until they are cancelled. */
async function tickets(
  api: Api,
  project_id: string,
  count: number,
  title: string,
): Promise<{ id: string; task_id: string }[]> {
  const made: { id: string; task_id: string }[] = [];
  for (let n = 1; n <= count; n += 1)
    made.push(
      await api.post('/tickets', {
        project_id,
        title: `${n} ${title}`,
        description: 'Works on and on.',
        workflow_mode: 'quick',
        force_create: true,
      }),
    );
  return made;
}

const running = async (api: Api, ...projects: string[]) =>
  (await Promise.all(projects.map((id) => api.all<TaskRow>(`/tasks?project_id=${id}&status=running`)))).flat();
const queue = (api: Api, id: string, pleases: (view: Queue) => boolean) =>
  api.until<Queue>(`/projects/${id}/queue`, pleases);

describe("an organization's limit of agents", () => {
  test('[BILL-18] [ORG-01] with a limit of one the projects take turns, the oldest task first; a raised limit starts who waits', async () => {
    const played = await playOnShared(works({}));
    const { api, organization_id, setLimit, one, two } = await twoProjects(1);
    const [first] = await tickets(api, one, 1, played.word);
    await queue(api, one, (view) => view.active.length === 1);
    const [second] = await tickets(api, two, 1, played.word);
    await queue(api, two, (view) => view.held_back === 1);
    // One after the other: a task's age counts from its request for a slot.
    const [third] = await tickets(api, one, 1, played.word);
    await queue(api, one, (view) => view.held_back === 1);
    const [fourth] = await tickets(api, one, 1, played.word);
    await queue(api, one, (view) => view.held_back === 2);
    const only = async (...expected: ({ task_id: string } | undefined)[]) => {
      const wanted = expected.map((ticket) => ticket?.task_id).sort();
      await eventually(
        `${wanted.length} of them run`,
        async () =>
          (await running(api, one, two))
            .map((task) => task.id)
            .sort()
            .join() === wanted.join(),
      );
    };
    await only(first);

    await api.post(`/tickets/${first?.id}/cancel`);
    await only(second);
    await api.post(`/tickets/${second?.id}/cancel`);
    await only(third);
    expect((await queue(api, one, (view) => view.held_back === 1)).waiting).toEqual([
      expect.objectContaining({ task_id: fourth?.task_id }),
    ]);

    await setLimit(2);
    await only(third, fourth);
    const services = await stackServices();
    for (const ticket of [third, fourth]) await api.post(`/tickets/${ticket?.id}/cancel`);
    await eventually(
      'no slot is held',
      async () =>
        (
          await services.store.slots.share(
            { organization_id, project_id: one, holders: [], candidates: [] },
            services.config.queue,
          )
        ).holding.length === 0,
    );
    await services.close();
    await played.stop();
  });

  test('[BILL-17] [BILL-18] a task without money leaves its slot to others, says why, and starts when there is money', async () => {
    const played = await playOnShared(works({}));
    const { api, organization_id, setLimit, one } = await twoProjects(1);
    const [first] = await tickets(api, one, 1, played.word);
    await queue(api, one, (view) => view.active.length === 1);
    const [poor] = await tickets(api, one, 1, played.word);
    const [paid] = await tickets(api, one, 1, played.word);
    await queue(api, one, (view) => view.waiting.length === 2);
    const scope = { scope_type: 'ticket', scope_id: poor?.id };
    await api.post('/costs/budgets', { ...scope, limit_amount: 1 });
    const services = await stackServices();
    await services.store.costs.record({
      ...{ key: `${poor?.id}:all`, organization_id, project_id: one, ticket_id: poor?.id, kind: 'turn' },
      ...{ provider: 'test', model: 'claude-sonnet-5-5', input_tokens: 0, output_tokens: 0 },
      ...{ cache_read_tokens: 0, cache_write_tokens: 0, input_micros: 0, output_micros: 0, cost_micros: 1_000_000 },
    });
    await services.close();

    await api.post(`/tickets/${first?.id}/cancel`);
    const runs = (task: string | undefined) => api.until<TaskRow>(`/tasks/${task}`, (row) => row.status === 'running');
    await runs(paid?.task_id);
    const waiting_reason = expect.stringMatching(
      /^The budget of this ticket is spent: \$1\.\d+ of \$1\.00\. Raise it, and the task starts\.$/,
    ) as string;
    expect(await api.get(`/tasks/${poor?.task_id}`)).toMatchObject({
      ...{ status: 'pending', waiting_for: 'budget', waiting_reason },
    });
    expect(await api.get(`/tickets/${poor?.id}`)).toMatchObject({ needs_review: true, last_error: waiting_reason });

    await setLimit(2);
    await api.post('/costs/budgets', { ...scope, limit_amount: 5 });
    expect(await runs(poor?.task_id)).toMatchObject({ waiting_for: null, waiting_reason: null });

    // Nothing of an archived organization starts.
    const [late] = await tickets(api, one, 1, played.word);
    await queue(api, one, (view) => view.waiting.length === 1);
    await api.ok('DELETE', `/organizations/${organization_id}`);
    await api.post(`/tickets/${paid?.id}/cancel`);
    await api.until(`/tasks/${late?.task_id}`, (row: { waiting_for: string | null }) => row.waiting_for === 'person');
    await api.post(`/organizations/${organization_id}/restore`);
    await runs(late?.task_id);
    for (const { id } of [poor, late] as { id: string }[]) await api.post(`/tickets/${id}/cancel`);
    await played.stop();
  });

  test('[BILL-18] [EXEC-04] beside it no project has more than its own five', async () => {
    const played = await playOnShared(works({}));
    const { api, one, two } = await twoProjects(7);
    const made = [...(await tickets(api, one, 6, played.word)), ...(await tickets(api, two, 3, played.word))];
    await eventually('seven run', async () => (await running(api, one, two)).length === 7);
    expect(await queue(api, one, (view) => view.waiting.length === 1)).toMatchObject({
      limit: 5,
      held_back: 0,
      active: { length: 5 },
    });
    expect(await queue(api, two, (view) => view.waiting.length === 1)).toMatchObject({
      limit: 5,
      held_back: 1,
      active: { length: 2 },
    });
    for (const { id } of made) await api.post(`/tickets/${id}/cancel`);
    await played.stop();
  });

  test('[BILL-18] what the queue of a project held that is gone goes to the others', async () => {
    const played = await playOnShared(works({}));
    const { api, one, two } = await twoProjects(1);
    const [first] = await tickets(api, one, 1, played.word);
    await queue(api, one, (view) => view.active.length === 1);
    const temporal = await temporalClient();
    await temporal.client.workflow.getHandle(`project:${one}:queue`).terminate('by hand');
    const [second] = await tickets(api, two, 1, played.word);
    const waiting = await queue(api, two, (view) => view.held_back === 1);
    const services = await stackServices();
    const { organization_id } = await api.get<{ organization_id: string }>(`/projects/${two}`);
    // The queue makes this call once a minute while it is held back.
    const entry = {
      ...waiting.waiting[0],
      dependents: 0,
      retry_count: 0,
      max_retries: 3,
      deadline_at: null,
      forced: true,
    } as never;
    expect(
      await services.activities.shareSlots({
        organization_id,
        project_id: two,
        holders: [],
        candidates: [entry],
        check: true,
      }),
    ).toEqual({ granted: [second?.task_id], gone: [] });
    for (const ticket of [first, second]) await api.post(`/tickets/${ticket?.id}/cancel`);
    await services.close();
    await temporal.close();
    await played.stop();
  });
});
