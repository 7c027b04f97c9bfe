import { randomUUID } from 'node:crypto';
import type { NewRun } from '#prisma/store/new-run.ts';
import { AgentPlace } from '#tests/support/agent-place.ts';

let place: AgentPlace;
beforeAll(async () => {
  place = await AgentPlace.start('collaboration');
});
afterAll(() => place.close());

const call: AgentPlace['call'] = (...input) => place.call(...input);
const register: AgentPlace['register'] = (fields) => place.register(fields);
const newTask: AgentPlace['newTask'] = (...input) => place.newTask(...input);

test('[EXEC-33] only the agent that a message names gets it; one outside the thread is refused', async () => {
  const [a, b, c] = [
    await register({ elsewhere: true }),
    await register({ elsewhere: true }),
    await register({ elsewhere: true }),
  ];
  const open = { from_agent_id: a.id, kind: 'review', subject: 'The parser', to: [b.id, c.id] };
  const thread = (await call('POST', '/collaboration/threads', open, a.key)).body;
  expect(thread).toMatchObject({ status: 'active', participants: [a.id, b.id, c.id], kind: 'review' });
  const inbox = async (agent: { id: string; key: string }) =>
    (await call('GET', `/collaboration/messages?agent_id=${agent.id}&unread=true`, undefined, agent.key)).body.items;
  const message = { thread_id: thread.id, from_agent_id: a.id, content: 'Look at line 3.' };
  const sent = await call('POST', '/collaboration/messages', { ...message, to_agent_id: b.id }, a.key);
  expect(sent.status).toBe(201);
  expect([(await inbox(b)).length, (await inbox(c)).length]).toEqual([1, 0]);
  expect((await call('GET', `/collaboration/threads/${thread.id}/messages`, undefined, c.key)).body.items).toEqual([]);
  expect((await call('POST', `/collaboration/messages/${sent.body.id}/read`, undefined, c.key)).status).toBe(403);
  expect((await call('POST', `/collaboration/messages/${sent.body.id}/read`, undefined, b.key)).status).toBe(200);
  expect(await inbox(b)).toEqual([]);
  const outsider = await register({ elsewhere: true });
  expect((await call('GET', `/collaboration/threads/${thread.id}/messages`, undefined, outsider.key)).status).toBe(403);
  const as = { ...message, from_agent_id: outsider.id, to_agent_id: b.id };
  expect((await call('POST', '/collaboration/messages', as, outsider.key)).status).toBe(403);
  expect((await call('POST', '/collaboration/messages', { ...message, to_agent_id: b.id }, b.key)).status).toBe(403);
  const some = await call('POST', '/collaboration/broadcast', { ...message, to: [c.id] }, a.key);
  expect(some.body.messages).toHaveLength(1);
  expect([(await inbox(b)).length, (await inbox(c)).length]).toEqual([0, 1]);
  expect((await call('POST', `/collaboration/threads/${thread.id}/close`, { status: 'resolved' }, b.key)).status).toBe(
    200,
  );
  expect((await call('POST', '/collaboration/broadcast', { ...message, to: [c.id] }, a.key)).status).toBe(409);
  expect((await call('GET', '/collaboration/threads', undefined, outsider.key)).body.items).toEqual([]);
});

test('[EXEC-34] an accepted handoff gives the task to the other agent, once; a declined one leaves it', async () => {
  const [a, b] = [
    await register({ capabilities: ['ada'], elsewhere: true, project_id: place.project_id }),
    await register({ capabilities: ['ada'], elsewhere: true, project_id: place.project_id }),
  ];
  const task = await newTask(['ada']);
  await call('POST', `/agents/${a.id}/work/${task.id}/accept`, undefined, a.key);
  const ask = { from_agent_id: a.id, to_agent_id: b.id, task_id: task.id, reason: 'It needs the other compiler.' };
  const request = () => call('POST', '/collaboration/handoff/request', ask, a.key);
  const answer = (id: string, how: string, key: string) =>
    call('POST', `/collaboration/handoff/${id}/${how}`, how === 'decline' ? { reason: 'Busy.' } : undefined, key);
  const holder = async () => (await place.server.store.tasks.get(place.organization_id, task.id)).agent_id;
  const first = (await request()).body;
  expect((await answer(first.id, 'accept', a.key)).status).toBe(403);
  expect((await answer(first.id, 'decline', b.key)).body).toMatchObject({
    status: 'resolved',
    outcome: 'declined: Busy.',
  });
  expect(await holder()).toBe(a.id);
  const next = (await request()).body;
  expect((await answer(next.id, 'accept', b.key)).body).toMatchObject({ status: 'resolved', outcome: 'accepted' });
  expect(await holder()).toBe(b.id);
  expect((await answer(next.id, 'accept', b.key)).status).toBe(409);
  expect((await request()).status).toBe(409);
  expect((await call('POST', '/collaboration/handoff/request', { ...ask, reason: 'Short' }, a.key)).status).toBe(422);
});

test('[EXEC-33] what is written to an agent without a run is in its first one, once; a run that has ended gets nothing', async () => {
  const [a, b] = [await register({ elsewhere: true }), await register()];
  const { runs, messages } = place.server.store;
  const words = { title: 't', opening: '', system_prompt: '', tools: '[]', goal: '', provider: 'p', model: 'm' };
  const { organization_id, project_id } = place;
  const begin = () =>
    runs.create({
      ...{ organization_id, project_id, agent_id: b.id, kind: 'task', mode: 'implementation', ...words, attempt: 1 },
      ...{ sandbox_id: `omoios-${randomUUID()}`, branch: 'b', base_sha: 'a'.repeat(40), max_usd: 1 },
      ...{
        limits: {} as NewRun['limits'],
        terms: { criteria: [], changes_expected: false, context: { kind: 'task' } },
      },
    } as NewRun);
  const heard = async (run: { id: string }) =>
    (await messages.list(organization_id, run.id)).map(({ kind, content, actor }) => [kind, content, actor]);
  const open = { from_agent_id: a.id, kind: 'consultation', subject: 'Names', to: [b.id] };
  const { id: thread_id } = (await call('POST', '/collaboration/threads', open, a.key)).body;
  const say = async (content: string) =>
    (
      await call(
        'POST',
        '/collaboration/messages',
        { thread_id, from_agent_id: a.id, to_agent_id: b.id, content },
        a.key,
      )
    ).body.read_at;
  expect(await say('Before.')).toBeNull();
  const first = await begin();
  expect(await heard(first)).toEqual([['agent_message', 'Before.', a.name]]);
  expect(await say('Meanwhile.')).not.toBeNull();
  expect(await heard(first)).toHaveLength(2);
  await runs.end(organization_id, first.id, { status: 'cancelled', reason: 'stopped', message: '' });
  expect(await say('Between.')).toBeNull();
  expect(await heard(await begin())).toEqual([['agent_message', 'Between.', a.name]]);
  expect(await heard(first)).toHaveLength(2);
});
