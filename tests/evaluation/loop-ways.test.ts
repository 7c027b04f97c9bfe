import type { Reply } from '#tests/support/played-model.ts';
import { call } from '#tests/support/scripts.ts';
import { finish, watch, type Play, type Run, type Session } from './support/session.ts';

const bash = (command: string, more: object = {}): Reply => ({ tools: [call('bash', { command, ...more })] });
/** Says what the turns give and does sound work once they are through. */
const turns =
  (...replies: Reply[]): Play =>
  (turn, request) =>
    replies[turn - 1] ?? finish(turn, replies.length + 1, request);

/** Words of the newest user message before each turn. */
const told = (session: Session, run: Run) => session.asked(run).map((request) => request.last);

describe('a run has a way to continue', () => {
  test.concurrent(
    'a refused answer is dropped and none of its calls is run; refused again, the run pauses and says what the model said',
    async () => {
      const refusal: Reply = {
        text: 'I begin.',
        tools: [call('bash', { command: 'echo ran > ran.txt' })],
        stop_reason: 'refusal',
        stop_details: { type: 'refusal', category: 'cyber', explanation: 'It looks like an attack' },
      };
      await watch(turns(refusal, refusal), {}, async (session) => {
        const paused = await session.paused();
        expect(paused.waiting_reason).toMatch(/refused to continue.*cyber: It looks like an attack/);
        await session.api.post(`/runs/${paused.id}/resume`);
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed', stop_reason: 'validation_passed' });
        const asked = session.asked(run);
        const roles = asked.slice(0, 3).map((request) => request.body.messages.map((message) => message.role));
        expect(roles).toEqual([['user'], ['user', 'user'], ['user', 'user', 'user']]);
        expect(asked[1]?.last).toContain('safety filter stopped your last answer');
        expect(asked[2]?.last).toContain('The run was paused and continues now');
        expect((await session.turns(run)).slice(0, 2).map((turn) => turn.tool_calls)).toEqual([[], []]);
        const { branch } = await session.taskEnded();
        expect(session.repository.git('ls-tree', '--name-only', '-r', branch)).not.toContain('ran.txt');
      });
    },
  );

  test.concurrent(
    'commands that continue as jobs, and waiting for one of them, are no errors and no repetition',
    async () => {
      const slow = (n: number) => bash(`echo try ${n}; sleep 60`, { timeout_ms: 1000 });
      let id = '';
      const play: Play = (turn, request) => {
        id ||= /job (\S+), log/.exec(request.last)?.[1] ?? '';
        if (turn <= 3) return slow(turn);
        return turn <= 10 ? bash(`job wait ${id} 1`) : finish(turn, 11, request);
      };
      await watch(play, {}, async (session) => {
        const run = await session.ended();
        expect(run).toMatchObject({ status: 'completed', iteration: 1 });
        const asked = session.asked(run);
        expect(asked[1]?.results).toEqual([
          expect.objectContaining({ is_error: false, text: expect.stringMatching(/^still running after 1 s, job /) }),
        ]);
        expect(asked[8]?.results[0]?.text).toMatch(/^exit 124 .*still runs/s);
        expect(told(session, run).join()).not.toContain('same result three times');
      });
    },
  );

  test.concurrent(
    'a run whose money is spent asks a person by name, and continues when its budget is raised',
    async () => {
      let first = 0;
      const dear = { usage: { input_tokens: 20_000, output_tokens: 4000 } };
      const play: Play = (turn, request) =>
        first ? finish(turn, first, request) : { ...bash(`echo ${turn}`), ...dear };
      await watch(play, { settings: { limits: { max_usd: 0.5 } } }, async (session) => {
        const waiting = await session.run((run) => run.status === 'waiting');
        expect(waiting).toMatchObject({ waiting_for: 'budget' });
        expect(waiting.waiting_reason).toMatch(
          /budget of this run is (spent|too low).*Raise it, and the run continues/,
        );
        expect(waiting.cost_micros).toBeLessThanOrEqual(500_000 + 200_000);
        first = session.asked(waiting).length + 1;
        await session.api.post('/costs/budgets', { scope_type: 'run', scope_id: waiting.id, limit_amount: 20 });
        const run = await session.ended();
        expect(run).toMatchObject({ id: waiting.id, status: 'completed', attempt: 1 });
        expect(told(session, run).some((words) => words.includes('80 % of your budget'))).toBe(true);
      });
    },
  );
});
