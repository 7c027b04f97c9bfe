import type { Reply } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { finish, watch, type Play, type Run, type Session, type SessionOptions } from './support/session.ts';

const bash = (command: string, more: object = {}): Reply => ({ tools: [call('bash', { command, ...more })] });
/** Says what the turns give and does sound work once they are through. */
const turns =
  (...replies: Reply[]): Play =>
  (turn, request) =>
    replies[turn - 1] ?? finish(turn, replies.length + 1, request);
const again =
  (reply: Reply): Play =>
  () =>
    reply;

/** Words of the newest user message before each turn. */
const told = (session: Session, run: Run) => session.asked(run).map((request) => request.last);

/** A run that fails for a reason is followed by another one that knows why. */
async function failsWith(
  reason: string,
  play: Play,
  options: SessionOptions = {},
): Promise<{ run: Run; said: string[] }> {
  return watch(play, options, async (session) => {
    const run = await session.ended();
    expect(run).toMatchObject({ status: 'failed', stop_reason: reason });
    expect(run.error_message).not.toBe('');
    expect((await session.events(run)).find((event) => event.type === 'run.ended')?.data).toMatchObject({
      stop_reason: reason,
      message: run.error_message,
    });
    const next = await session.run(() => true, 2);
    await session.run((later) => later.turn > 0, 2);
    expect(session.asked(next)[0]?.text).toContain('# An earlier attempt failed');
    expect(session.asked(next)[0]?.text).toContain('Do it otherwise.');
    return { run, said: told(session, run) };
  });
}

/** A run that pauses says why, and goes on to its end when it is resumed. */
async function pausesWith(words: RegExp, play: Play): Promise<{ said: string[]; run: Run }> {
  return watch(play, {}, async (session) => {
    const paused = await session.paused();
    expect(paused.waiting_reason).toMatch(words);
    expect(await session.api.get(`/runs/${paused.id}/progress`)).toMatchObject({
      state: 'paused',
      waiting_for: 'person',
      step: expect.stringMatching(words),
    });
    await session.api.post(`/runs/${paused.id}/resume`);
    const run = await session.ended();
    expect(run).toMatchObject({ status: 'completed', stop_reason: 'validation_passed' });
    return { said: told(session, run), run };
  });
}

