import {
  cycle,
  judgeTurn,
  noStreaks,
  repetition,
  type LoopDecision,
  type LoopMemory,
  type TurnFacts,
} from '#workflows/domain/agent/loop-control.ts';
import { asksAt, limitReached, limitsToAnnounce, tooLow } from '#workflows/domain/agent/limits.ts';
import type { CallSignature, RunLimits } from '#workflows/domain/agent/run.ts';

type Call = TurnFacts['calls'][number];
const signature = (call: string, result = 'same', error = false): CallSignature => ({ call, result, error });
const calls = (...names: string[]): Call[] =>
  names.map((name) => ({ name: 'read_file', signature: signature(name), malformed: false, timed_out: false }));
const turn = (facts: Partial<TurnFacts>): TurnFacts => ({
  stop_reason: 'tool_use',
  text: false,
  calls: [],
  progressed: false,
  files_changed: false,
  ...facts,
});

const noMemory: LoopMemory = { signatures: [], streaks: noStreaks, quiet_turns: 0 };

/** What the loop decides after each of some turns. */
function decisions(turns: Partial<TurnFacts>[]): LoopDecision[] {
  let memory = noMemory;
  return turns.map((facts) => {
    const judged = judgeTurn(memory, turn(facts));
    memory = judged.memory;
    return judged.decision;
  });
}
const brief = (turns: Partial<TurnFacts>[]) =>
  decisions(turns).map((decision) =>
    'notice' in decision
      ? `nudge ${decision.notice}`
      : 'reason' in decision
        ? `${decision.kind} ${decision.reason}`
        : decision.kind,
  );
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const answer = (stop_reason: string, text = true) => ({ stop_reason, text });

describe('the rules of the loop', () => {
  test('the same call with the same result is nudged at 3 and ends at 5', () => {
    expect(brief(times(5, () => ({ calls: calls('a') })))).toEqual([
      'go_on',
      'go_on',
      'nudge same_result',
      'nudge same_result',
      'end stagnation',
    ]);
  });

  test('the same call with the same error is nudged at 3 and ends at 4', () => {
    const failing = {
      calls: [{ name: 'bash', signature: signature('a', 'same', true), malformed: false, timed_out: false }],
    };
    expect(brief(times(4, () => failing))).toEqual(['go_on', 'go_on', 'nudge same_error', 'end stagnation']);
  });

  test('another result, another call or a changed file starts the count again', () => {
    expect(
      brief(
        times(8, (i) => ({
          calls: [{ name: 'bash', signature: signature('a', `result ${i}`), malformed: false, timed_out: false }],
        })),
      ),
    ).toEqual(times(8, () => 'go_on'));
    expect(
      brief([
        ...times(2, () => ({ calls: calls('a') })),
        { calls: calls('b') },
        ...times(2, () => ({ calls: calls('a') })),
      ]),
    ).toEqual(times(5, () => 'go_on'));
    expect(
      brief([
        ...times(2, () => ({ calls: calls('a') })),
        { calls: calls('a'), files_changed: true },
        ...times(2, () => ({ calls: calls('a') })),
      ]),
    ).toEqual([...times(4, () => 'go_on'), 'nudge same_result']);
  });

  test.each([2, 3, 4, 5])('a cycle of %i calls is nudged after 3 rounds and ends after 5', (length) => {
    const decided = brief(times(length * 5, (i) => ({ calls: calls(`call ${i % length}`) })));
    expect(decided.indexOf('nudge cycle')).toBe(length * 3 - 1);
    expect(decided.at(-1)).toBe('end stagnation');
    expect(decided.filter((decision) => decision.startsWith('end'))).toHaveLength(1);
  });

  test('the same calls made together in a turn count like calls one after another', () => {
    expect(brief(times(5, () => ({ calls: calls('a', 'b') }))).slice(2)).toEqual([
      'nudge cycle',
      'nudge cycle',
      'end stagnation',
    ]);
    expect(brief([{ calls: calls('a', 'a', 'a') }])).toEqual(['nudge same_result']);
  });

  test('six different calls in turn are no cycle', () => {
    expect(brief(times(36, (i) => ({ calls: calls(`call ${i % 6}`) })))).toEqual(times(36, () => 'go_on'));
    expect(cycle(times(12, (i) => signature(`call ${i % 6}`)))).toEqual({ length: 0, rounds: 0 });
    expect(repetition([])).toBe(0);
  });

  test('waiting for a job that still runs is never a repetition, whatever came before', () => {
    const wait = {
      calls: [{ name: 'bash', signature: signature('job wait'), malformed: false, timed_out: false, waiting: true }],
    };
    expect(brief(times(12, () => wait))).toEqual(times(12, () => 'go_on'));
    expect(brief([{ calls: calls('a', 'a', 'a') }, wait, wait])).toEqual(['nudge same_result', 'go_on', 'go_on']);
    expect(brief([...times(4, () => ({ calls: calls('a') })), wait, { calls: calls('a') }]).at(-1)).toBe(
      'end stagnation',
    );
  });

  test('an empty answer brings a notice, the third in a row pauses', () => {
    expect(brief(times(3, () => answer('end_turn', false)))).toEqual([
      'nudge empty_turn',
      'nudge empty_turn',
      'pause empty_turns',
    ]);
    expect(brief([answer('end_turn', false), { calls: calls('a') }, answer('end_turn', false)])).toEqual([
      'nudge empty_turn',
      'go_on',
      'nudge empty_turn',
    ]);
  });

  test('talk without a call ends the iteration, the third in a row pauses', () => {
    expect(brief(times(3, () => answer('end_turn')))).toEqual(['iteration_over', 'iteration_over', 'pause text_only']);
    expect(brief([answer('end_turn'), { calls: calls('a') }, answer('end_turn')])).toEqual([
      'iteration_over',
      'go_on',
      'iteration_over',
    ]);
  });

  test('an answer cut at the output limit gets twice the room once, then has to come in parts, and the fifth ends the attempt', () => {
    const cut = { stop_reason: 'max_tokens', calls: calls('a') };
    expect(brief(times(5, () => cut))).toEqual([
      'more_room',
      'nudge write_in_parts',
      'nudge write_in_parts',
      'nudge write_in_parts',
      'end output_limit',
    ]);
    expect(brief([cut, { calls: calls('b') }, cut])).toEqual(['more_room', 'go_on', 'more_room']);
    expect(brief(times(2, () => answer('max_tokens')))).toEqual(['more_room', 'nudge write_in_parts']);
  });

  test('an answer cut because the window is full shortens the conversation', () => {
    expect(brief([{ stop_reason: 'model_context_window_exceeded', calls: calls('a') }])).toEqual(['compact']);
  });

  test('a refusal gets one turn in other terms where that is allowed, and else pauses at once; a turn that the model paused is sent again five times', () => {
    expect(brief([answer('refusal', false)])).toEqual(['pause refusal']);
    const again = { ...answer('refusal', false), rephrase: true };
    expect(brief([again, again])).toEqual(['nudge refused', 'pause refusal']);
    expect(brief([again, { calls: calls('a') }, again])).toEqual(['nudge refused', 'go_on', 'nudge refused']);
    expect(brief(times(6, () => answer('pause_turn')))).toEqual([...times(5, () => 'go_on'), 'pause pause_turn']);
  });

  test('input that cannot be read and commands that run into their limit end the attempt at the third in a row', () => {
    const bad = (i: number) => ({
      calls: [{ name: 'todo', signature: signature(`bad ${i}`, 'r', true), malformed: true, timed_out: false }],
    });
    expect(brief(times(3, bad))).toEqual(['go_on', 'go_on', 'end malformed_input']);
    expect(brief([bad(0), bad(1), { calls: calls('a') }, bad(2), bad(3)])).toEqual(times(5, () => 'go_on'));
    const slow = (i: number) => ({
      calls: [{ name: 'bash', signature: signature(`slow ${i}`, 'r', true), malformed: false, timed_out: true }],
    });
    expect(brief(times(3, slow))).toEqual(['go_on', 'go_on', 'end command_timeouts']);
    expect(
      brief([
        slow(0),
        slow(1),
        { calls: [{ name: 'bash', signature: signature('quick'), malformed: false, timed_out: false }] },
        slow(2),
      ]),
    ).toEqual(times(4, () => 'go_on'));
    expect(brief([slow(0), { calls: calls('a') }, slow(1), slow(2)]).at(-1)).toBe('end command_timeouts');
  });

  test('quiet turns are counted until a file, the plan or a record changes', () => {
    const quiet = times(14, (i) => turn({ calls: calls(`call ${i}`) })).reduce(
      (memory, facts) => judgeTurn(memory, facts).memory,
      noMemory,
    );
    expect(quiet.quiet_turns).toBe(14);
    expect(judgeTurn(quiet, turn({ calls: calls('todo'), progressed: true })).memory.quiet_turns).toBe(0);
  });
});

