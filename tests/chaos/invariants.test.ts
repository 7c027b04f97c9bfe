import { broken, type Evidence } from './invariants.ts';
import type { Observation } from './observation.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const run = 'run-1';

/** A task of two turns that went well. */
function wellDone(): Evidence {
  const rows: Observation = {
    tasks: [{ id: 'task-1', status: 'completed', ended_at: at(9) }],
    runs: [{ id: run, status: 'completed', turn: 2, ended_at: at(9), caller_run_id: null }],
    transcript: [
      { run_id: run, seq: 1, epoch: 0, turn: 1, role: 'user', content: [{ type: 'text', text: 'Begin.' }] },
      { run_id: run, seq: 2, epoch: 0, turn: 1, role: 'assistant', content: [{ type: 'tool_use', id: 'a' }] },
      {
        run_id: run,
        seq: 3,
        epoch: 0,
        turn: 2,
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a' },
          { type: 'text', text: 'Stay inside src.' },
        ],
      },
      { run_id: run, seq: 4, epoch: 0, turn: 2, role: 'assistant', content: [{ type: 'tool_use', id: 'b' }] },
    ],
    turns: [
      { run_id: run, turn: 1, ended_at: at(2) },
      { run_id: run, turn: 2, ended_at: at(5) },
    ],
    calls: [
      { run_id: run, turn: 1, tool_use_id: 'a', status: 'done' },
      { run_id: run, turn: 2, tool_use_id: 'b', status: 'done' },
    ],
    messages: [
      { id: 'message-1', run_id: run, content: 'Stay inside src.', delivered_at_turn: 2, refused_reason: null },
    ],
    budgets: [{ scope_type: 'run', scope_id: run, limit_micros: 100, spent_micros: 30, held_micros: 0 }],
    costs: [{ id: 'cost-1', run_id: run, project_id: 'project-1', cost_micros: 30 }],
    reservations: [{ id: 'reservation-1', state: 'settled' }],
    pull_requests: [{ business_key: 'ticket:1' }],
  };
  return {
    rows,
    asked: [
      { run_id: run, conversation: 'one', at: at(1) },
      { run_id: run, conversation: 'one, two', at: at(4) },
    ],
    accepted: [{ run_id: run, content: 'Stay inside src.' }],
    effects: [{ what: 'commit', expected: 1, found: 1 }],
    leftovers: [],
    unreplayable: [],
    dearest_call_micros: 10,
  };
}

const first = <T>(list: T[]): T => list[0] as T;

/** One thing made wrong, and what has to be said of it. */
const doctored: [string, (evidence: Evidence) => void, RegExp][] = [
  ['a task without an end', ({ rows }) => (first(rows.tasks).status = 'running'), /^I1 .*task task-1 is running/],
  ['a run that ended without a time', ({ rows }) => (first(rows.runs).ended_at = null), /^I1 .*run run-1/],
  ['a gap in the transcript', ({ rows }) => rows.transcript.splice(1, 1), /^I2 .*number/],
  ['a message twice', ({ rows }) => rows.transcript.push({ ...first(rows.transcript.slice(-1)) }), /^I2 .*number 4/],
  [
    'a call without a result',
    ({ rows }) => first(rows.transcript.slice(2)).content.shift(),
    /^I2 .*call a has 0 results/,
  ],
  [
    'a call with two results',
    ({ rows }) => first(rows.transcript.slice(2)).content.push({ type: 'tool_result', tool_use_id: 'a' }),
    /^I2 .*call a has 2 results/,
  ],
  [
    'a result nobody asked for',
    ({ rows }) => first(rows.transcript.slice(2)).content.push({ type: 'tool_result', tool_use_id: 'c' }),
    /^I2 .*result of c/,
  ],
  [
    'a call that is still open',
    ({ rows }) => (first(rows.calls).status = 'running'),
    /^I2 .*call a of turn 1 is running/,
  ],
  ['a lost turn', ({ rows }) => rows.turns.shift(), /^I2 .*turn 1 has number 2/],
  ['an effect twice', ({ effects }) => (first(effects).found = 2), /^I3 .*commit: 2 times/],
  ['an effect that never was', ({ effects }) => (first(effects).found = 0), /^I3 .*commit: 0 times/],
  [
    'a stored turn asked for again',
    ({ asked }) => asked.push({ run_id: run, conversation: 'one', at: at(3) }),
    /^I3 .*turn 1 of run run-1 was asked for after it was stored/,
  ],
  ['two pull requests', ({ rows }) => rows.pull_requests.push({ business_key: 'ticket:1' }), /^I3 .*2 pull requests/],
  [
    'an undelivered message',
    ({ rows }) => (first(rows.messages).delivered_at_turn = null),
    /^I4 .*neither delivered nor refused/,
  ],
  ['an accepted word without a row', ({ rows }) => rows.messages.pop(), /^I4 .*there 0 times/],
  [
    'a word told twice',
    ({ rows }) => first(rows.transcript).content.push({ type: 'text', text: 'Stay inside src.' }),
    /^I4 .*stands 2 times/,
  ],
  ['more spent than allowed', ({ rows }) => (first(rows.budgets).limit_micros = 15), /^I5 .*spent 30 of 15/],
  [
    'a call paid for and not booked',
    ({ rows }) => (first(rows.costs).cost_micros = 20),
    /^I5 .*charged 30 for calls of 20/,
  ],
  ['a sandbox left', ({ leftovers }) => leftovers.push('sandbox x still stands'), /^I6 .*sandbox x/],
  ['money still held', ({ rows }) => (first(rows.reservations).state = 'held'), /^I6 .*holds money/],
  [
    'a history that differs',
    ({ unreplayable }) => unreplayable.push('run:run-1: nondeterminism'),
    /^I7 .*nondeterminism/,
  ],
];

describe('invariants', () => {
  test('work that went well breaks none', () => {
    expect(broken(wellDone())).toEqual([]);
  });

  test.each(doctored)('%s is noticed', (_what, spoil, said) => {
    const evidence = wellDone();
    spoil(evidence);
    expect(broken(evidence)).toContainEqual(expect.stringMatching(said));
  });
});
