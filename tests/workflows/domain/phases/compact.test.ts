import {
  judgeSections,
  openSections,
  planPrompt,
  planSchema,
  sentBack,
  type SectionVerdict,
} from '#workflows/domain/phases/compact.ts';
import { isCompact } from '#workflows/domain/phases/gate-policy.ts';
import { phaseIds, type PhaseOutputs } from '#workflows/domain/phases/index.ts';
import { exampleOutput, exampleOutputs, examplePhases } from '#tests/support/phases.ts';

const row = (phase: string, status: string, action?: string) => ({
  phase,
  status,
  decision: action ? { action } : null,
});
const passed = phaseIds.map((phase) => row(phase, 'passed'));
const judge = (changes: Partial<PhaseOutputs> = {}) =>
  judgeSections({ ...exampleOutputs(), ...changes }, {}, { threshold: 0.7 });
const results = (verdicts: SectionVerdict[]) =>
  verdicts.map(({ phase, verdict }) => `${phase} ${verdict ? (verdict.passed ? 'passes' : 'fails') : 'waits'}`);

test('all sections pass, and code computes the figures of the last one', () => {
  const sync = exampleOutput('sync', {
    coverage_matrix: [],
    traceability_stats: {},
    dependency_analysis: {},
    spec_summary: {},
    validation_results: {},
    ready_for_execution: undefined,
  });
  const verdicts = judge({ sync });
  expect(results(verdicts)).toEqual(phaseIds.map((phase) => `${phase} passes`));
  expect(verdicts.at(-1)?.verdict?.score).toBe(1);
  expect(verdicts.at(-1)?.output).toMatchObject({ ready_for_execution: true, spec_summary: { total_tasks: 3 } });
});

test('a faulty section fails alone, and the section that is computed from it waits', () => {
  const requirements = exampleOutput('requirements', {
    requirements: [
      { ...examplePhases.requirements.requirements[0], id: 'REQ-OTHER-FUNC-001', text: 'Quick and easy.' },
    ],
  });
  // The tasks name requirements that the faulty section does not have; that is not counted against them.
  expect(results(judge({ requirements }))).toEqual([
    'explore passes',
    'prd passes',
    'requirements fails',
    'design passes',
    'tasks passes',
    'sync waits',
  ]);
});

test('the faults of all sections come at once', () => {
  const tasks = exampleOutput('tasks', {
    tasks: examplePhases.tasks.tasks.map((task) => ({ ...task, dependencies: { depends_on: [task.id], blocks: [] } })),
  });
  const prd = exampleOutput('prd', { user_stories: [], goals: {}, scope: {}, users: {} });
  const verdicts = judge({ prd, tasks });
  expect(results(verdicts)).toContain('prd fails');
  expect(results(verdicts)).toContain('tasks fails');
});

test('the sections from the first one that has not passed are open', () => {
  expect(openSections(phaseIds, [])).toEqual(phaseIds);
  expect(openSections(phaseIds, passed)).toEqual([]);
  expect(openSections(phaseIds, [...passed, row('design', 'running')])).toEqual(['design', 'tasks', 'sync']);
  const rejected = passed.map((one) => (one.phase === 'tasks' ? row('tasks', 'passed', 'rejected') : one));
  expect(openSections(phaseIds, rejected)).toEqual(['tasks', 'sync']);
  const approved = passed.map((one) => row(one.phase, 'passed', 'approved'));
  expect(openSections(phaseIds, approved)).toEqual([]);
});

test('the prompt holds the open sections, and the passed ones as data', () => {
  const request = { title: 'Export', description: 'Tasks as CSV.', prior: exampleOutputs(), feedback: 'Fewer tasks.' };
  const text = planPrompt(request, ['tasks', 'sync'], { tasks: examplePhases.tasks });
  expect(text).toContain('### tasks');
  expect(text).not.toContain('### design');
  expect(text).toContain('<data source="design">');
  expect(text).toContain('## What has to change in tasks\n\nFewer tasks.');
  expect(sentBack([{ phase: 'tasks', feedback: 'A cycle.', draft: { tasks: [] } }])).toContain('Correct only tasks');
});

test('each phase is a field of submit_plan, and none is required', () => {
  const { properties, required } = planSchema(phaseIds);
  expect(Object.keys(properties as object)).toEqual(['partial', ...phaseIds]);
  expect(required).toBeUndefined();
});

test('the schema of submit_plan is short: it asks for no figure that code computes', () => {
  const schema = planSchema(phaseIds);
  expect(JSON.stringify(schema).length).toBeLessThan(10_000);
  const { sync, tasks } = schema.properties as Record<string, { properties: object }>;
  expect(Object.keys(sync?.properties ?? {})).not.toContain('spec_summary');
  expect(tasks?.properties).toMatchObject({
    tasks: { items: { properties: { dependencies: { properties: { depends_on: { type: 'array' } } } } } },
  });
});

test('auto plans in one session unless a person decides at gates', () => {
  const policy = { mode: 'auto' as const, score: null, phases: ['tasks'], timeout_seconds: null };
  expect(isCompact('auto', policy)).toBe(true);
  expect(isCompact('auto', { ...policy, mode: 'ask' })).toBe(false);
  expect(isCompact('auto', { ...policy, mode: 'auto_above', score: 0.9 })).toBe(false);
  expect(isCompact('compact', { ...policy, mode: 'ask' })).toBe(true);
  expect(isCompact('full', policy)).toBe(false);
});
