import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Reply } from '#tests/support/played-model.ts';
import { jpeg } from '#tests/support/pictures.ts';
import { call } from '#tests/support/scripts.ts';
import { workflowId } from '#workflows/contracts/ids.ts';
import { resumeUpdate } from '#workflows/contracts/run.ts';
import { OwnStack } from './support/own-stack.ts';
import { finish, outOfOrder, watch, type Play, type Run, type Session } from './support/session.ts';

/** Seconds: a wait that is made on the spot, silence that counts as a hang, a wait after which the sandbox goes. */
const short = 2.5;
const silence = 2;
const release = 2;

let own: OwnStack;
beforeAll(async () => {
  own = await OwnStack.start({
    OMOIOS_MODEL_SHORT_WAIT: String(short),
    OMOIOS_MODEL_IDLE_TIMEOUT: String(silence),
    OMOIOS_SANDBOX_RELEASE_AFTER: String(release),
    OMOIOS_FALLBACK_MODELS: 'anthropic:claude-opus-5,openai:gpt-6.2-sol',
  });
}, 120_000);
afterAll(() => own.stop());

const error = (status: number, type: string, message: string, headers: Record<string, string> = {}): Reply => ({
  status,
  error: { type, message },
  headers,
});

/** Resumes a run as an operator does, without REST. */
async function resumeByUpdate(id: string): Promise<void> {
  const temporal = await own.stack.temporal();
  await temporal.client.workflow.getHandle(workflowId.run(id)).executeUpdate(resumeUpdate, { args: [{}] });
  await temporal.close();
}

/** The second turn is answered by each of some faults in turn, then as it should be. */
function faulty(...faults: Reply[]): Play {
  const left = [...faults];
  return (_asked, request) => {
    const turn = request.body.messages.filter((message) => message.role === 'assistant').length + 1;
    if (turn === 1) return { tools: [call('bash', { command: 'echo kept > kept.txt' })] };
    return (turn === 2 ? left.shift() : undefined) ?? finish(turn, 2, request);
  };
}

const paid = async (session: Session, run: Run) =>
  (await session.api.all<{ id: string; cost_micros: number }>(`/costs/records?run_id=${run.id}`)).map((row) => row.id);
const turnKeys = (run: Run) => Array.from({ length: run.turn }, (_, i) => `run:${run.id}:turn:${i + 1}`);
/** What the run told of waiting, in order. */
const waits = async (session: Session, run: Run) =>
  (await session.events(run))
    .filter((event) => event.type === 'run.status_changed' && event.data.waiting_for)
    .map((event) => event.data);

async function goesOn(
  faults: Reply[],
  look: (session: Session, run: Run) => Promise<void> = async () => undefined,
  broken = 0,
): Promise<void> {
  await watch(faulty(...faults), { on: own }, async (session) => {
    const run = await session.ended();
    expect(run).toMatchObject({ status: 'completed', turn: 4 });
    const asked = session.asked(run);
    // The same request again, byte for byte, once for each fault; nothing more.
    expect(asked).toHaveLength(4 + faults.length);
    expect(new Set(asked.map((request) => request.raw)).size).toBe(4);
    const rows = await paid(session, run);
    expect(rows.filter((key) => !key.includes('broken')).sort()).toEqual(turnKeys(run));
    expect(rows.filter((key) => key.includes('broken'))).toHaveLength(broken);
    for (const turn of await session.turns(run)) expect([turn.turn, outOfOrder(turn)]).toEqual([turn.turn, []]);
    await look(session, run);
  });
}