describe('the limits of a run', () => {
  const limits = { max_turns: 100, max_usd: 5, max_seconds: 100, notice_at: 0.8 } as RunLimits;
  const spent = (turn: number, usd: number, seconds: number) => ({
    turn,
    cost_micros: usd * 1e6,
    active_ms: seconds * 1000,
  });

  test('are announced at 80 %, each once, and reached at 100 %', () => {
    expect(limitsToAnnounce(spent(79, 3.99, 79.9), limits, [])).toEqual([]);
    expect(limitsToAnnounce(spent(80, 4, 80), limits, [])).toEqual(['turns', 'cost', 'time']);
    expect(limitsToAnnounce(spent(90, 4.5, 90), limits, ['turns', 'time'])).toEqual(['cost']);
    expect(limitReached(spent(99, 4.99, 99.9), limits)).toBeUndefined();
    expect(limitReached(spent(100, 0, 0), limits)).toMatchObject({
      reason: 'max_turns_reached',
      message: expect.stringContaining('100 turns'),
    });
    expect(limitReached(spent(0, 5, 0), limits)).toMatchObject({
      reason: 'max_cost_reached',
      message: expect.stringContaining('$5'),
    });
    expect(limitReached(spent(0, 0, 100), limits)).toMatchObject({ reason: 'max_duration_reached' });
    expect(asksAt({ reason: 'max_turns_reached' }, limits)).toBe(false);
    expect(asksAt({ reason: 'max_turns_reached' }, { ...limits, asks_at: ['turns'] })).toBe(true);
    expect(asksAt({ reason: 'max_duration_reached' }, { ...limits, asks_at: ['turns'] })).toBe(false);
    expect(tooLow(spent(100, 0, 0), { max_turns: 101, max_usd: 6 })).toBeUndefined();
    expect(tooLow(spent(0, 5.5, 0), { max_usd: 5 })).toBe('max_usd must be more than 5.5, which the run has used.');
    expect(tooLow(spent(0, 0, 100), { max_seconds: 100 })).toMatch(/^max_seconds must be more than 100/);
  });
});
