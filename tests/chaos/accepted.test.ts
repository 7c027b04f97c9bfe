import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '#tests/support/api.ts';
import { Hold } from '#tests/support/hold.ts';
import { playTracker, trackerProject } from '#tests/support/tracker.ts';
import { double } from './double.ts';
import { broken } from './invariants.ts';
import { claimDone, count, playWork, read, review } from './played-work.ts';
import { World } from './world.ts';

describe('the application dies after it wrote down what it accepted and before it began', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'omoios-accepted-'));
  const deathFile = path.join(folder, 'die');
  let world: World;

  beforeAll(async () => {
    world = await World.start({
      OMOIOS_RUN_STRETCH_SECONDS: '0',
      ...double('/server/main.ts', '#activities/services/index.ts', './dying-services.ts'),
      TEST_DEATH_FILE: deathFile,
    });
  });
  afterAll(async () => {
    await world?.stop();
    rmSync(folder, { recursive: true });
  });

  /** Sends it under a key and loses the answer. */
  async function sendAndDie(to: string, body: object, key: string): Promise<void> {
    writeFileSync(deathFile, '');
    await expect(world.stack.api.request('POST', to, body, { 'idempotency-key': key })).rejects.toThrow();
    await world.stack.ready();
  }

  /** The answer to a client that repeats its request after the first try was given up. */
  async function sendAgain(to: string, body: object, key: string) {
    expect(await world.stack.api.request('POST', to, body, { 'idempotency-key': key })).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining('is still running') as unknown },
    });
    await world.records.rows(
      "UPDATE idempotency_keys SET created_at = created_at - interval '2 minutes' WHERE key = $1",
      [key],
    );
    return world.stack.api.request('POST', to, body, { 'idempotency-key': key });
  }

  test('a quick ticket is started by the next application, and sent again is the same ticket', async () => {
    const place = await world.place((request) =>
      playWork(request, request.context.kind === 'validation' ? review : { turns: [[count('once')]], done: claimDone }),
    );
    const body = {
      project_id: place.id,
      title: `Do the work ${place.word}`,
      description: 'Once.',
      workflow_mode: 'quick',
    };
    await sendAndDie('/tickets', body, place.word);
    const page = await world.stack.api.until<{ items: { id: string }[] }>(
      `/pull-requests?project_id=${place.id}`,
      ({ items }) => items.length === 1,
      120_000,
    );
    const again = await sendAgain('/tickets', body, place.word);
    const tickets = await world.stack.api.all<{ id: string }>(`/tickets?project_id=${place.id}`);
    expect(again).toMatchObject({ status: 201, body: { id: tickets[0]?.id } });
    expect(tickets).toHaveLength(1);
    expect(page.items).toHaveLength(1);
    expect(broken(await world.evidence([place.id]))).toEqual([]);
  }, 240_000);

  test('a feature is planned by the next application, and launched again is the same spec', async () => {
    const place = await world.place((request) => playTracker(request, place.word), {}, trackerProject);
    const body = {
      project_id: place.id,
      title: `Export ${place.word}`,
      description: 'All tasks as a CSV file.',
      auto_execute: true,
      gate_policy: { mode: 'ask', phases: ['explore'] },
    };
    await sendAndDie('/specs/launch', body, place.word);
    const specs = () =>
      world.stack.api.all<{ id: string; waiting_for: string | null }>(`/specs?project_id=${place.id}`);
    await eventually('it waits at its first gate', async () => (await specs())[0]?.waiting_for === 'gate', 60_000);
    const [spec] = await specs();
    expect(await sendAgain('/specs/launch', body, place.word)).toMatchObject({
      status: 201,
      body: { spec_id: spec?.id },
    });
    expect(await specs()).toHaveLength(1);
    await world.stack.api.post(`/specs/${spec?.id}/cancel`);
    await world.stack.api.until<{ status: string }>(`/specs/${spec?.id}`, ({ status }) => status === 'cancelled');
  }, 240_000);

  test('[WEB-06] a question about the code is answered by the next application, and after a kill in its answer, once', async () => {
    const hold = new Hold();
    const place = await world.place(async (request) => {
      if (request.step === 0) return { tools: [read('sum', 'src/sum.js')] };
      await hold.here();
      return { text: 'src/sum.js:1 adds two numbers.' };
    });
    const conversations = `/explore/project/${place.id}/conversations`;
    const body = { question: `Where is sum, for ${place.word}?` };
    await sendAndDie(conversations, body, place.word);
    await hold.reached;
    world.stack.kill('application');
    hold.release();
    await world.stack.ready();
    const [known] = await world.stack.api.all<{ id: string }>(conversations);
    const { messages } = await world.stack.api.until<{ messages: { status: string; answer: string }[] }>(
      `${conversations}/${known?.id}`,
      ({ messages: asked }) => asked[0]?.status === 'answered',
      60_000,
    );
    expect(messages).toMatchObject([{ answer: 'src/sum.js:1 adds two numbers.', attempt: 1 }]);
    expect(await sendAgain(conversations, body, place.word)).toMatchObject({ status: 201, body: { id: known?.id } });
    expect(await world.stack.api.all(conversations)).toHaveLength(1);
    expect(await world.stack.api.all(`/runs?project_id=${place.id}`)).toHaveLength(1);
    expect(broken(await world.evidence([place.id]))).toEqual([]);
  }, 240_000);
});