describe('faults of the model', () => {
  test.concurrent('429 with a short retry-after is waited for on the spot', async () => {
    await goesOn([error(429, 'rate_limit_error', 'Slower, please.', { 'retry-after': '1' })], async (session, run) =>
      expect(await waits(session, run)).toEqual([]),
    );
  });

  test.concurrent('529 and 500 are tried again', async () => {
    await goesOn(
      [error(529, 'overloaded_error', 'Overloaded'), error(500, 'api_error', 'Internal server error')],
      async (session, run) => expect(await waits(session, run)).toEqual([]),
    );
  });

  test.concurrent('a model that says nothing is given up and asked again', async () => {
    await goesOn([{ hang: true }]);
  });

  test.concurrent(
    'an answer that breaks off is asked for again; the part that came is paid by what it had used',
    async () => {
      await goesOn(
        [{ cut_after_events: 4, text: 'I will', tools: [call('bash', { command: 'echo cut > cut.txt' })] }],
        async (session, run) => {
          expect(
            (await session.turns(run))
              .flatMap((turn) => turn.tool_calls)
              .some((made) => JSON.stringify(made).includes('cut.txt')),
          ).toBe(false);
        },
        1,
      );
    },
  );

  test.concurrent(
    '429 with a long retry-after puts the run to sleep: shown, without a sandbox, for no longer than asked',
    async () => {
      const seconds = 7;
      await watch(
        faulty(error(429, 'rate_limit_error', 'Your quota comes back later.', { 'retry-after': String(seconds) })),
        { on: own },
        async (session) => {
          const asleep = await session.run((run) => run.status === 'waiting');
          expect(asleep).toMatchObject({
            waiting_for: 'model',
            waiting_reason: expect.stringContaining('Your quota comes back later.'),
          });
          const wake = Date.parse(asleep.next_wake_at as string);
          expect(await session.api.get(`/runs/${asleep.id}/progress`)).toMatchObject({
            state: 'waiting',
            waiting_for: 'model',
            next_wake_at: asleep.next_wake_at,
          });
          const folder = path.join(own.stack.address.dataDir, 'sandboxes', asleep.sandbox_id);
          expect(existsSync(folder)).toBe(true);
          await session.api.until<{ status: string; end_reason: string }>(
            `/runs/${asleep.id}/sandbox`,
            (sandbox) => sandbox.status === 'terminated' && sandbox.end_reason === 'waiting',
          );
          expect(existsSync(folder)).toBe(false);

          const run = await session.ended();
          expect(run).toMatchObject({ status: 'completed', turn: 4, next_wake_at: null });
          const events = await session.events(run);
          const back = events.find(
            (event) =>
              event.type === 'run.status_changed' &&
              event.data.status === 'running' &&
              event.data.old_status === 'waiting',
          );
          expect(Date.parse(back?.at ?? '')).toBeGreaterThanOrEqual(wake);
          expect(session.asked(run)[2]?.last).toContain('Your sandbox had to be created again');
          expect((await paid(session, run)).sort()).toEqual(turnKeys(run));
          // What was there before the sleep is there after it.
          expect(session.repository.show((await session.taskEnded()).branch, 'kept.txt')).toBe('kept');
        },
      );
    },
  );

  test.concurrent(
    "400 for a request that is wrong fails the run with the provider's words, and the task waits for a person",
    async () => {
      await watch(
        faulty(error(400, 'invalid_request_error', 'tools.0.input_schema: unknown keyword')),
        { on: own },
        async (session) => {
          const run = await session.ended();
          expect(run).toMatchObject({ status: 'failed', stop_reason: 'invalid_request', turn: 1 });
          expect(run.error_message).toContain('tools.0.input_schema: unknown keyword');
          expect(await session.taskEnded()).toMatchObject({
            status: 'failed',
            attempt: 1,
            error_message: expect.stringContaining('unknown keyword'),
          });
          expect(await paid(session, run)).toEqual(turnKeys(run));
        },
      );
    },
  );

  test.concurrent(
    'a refused turn is answered by the fallback model, and none of the refused calls is run',
    async () => {
      const write = (file: string) => ({ tools: [call('bash', { command: `echo x > ${file}` })] });
      const play: Play = (turn, request) => {
        if (turn === 1)
          return {
            ...write('refused.txt'),
            stop_reason: 'refusal',
            stop_details: { type: 'refusal', category: 'cyber' },
          };
        return turn === 2 ? write('answered.txt') : finish(turn, 3, request);
      };
      await watch(play, { on: own }, async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed', turn: 4 });
        const asked = session.asked(run);
        expect(asked.slice(0, 3).map((request) => request.body.model)).toEqual([
          'claude-sonnet-5-5',
          'claude-opus-5',
          'claude-sonnet-5-5',
        ]);
        expect(asked[1]?.body.messages).toEqual(asked[0]?.body.messages);
        const { branch } = await session.taskEnded();
        const files = session.repository.git('ls-tree', '--name-only', '-r', branch);
        expect(files).toContain('answered.txt');
        expect(files).not.toContain('refused.txt');
        expect((await paid(session, run)).filter((key) => key.includes(':refused:'))).toHaveLength(1);
      });
    },
  );

  test.concurrent(
    'a run whose models all refuse continues with one of another provider, without the thinking so far',
    async () => {
      const play: Play = (turn, request) => {
        if (turn === 1) return { thinking: 'A thought.', tools: [call('bash', { command: 'echo kept > kept.txt' })] };
        if (request.body.model.startsWith('claude'))
          return { stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'cyber', explanation: 'No.' } };
        return finish(request.step, 1, request);
      };
      await watch(play, { on: own }, async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed', epoch: 1, provider: 'openai', model: 'gpt-6.2-sol' });
        const asked = session.asked(run);
        expect(asked.slice(0, 4).map((request) => request.body.model)).toEqual([
          'claude-sonnet-5-5',
          'claude-sonnet-5-5',
          'claude-opus-5',
          'gpt-6.2-sol',
        ]);
        expect(asked[3]?.last).toContain('Another model continues this run');
        const switched = (await session.events(run)).find((event) => event.type === 'run.context.compacted');
        expect(switched?.data).toMatchObject({
          how: 'model_switched',
          from: 'anthropic:claude-sonnet-5-5',
          provider: 'openai',
          model: 'gpt-6.2-sol',
          reason: expect.stringContaining('refused to answer: cyber: No.'),
        });
        const rows = await paid(session, run);
        expect(rows.filter((key) => key.includes(':refused:'))).toHaveLength(2);
        expect(rows.filter((key) => !key.includes(':refused:')).sort()).toEqual(turnKeys(run));
        const { branch } = await session.taskEnded();
        expect(session.repository.git('ls-tree', '--name-only', '-r', branch)).toContain('kept.txt');
      });
    },
  );

  test.concurrent('a request that is too large is shortened and asked again', async () => {
    let told = false;
    const play: Play = (turn, request) => {
      if (turn === 1) return { tools: [call('bash', { command: 'echo kept > kept.txt' })] };
      if (!told && turn === 2) {
        told = true;
        return error(400, 'invalid_request_error', 'prompt is too long: 250000 tokens > 200000 maximum');
      }
      return finish(turn, 3, request);
    };
    await watch(play, { on: own }, async (session) => {
      const run = await session.ended();
      expect(run).toMatchObject({ status: 'completed', epoch: 1 });
      expect(session.asked(run)[2]?.text).toContain('Older parts of this conversation were left out');
    });
  });

  test.concurrent(
    'an image that the provider refuses is left out once, with a word, and the run continues',
    async () => {
      let refused = 0;
      const play: Play = (_asked, request) => {
        const turn = request.body.messages.filter((message) => message.role === 'assistant').length + 1;
        if (turn === 1)
          return { tools: [call('bash', { command: `echo ${jpeg.toString('base64')} | base64 -d > a.jpg` })] };
        if (turn === 2) return { tools: [call('read_file', { path: 'a.jpg' })] };
        if (!request.raw.includes('"type":"image"')) return finish(turn, 3, request);
        refused += 1;
        return error(400, 'invalid_request_error', 'messages.4.content.0.image: Could not process image');
      };
      await watch(play, { on: own }, async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed', epoch: 1 });
        expect(refused).toBe(1);
        const asked = session.asked(run);
        expect(asked[3]?.results[0]?.text).toMatch(/a\.jpg: image\/jpeg, 40 x 30.*The image could not be shown/s);
        // Nothing else of the conversation has changed, and the refused request cost nothing.
        expect(asked[3]?.body.messages.slice(0, 4)).toEqual(asked[2]?.body.messages.slice(0, 4));
        expect((await paid(session, run)).sort()).toEqual(turnKeys(run));
      });
    },
  );

  // One after the other: such a pause holds every run of the provider.
  test.each([
    [
      '401 for a key that is refused',
      error(401, 'authentication_error', 'invalid x-api-key'),
      /invalid x-api-key.*Fix ANTHROPIC_API_KEY/,
    ],
    [
      '402 for a bill that is open',
      error(402, 'billing_error', 'Your payment method was declined.'),
      /payment method was declined.*provider/,
    ],
    [
      '400 for credit that is used up',
      error(400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
      /credit balance is too low.*provider/,
    ],
  ])('%s pauses the run for a person, who resumes it', async (_name, fault, words) => {
    await watch(faulty(fault), { on: own }, async (session) => {
      const paused = await session.paused();
      expect(paused).toMatchObject({ waiting_for: 'person', waiting_reason: expect.stringMatching(words) });
      await session.api.post(`/runs/${paused.id}/resume`);
      const run = await session.ended();
      expect(run).toMatchObject({ status: 'completed', turn: 4 });
      expect((await paid(session, run)).sort()).toEqual(turnKeys(run));
    });
  });

  test.each([
    ['REST', (id: string) => own.api.post(`/runs/${id}/resume`)],
    ['its workflow', resumeByUpdate],
  ])(
    'a refused key is one pause for all runs of the provider, and one resume by %s lets all continue',
    async (_way, resume) => {
      await watch(faulty(error(401, 'authentication_error', 'invalid x-api-key')), { on: own }, async (first) => {
        const met = await first.paused();
        await watch(
          (turn, request) => finish(turn, 1, request),
          { on: own },
          async (second) => {
            const held = await second.paused();
            expect(held).toMatchObject({ waiting_for: 'person', waiting_reason: met.waiting_reason });
            expect(second.asked(held)).toHaveLength(0);
            const { waiting_on_you } = await own.api.get<{ waiting_on_you: object[] }>('/report');
            expect(waiting_on_you.filter((one) => JSON.stringify(one).includes('invalid x-api-key'))).toEqual([
              { kind: 'run', id: met.id, title: 'All runs of anthropic', reason: met.waiting_reason },
            ]);
            await resume(held.id);
            const ended = await Promise.all([first.ended(), second.ended()]);
            expect(ended.map(({ status }) => status)).toEqual(['completed', 'completed']);
            expect(second.asked(held)).toHaveLength(ended[1].turn);
          },
        );
      });
    },
  );
});