describe('the rules of the loop, in runs', () => {
  test.concurrent('the same call with the same result is nudged, then ends the attempt', async () => {
    const { run, said } = await failsWith('stagnation', again(bash('cat README.md')));
    expect(run).toMatchObject({ turn: 5, error_message: 'The same call gave the same result 5 times in a row.' });
    expect(said.map((words) => words.includes('same call with the same result three times'))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test.concurrent('the same call with the same error is nudged, then ends the attempt', async () => {
    const { run, said } = await failsWith('stagnation', again({ tools: [call('read_file', { path: 'missing.js' })] }));
    expect(run).toMatchObject({ turn: 4, error_message: 'The same call gave the same error 4 times in a row.' });
    expect(said[3]).toContain('got the same error three times');
  });

  test.concurrent('a cycle of calls is nudged, then ends the attempt', async () => {
    const { run, said } = await failsWith('stagnation', (turn) =>
      bash(['cat README.md', 'ls src', 'ls test'][turn % 3] as string),
    );
    expect(run).toMatchObject({
      turn: 15,
      error_message: 'The same 3 calls were repeated 5 times with the same results.',
    });
    expect(said.findIndex((words) => words.includes('repeat the same few calls'))).toBe(9);
  });

  test.concurrent(
    '15 turns that change nothing are shown to the guardian at once, and its message arrives',
    async () => {
      const advice = 'Write src/double.js now';
      let looked = () => {};
      const guardianLooks = new Promise<void>((resolve) => (looked = resolve));
      const others: SessionOptions['others'] = (request) => {
        if (request.context.kind !== 'guardian') return undefined;
        looked();
        return {
          tools: [
            call('give_judgement', {
              alignment_score: 0.3,
              trajectory_aligned: false,
              needs_steering: true,
              steering_type: 'refocus',
              steering_recommendation: `${advice} (turns 1 to 15 only read).`,
              trajectory_summary: 'It only looks.',
            }),
          ],
        };
      };
      let from = 0;
      const play: Play = async (turn, request) => {
        if (!from && request.last.includes(advice)) from = turn;
        if (from) return finish(turn, from, request);
        if (turn > 15) await guardianLooks;
        return { ...bash(`echo look ${turn}`), delay_ms: turn > 15 ? 300 : 0 };
      };
      await watch(play, { others }, async (session) => {
        const run = await session.ended();
        expect(run.status).toBe('completed');
        const judged = session.model.requests.filter((request) => request.context.kind === 'guardian');
        expect(judged).toHaveLength(1);
        const turnOfSteering = session.asked(run).findIndex((request) => request.last.includes(advice));
        expect(turnOfSteering).toBeGreaterThanOrEqual(15);
      });
    },
  );

  test.concurrent('an empty answer is never sent back, and the third in a row pauses', async () => {
    const { said, run } = await pausesWith(/an empty answer three times in a row/, turns({}, { text: '  ' }, {}));
    expect(said[1]).toContain('Your last turn was empty');
    expect(run.turn).toBe(6);
  });

  test.concurrent('no request holds a message without content', async () => {
    await watch(turns({}, {}), {}, async (session) => {
      const run = await session.ended();
      for (const request of session.asked(run))
        for (const message of request.body.messages) expect(message.content.length).toBeGreaterThan(0);
    });
  });

  test.concurrent(
    'talk alone opens the next iteration, and the third in a row pauses: it never counts as success',
    async () => {
      const { said } = await pausesWith(
        /answered three times in a row without calling a tool/,
        turns({ text: 'I am done.' }, { text: 'All is well.' }, { text: 'Really.' }),
      );
      expect(said[1]).toContain('complete_task');
      expect(said[1]).toContain('"kind":"task"');
    },
  );

  test.concurrent(
    'a call cut at the output limit is not run; the next answer has twice the room, the one after gets a notice to write in parts',
    async () => {
      const cut: Reply = {
        tools: [call('write_file', { path: 'cut.txt', content: 'half' })],
        raw_inputs: ['{"path":"cut.txt","content":"ha'],
        stop_reason: 'max_tokens',
      };
      await watch(turns(cut, cut), {}, async (session) => {
        const run = await session.ended();
        const asked = session.asked(run);
        expect(run.status).toBe('completed');
        const room = asked.map((request) => request.body.max_tokens);
        expect(room.slice(0, 3)).toEqual([room[0], 2 * (room[0] as number), room[0]]);
        expect(asked[1]?.results).toEqual([
          expect.objectContaining({ is_error: true, text: expect.stringContaining('Not run') }),
        ]);
        expect(asked[1]?.last).toContain('the output limit is doubled');
        expect(asked[2]?.last).toContain('Write large files in parts');
        expect(
          session.repository.git('ls-tree', '--name-only', '-r', (await session.taskEnded()).branch),
        ).not.toContain('cut.txt');
      });
    },
  );

  test.concurrent('answers that are cut again and again end the attempt', async () => {
    const { run } = await failsWith('output_limit', again({ text: 'And so on', stop_reason: 'max_tokens' }));
    expect(run.turn).toBe(5);
  });

  test.concurrent(
    'a full window shortens the conversation, no call of the cut answer runs, and the work continues',
    async () => {
      const cut: Reply = {
        tools: [call('write_file', { path: 'cut.txt', content: 'half' })],
        stop_reason: 'model_context_window_exceeded',
      };
      await watch(
        (turn, request) => (request.text.includes('Older parts of this conversation') ? finish(turn, 2, request) : cut),
        {},
        async (session) => {
          const run = await session.ended();
          expect(run).toMatchObject({ status: 'completed', epoch: 1 });
          expect((await session.turns(run))[0]?.tool_calls).toEqual([
            expect.objectContaining({ name: 'write_file', is_error: true, result: expect.stringContaining('Not run') }),
          ]);
        },
      );
    },
  );

  test.concurrent('a turn that the model paused is sent again unchanged', async () => {
    await watch(turns({ text: 'Thinking on.', stop_reason: 'pause_turn', impossible: true }), {}, async (session) => {
      const run = await session.ended();
      expect(run.status).toBe('completed');
      const [first, second] = session.asked(run);
      expect(second?.body.messages.slice(0, 1)).toEqual(first?.body.messages);
      expect(second?.body.messages.slice(1)).toEqual([
        { role: 'assistant', content: [{ type: 'text', text: 'Thinking on.' }] },
      ]);
    });
  });

  test.concurrent(
    'input that cannot be read is answered with what is wrong, and the third in a row ends the attempt',
    async () => {
      const { said } = await failsWith(
        'malformed_input',
        (turn) =>
          [
            { tools: [call('read_file', {})], raw_inputs: ['{"path": "READ'] },
            { tools: [call('read_file', { file: 'README.md' })] },
            { tools: [call('edit_file', { path: 'README.md' })] },
          ][turn - 1] as Reply,
      );
      expect(said[1]).toContain('not a JSON object and was not run');
      expect(said[2]).toContain('path: missing');
    },
  );

  test.concurrent('a tool that does not exist is answered with the tools that do, and the run continues', async () => {
    await watch(turns({ tools: [call('run_command', { command: 'ls' })], impossible: true }), {}, async (session) => {
      const run = await session.ended();
      expect(run.status).toBe('completed');
      expect(session.asked(run)[1]?.results).toEqual([
        expect.objectContaining({
          is_error: true,
          text: expect.stringMatching(/There is no tool "run_command".*Call one of: ask_user, bash, complete_task/),
        }),
      ]);
    });
  });

  test.concurrent('1 MB of output is cut to what a model can read, and the log with all of it is named', async () => {
    await watch(turns(bash('seq 1 160000')), {}, async (session) => {
      const run = await session.ended();
      expect(run.status).toBe('completed');
      const text = session.asked(run)[1]?.results[0]?.text ?? '';
      expect(text.length).toBeLessThanOrEqual(30_000);
      expect(text).toMatch(/^exit 0 · /);
      expect(text).toContain('160000');
      expect(text).toMatch(/log/);
    });
  });

  test.concurrent('the limit of turns is announced at 80 %, and one last turn can still submit the work', async () => {
    await watch(
      (turn, request) => (turn < 4 ? bash(`echo ${turn}`) : finish(turn, 4, request)),
      { settings: { limits: { max_turns: 5 } } },
      async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed', turn: 6 });
        const said = told(session, run);
        expect(said.map((words) => words.includes('80 % of your turns'))).toEqual([
          false,
          false,
          false,
          false,
          true,
          false,
        ]);
        expect(said[5]).toContain('This is your last turn');
      },
    );
  });

  test.concurrent('the last turn is the last one', async () => {
    const { run, said } = await failsWith('max_turns_reached', (turn) => bash(`echo ${turn}`), {
      settings: { limits: { max_turns: 3 } },
    });
    expect(run).toMatchObject({ turn: 4, error_message: 'The run has used its 3 turns.' });
    expect(said[3]).toContain('This is your last turn');
  });

  test.concurrent('the time of a run cuts the command under way, and one last turn follows', async () => {
    await watch(
      turns(bash('sleep 60')),
      {
        settings: { limits: { max_seconds: 2 } },
        others: (request) => (request.context.attempt === 2 ? { hang: true } : undefined),
      },
      async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'failed', stop_reason: 'max_duration_reached', turn: 2 });
        const said = told(session, run);
        expect(said[1]).toMatch(/Interrupted: the command was ended|Not run/);
        expect(said[1]).toContain('This is your last turn');
      },
    );
  });
});
