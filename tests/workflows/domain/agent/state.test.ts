import fc from 'fast-check';
import type { AgentState } from '#workflows/domain/agent/run.ts';
import {
  afterAnswer,
  afterTurn,
  freshState,
  nextIteration,
  type EndedCall,
  type EndedTurn,
} from '#workflows/domain/agent/state.ts';

type Outcome = { kind: string };

const run = { kind: 'task', limits: { quiet_turns: 4 } } as const;

const call = (more: Partial<EndedCall<Outcome>> = {}): EndedCall<Outcome> => ({
  name: 'bash',
  is_error: false,
  error_kind: null,
  signature: ['a', 'b'],
  outcome: null,
  ...more,
});
const turn = (more: Partial<EndedTurn<Outcome>> = {}): EndedTurn<Outcome> => ({
  stop_reason: 'tool_use',
  text: false,
  calls: [call()],
  files_changed: false,
  rephrase: false,
  ...more,
});

const anyCall: fc.Arbitrary<EndedCall<Outcome>> = fc.record({
  name: fc.constantFrom('bash', 'edit_file', 'complete_task', 'submit_prd'),
  is_error: fc.boolean(),
  error_kind: fc.constantFrom(null, 'failed', 'bad_input', 'timeout'),
  signature: fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y')),
  outcome: fc.constantFrom<Outcome | null>(null, null, null, { kind: 'planned' }, { kind: 'claimed' }),
  waiting: fc.boolean(),
});
const anyTurn: fc.Arbitrary<EndedTurn<Outcome>> = fc
  .record({
    stop_reason: fc.constantFrom('tool_use', 'end_turn', 'max_tokens', 'refusal', 'pause_turn'),
    text: fc.boolean(),
    calls: fc.array(anyCall, { maxLength: 3 }),
    files_changed: fc.boolean(),
    rephrase: fc.boolean(),
  })
  .map((made) => (made.stop_reason === 'refusal' ? { ...made, calls: [], files_changed: false } : made));

/** Plays turns until one ends the run. @param kept what a process hands to the next one after each of them. */
function play(turns: EndedTurn<Outcome>[], kept: (state: AgentState) => AgentState) {
  let state = freshState();
  const said: unknown[] = [];
  for (const [i, ended] of turns.entries()) {
    const answer = { turn: i + 1, run_cost_micros: 10 * (i + 1), context_tokens: 100 };
    state = kept(afterAnswer(state, answer, '2026-01-01T00:00:00.000Z'));
    const after = afterTurn(state, ended, run);
    said.push([after.next, after.quiet]);
    state = kept(after.next.kind === 'close' ? nextIteration(after.state) : after.state);
    if (after.next.kind === 'end') break;
  }
  return { state, said };
}

describe('the state of a run', () => {
  test('is the same wherever a process dies between two turns', () => {
    fc.assert(
      fc.property(fc.array(anyTurn, { maxLength: 40 }), (turns) => {
        const handed = play(turns, (state) => JSON.parse(JSON.stringify(state)) as AgentState);
        expect(handed).toEqual(play(turns, (state) => state));
      }),
    );
  });

  test('is never changed in place: a repeated decision is the same', () => {
    fc.assert(
      fc.property(fc.array(anyTurn, { minLength: 1, maxLength: 20 }), (turns) => {
        const { state } = play(turns.slice(0, -1), (kept) => kept);
        const before = structuredClone(state);
        const last = turns.at(-1) as EndedTurn<Outcome>;
        expect(afterTurn(state, last, run)).toEqual(afterTurn(state, last, run));
        expect(state).toEqual(before);
      }),
    );
  });

  test('stays bounded, however many turns it has seen', () => {
    fc.assert(
      fc.property(fc.array(anyTurn, { minLength: 60, maxLength: 60 }), (turns) => {
        let state = freshState();
        for (const ended of turns)
          state = afterTurn(
            afterAnswer(state, { turn: 1, run_cost_micros: 0, context_tokens: 0 }, ''),
            ended,
            run,
          ).state;
        expect(JSON.stringify(state).length).toBeLessThan(4000);
      }),
    );
  });
});

describe('what follows a turn', () => {
  test('an outcome that ends the iteration closes it, whatever else the turn had', () => {
    const claimed = call({ name: 'complete_task', outcome: { kind: 'claimed' } });
    const { next } = afterTurn(freshState(), turn({ calls: [call({ is_error: true }), claimed] }), run);
    expect(next).toEqual({ kind: 'close', cause: 'claimed', message: '', outcome: { kind: 'claimed' } });
  });

  test('the outcome of a call that failed counts for nothing', () => {
    const refused = call({ name: 'complete_task', is_error: true, outcome: { kind: 'claimed' } });
    expect(afterTurn(freshState(), turn({ calls: [refused] }), run).next).toEqual({ kind: 'turn' });
  });

  test.each([
    ['three refused completions end the run', 'complete_task', 3, { kind: 'end', reason: 'completion_refused' }],
    ['five refused submissions close the iteration', 'submit_prd', 5, { kind: 'close', cause: 'unparsable' }],
  ])('%s', (_, name, times, end) => {
    let state = freshState();
    for (let n = 1; n <= times; n += 1) {
      // Each with an input of its own, so that it is no repetition.
      const calls = [call({ name, is_error: true, error_kind: 'failed', signature: [`${n}`, `${n}`] })];
      const after = afterTurn(state, turn({ calls }), run);
      expect(after.next).toMatchObject(n < times ? { kind: 'turn' } : end);
      state = after.state;
    }
  });

  test('more room for a cut answer holds for one request', () => {
    const cut = afterTurn(freshState(), turn({ stop_reason: 'max_tokens', calls: [] }), run);
    expect(cut.state).toMatchObject({ double_output: true, notices: ['more_room'] });
    expect(afterTurn(cut.state, turn(), run).state.double_output).toBe(false);
  });

  test('a repetition soon after a rewrite of the context pauses the run; later it is only noticed', () => {
    const repeated = (more: Partial<AgentState>) => {
      let state: AgentState = { ...freshState(), ...more };
      for (let n = 0; n < 3; n += 1) state = afterTurn(state, turn(), run).state;
      return state;
    };
    expect(repeated({ compactions: 1, since_compaction: 2 }).paused?.reason).toMatch(/since its context was shortened/);
    expect(repeated({ compactions: 1, since_compaction: 11 })).toMatchObject({
      paused: null,
      notices: ['same_result'],
    });
  });

  test('a task in which nothing progresses for a while is shown to the guardian, other runs are not', () => {
    const quietOf = (kind: 'task' | 'phase') => {
      let state = freshState();
      return Array.from({ length: 8 }, (_, n) => {
        const after = afterTurn(state, turn({ calls: [call({ signature: [`${n}`, `${n}`] })] }), { ...run, kind });
        state = after.state;
        return after.quiet;
      });
    };
    expect(quietOf('task')).toEqual([false, false, false, true, false, false, false, true]);
    expect(quietOf('phase')).not.toContain(true);
  });

  test('a refusal says what the provider said', () => {
    const { state } = afterTurn(freshState(), turn({ stop_reason: 'refusal', calls: [], message: 'cyber' }), run);
    expect(state.paused?.reason).toMatch(/It said: cyber$/);
  });
});
