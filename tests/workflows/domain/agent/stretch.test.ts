import fc from 'fast-check';
import { lastChange, nextGroup } from '#workflows/domain/agent/call-groups.ts';
import { timeLeft } from '#workflows/domain/agent/limits.ts';
import type { AgentState, RunLimits } from '#workflows/domain/agent/run.ts';
import { freshState, nextIteration } from '#workflows/domain/agent/state.ts';
import { changesBetween, stateWith, workflowDecides } from '#workflows/domain/agent/stretch.ts';

const limits: RunLimits = {
  max_turns: 10,
  max_usd: 1,
  max_seconds: 100,
  iteration_turns: 5,
  max_iterations: 3,
  notice_at: 0.8,
  quiet_turns: 5,
  iteration_backoff: 0,
  compact_at_tokens: 1000,
  idle_compact_at_tokens: 500,
  cache_ttl_seconds: 3600,
  release_after_seconds: 600,
  question_timeout_seconds: 60,
};

const anyState: fc.Arbitrary<AgentState> = fc
  .record({
    turn: fc.nat(50),
    iteration: fc.nat(3),
    active_ms: fc.nat(1000),
    cost_micros: fc.nat(1000),
    paused: fc.constantFrom(null, { by: 'operator', reason: 'lunch' }),
    notices: fc.array(fc.constantFrom('grace', 'resumed'), { maxLength: 2 }),
    noticed: fc.array(fc.constantFrom('turns', 'cost'), { maxLength: 2 }),
    signatures: fc.array(fc.record({ call: fc.string(), result: fc.string(), error: fc.boolean() }), { maxLength: 3 }),
    quiet_turns: fc.nat(5),
  })
  .map((part) => ({ ...freshState(), ...part }));

describe('what crosses between a workflow and its stretch', () => {
  test('the changes of one, put on what the other knows, give the same state', () =>
    fc.assert(
      fc.property(anyState, anyState, (known, now) => {
        const told = stateWith(known, JSON.parse(JSON.stringify(changesBetween(known, now))) as Partial<AgentState>);
        const { signatures: _told, ...rest } = told;
        const { signatures: _now, ...wanted } = now;
        expect(rest).toEqual(wanted);
        // The rules' memory stays with the row, and a new iteration begins without it.
        expect(told.signatures).toEqual(now.iteration === known.iteration ? known.signatures : []);
      }),
    ));

  test('what has not changed does not cross', () => {
    fc.assert(fc.property(anyState, (state) => expect(changesBetween(state, structuredClone(state))).toEqual({})));
    const next = nextIteration({ ...freshState(), iteration_turn: 3 });
    expect(changesBetween({ ...freshState(), iteration_turn: 3 }, next)).toEqual({ iteration: 2, iteration_turn: 0 });
  });

  test('a whole state, of a run that Temporal carried before, brings its memory', () => {
    const state = { ...freshState(), iteration: 2, signatures: [{ call: 'a', result: 'b', error: false }] };
    expect(stateWith(freshState(), state)).toEqual(state);
  });
});

test.each<[string, Partial<AgentState>, boolean]>([
  ['nothing', {}, false],
  ['a pause', { paused: { by: 'platform', reason: 'refused' } }, true],
  ['the end of an iteration', { iteration_turn: 5 }, true],
  ['a long conversation', { context_tokens: 1001 }, true],
  ['a limit that comes near', { turn: 8 }, true],
  ['a limit that was announced', { turn: 8, noticed: ['turns'] }, false],
  ['the last turn', { turn: 10, noticed: ['turns'] }, true],
  ['a share of the money', { cost_micros: 900_000 }, true],
  ['money, which the budget limits', { cost_micros: 2_000_000, noticed: ['cost'] }, false],
  ['time', { active_ms: 100_000, noticed: ['time'] }, true],
])('%s is for the workflow to decide: %#', (_what, state, decides) => {
  expect(workflowDecides({ ...freshState(), ...state }, limits)).toBe(decides);
});

test.each<[Partial<AgentState>, Partial<RunLimits>, { ms: number; of: string }]>([
  [{}, {}, { ms: 100_000, of: 'run' }],
  [{ active_ms: 30_000 }, {}, { ms: 70_000, of: 'run' }],
  [{ active_ms: 100_000, grace_used: true }, {}, { ms: 10_000, of: 'run' }],
  [{ active_ms: 30_000, iteration_active_ms: 5_000 }, { iteration_seconds: 20 }, { ms: 15_000, of: 'iteration' }],
  [{ active_ms: 95_000, iteration_active_ms: 5_000 }, { iteration_seconds: 20 }, { ms: 5_000, of: 'run' }],
])('the time that is left: %j with %j', (state, more, left) => {
  expect(timeLeft({ ...freshState(), ...state }, { ...limits, ...more })).toEqual(left);
});

test('calls that run together are neighbours of one effect', () => {
  const calls = ['read', 'read', 'command', 'command', 'explore', 'explore', 'explore', 'explore', 'explore', 'read'];
  const groups: string[][] = [];
  const open = calls.map((effect) => ({ effect }));
  for (let i = 0; i < open.length; i += groups.at(-1)?.length ?? 1)
    groups.push(nextGroup(open, i).map(({ effect }) => effect));
  expect(groups.map((group) => `${group.length} ${group[0]}`)).toEqual([
    '2 read',
    '1 command',
    '1 command',
    '4 explore',
    '1 explore',
    '1 read',
  ]);
  expect([lastChange([]), lastChange([{ effect: 'read' }]), lastChange([{ effect: 'write' }])]).toEqual([
    true,
    true,
    false,
  ]);
});
