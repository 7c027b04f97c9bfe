import fc from 'fast-check';
import { boardPhases, phaseProblem, phasesOf, type BoardPhase } from '#workflows/domain/tasks/board-phases.ts';
import { factsOf, judge, parseRule } from '#workflows/domain/tasks/gate-rules.ts';
import { judgeGate, type GateInput } from '#workflows/domain/tasks/gates.ts';
import { handOver } from '#workflows/domain/tasks/hand-over.ts';
import { statusPath } from '#workflows/domain/tasks/ticket-moves.ts';
import { mayMove, statusesOf } from '#workflows/domain/transitions.ts';

const phase = (id: string) => boardPhases.find((one) => one.id === id) as BoardPhase;
const completed = { key: 'TSK-1', status: 'completed', check: null };
const artifact = (artifact_type: string, artifact_content: unknown, artifact_path: string | null = null) => ({
  ...{ artifact_type, artifact_content, artifact_path },
  submitted_by: 'ada@example.test',
});
const code = (content: object): GateInput => ({ artifacts: [artifact('code_changes', content)], tasks: [completed] });

test.each([
  ['79 is too little', { has_tests: true, test_coverage: 79 }, 'failed', 'test_coverage is 79, wanted >= 80'],
  ['80 is enough', { has_tests: true, test_coverage: 80 }, 'passed', undefined],
  ['a number that nobody measured', { has_tests: true }, 'failed', 'nothing measured test_coverage (wanted >= 80)'],
  ['a number as text', { has_tests: true, test_coverage: '95%' }, 'failed', 'nothing measured test_coverage'],
  ['no tests', { has_tests: false, test_coverage: 95 }, 'failed', 'has_tests is false'],
])('the gate of implementation reads the content: %s', (_name, content, status, reason) => {
  const verdict = judgeGate(phase('PHASE_IMPLEMENTATION'), code(content));
  expect(verdict.gate_status).toBe(status);
  if (reason) expect(verdict.blocking_reasons.join(' ')).toContain(reason);
  else expect(verdict.blocking_reasons).toEqual([]);
});

test('what nobody measured closes a gate only where the definition requires it, and is shown in any case', () => {
  const optional: BoardPhase = {
    ...phase('PHASE_IMPLEMENTATION'),
    expected_outputs: [{ type: 'code_changes', required: false, validation_rule: 'test_coverage >= 80' }],
    done_definitions: [{ text: 'The docs say it.', required: false }],
  };
  const open = judgeGate(optional, { artifacts: [], tasks: [completed] });
  expect(open.gate_status).toBe('passed');
  expect(open.checklist.map(({ verdict, blocks }) => [verdict, blocks])).toEqual([
    ['met', false],
    ['unverified', false],
    ['unverified', false],
  ]);
  // A number that was measured and is too low closes it all the same.
  expect(judgeGate(optional, code({ test_coverage: 10 })).gate_status).toBe('failed');
  const required = { ...optional, done_definitions: [{ text: 'The docs say it.', required: true }] };
  expect(judgeGate(required, { artifacts: [], tasks: [completed] }).gate_status).toBe('failed');
  const confirmed = [artifact('confirmation', { confirms: 'The docs say it.' })];
  expect(judgeGate(required, { artifacts: confirmed, tasks: [completed] }).gate_status).toBe('passed');
});

test('what the platform measured stands above what anyone says', () => {
  const failing = { ...completed, check: { command: 'npm test', exit_code: 1 } };
  const said = [artifact('test_results', { all_passed: true, passed: 9 }), artifact('test_evidence', 'seen')];
  expect(judgeGate(phase('PHASE_TESTING'), { artifacts: said, tasks: [completed] }).gate_status).toBe('passed');
  expect(judgeGate(phase('PHASE_TESTING'), { artifacts: said, tasks: [failing] }).blocking_reasons).toEqual([
    'test_results: all_passed: all_passed is false.',
  ]);
  // A check that fails at the base too shows nothing.
  const unclear = { ...completed, check: { command: 'npm test', exit_code: 1, unverified: true } };
  expect(judgeGate(phase('PHASE_TESTING'), { artifacts: said, tasks: [unclear] }).gate_status).toBe('passed');
});

test.each([
  ['no task', [], 'the phase has no completed task'],
  ['an open task', [completed, { key: 'TSK-2', status: 'running', check: null }], 'TSK-2 (running)'],
  ['cancelled tasks alone', [{ key: 'TSK-3', status: 'cancelled', check: null }], 'no completed task'],
])('a gate is closed with %s', (_name, tasks, reason) => {
  const { blocking_reasons } = judgeGate(phase('PHASE_DESIGN'), {
    artifacts: [artifact('design_document', 'A queue.')],
    tasks,
  });
  expect(blocking_reasons.join(' ')).toContain(reason);
});

test('a requirements document is read by its length and headings', () => {
  const gate = (text: string) =>
    judgeGate(phase('PHASE_REQUIREMENTS'), {
      artifacts: [artifact('requirements_document', text)],
      tasks: [completed],
    });
  const long = 'The cart keeps its items. '.repeat(25);
  expect(gate(`# Scope\n${long}\n## Acceptance criteria\n- It does.`).gate_status).toBe('passed');
  expect(gate(`Scope: the cart\n**Acceptance criteria**\n${long}`).gate_status).toBe('passed');
  expect(gate('# Scope\nA\n## Acceptance criteria\nB').blocking_reasons.join()).toContain('length is');
  expect(gate(`# Scope\n${long}`).blocking_reasons.join()).toContain('nothing shows acceptance_criteria');
  expect(gate(`# Scope\n${long}\n## Acceptance criteria\n`).gate_status).toBe('failed');
});

test('an output is looked for at its place, and the newest one counts', () => {
  const docs: BoardPhase = {
    ...phase('PHASE_DESIGN'),
    expected_outputs: [{ type: 'design_document', pattern: 'docs/**', required: true, validation_rule: 'score >= 2' }],
  };
  const gate = (...artifacts: GateInput['artifacts']) => judgeGate(docs, { artifacts, tasks: [completed] }).gate_status;
  expect(gate(artifact('design_document', { score: 2 }, 'src/a.md'))).toBe('failed');
  expect(gate(artifact('design_document', { score: 2 }, 'docs/a/b.md'))).toBe('passed');
  expect(
    gate(artifact('design_document', { score: 2 }, 'docs/a'), artifact('design_document', { score: 1 }, 'docs/b')),
  ).toBe('failed');
});

test('a rule is conditions joined by and; anything else is not a rule', () => {
  expect(parseRule('has_tests and test_coverage >= 80')).toEqual([
    { name: 'has_tests' },
    { name: 'test_coverage', operator: '>=', value: 80 },
  ]);
  for (const bad of ['', 'and', 'a >= ', 'a >= b', '>= 3', 'a or b >= 1', 'a; b', '80 <= a'])
    expect([bad, parseRule(bad)]).toEqual([bad, undefined]);
  expect(judge({ name: 'constructor' }, {}).verdict).toBe('unverified');
  expect(factsOf({ length: 9999, text: 'short' }).length).toBe(5);
});

test('the usual phases fit each other, and a phase that does not fit is refused with its field', () => {
  for (const one of boardPhases) expect([one.id, phaseProblem(one, boardPhases)]).toEqual([one.id, undefined]);
  const own: BoardPhase = { ...phase('PHASE_TESTING'), id: 'PHASE_AUDIT', allowed_transitions: ['PHASE_DONE'] };
  const fit = (change: Partial<BoardPhase>) =>
    phaseProblem({ ...own, ...change }, phasesOf([{ ...own, ...change }]))?.field;
  expect(fit({})).toBeUndefined();
  expect(fit({ allowed_transitions: ['PHASE_NOWHERE'] })).toBe('allowed_transitions');
  expect(fit({ allowed_transitions: ['PHASE_AUDIT'] })).toBe('allowed_transitions');
  expect(fit({ allowed_transitions: ['PHASE_BLOCKED'] })).toBe('allowed_transitions');
  expect(fit({ allowed_transitions: ['PHASE_BACKLOG'] })).toBe('allowed_transitions');
  expect(fit({ status: 'done' })).toBe('status');
  expect(phaseProblem({ ...phase('PHASE_TESTING'), status: 'building' }, boardPhases)?.field).toBe('status');
});

test('the way between two statuses takes allowed moves alone', () => {
  const all = statusesOf('ticket');
  for (const from of all)
    for (const to of all) {
      const path = statusPath(from, to);
      for (const [i, status] of (path ?? []).entries())
        expect(mayMove('ticket', path?.[i - 1] ?? from, status)).toBe(true);
      if (path && from !== to) expect(path.at(-1)).toBe(to);
    }
  expect(statusPath('building-done', 'deploying')).toEqual(['testing', 'deploying']);
  expect(statusPath('done', 'building')).toBeUndefined();
});

describe('what is handed over to the next phase', () => {
  const brought = (content: unknown, title = 'prd') => ({ phase_id: 'PHASE_REQUIREMENTS', title, content });

  test('decisions come first, then risks, summaries and notes; a point comes once', () => {
    const points = handOver([
      brought({ notes: ['n'], risks: [{ risk: 'r' }], decisions: ['d1', 'd1'], summary: 's' }),
      brought({ summary: 'Did it.\n\nDecisions:\n- Use SQLite\n- No cache\n\nRisks: slow disks' }, 'Write it'),
    ]);
    expect(points.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'decision: No cache',
      'decision: Use SQLite',
      'decision: d1',
      'risk: slow disks',
      'risk: r',
      expect.stringMatching(/^summary: Write it: Did it\./),
      'summary: prd: s',
      'note: n',
    ]);
  });

  test('there are at most 20 points and 2,000 characters, whatever was brought', () => {
    const text = fc.string({ maxLength: 3000 });
    const content = fc.record({
      decisions: fc.array(text, { maxLength: 40 }),
      risks: text,
      summary: text,
      more: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.array(content, { maxLength: 4 }), (list) => {
        const points = handOver(list.map((one) => brought(one)));
        expect(points.length).toBeLessThanOrEqual(20);
        expect(points.reduce((sum, point) => sum + point.text.length, 0)).toBeLessThanOrEqual(2000);
      }),
      { numRuns: 200 },
    );
  });
});
