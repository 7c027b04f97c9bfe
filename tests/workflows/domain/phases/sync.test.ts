import { correctOutput } from '#workflows/domain/phases/evaluate.ts';
import { exampleOutput, exampleOutputs, examplePhases, judge } from '#tests/support/phases.ts';

const { validation_results: checks, traceability_stats: stats, spec_summary: summary } = examplePhases.sync;

/** The example's outputs, the tasks among them changed. */
const withTasks = (changes: Record<string, unknown>) => ({
  ...exampleOutputs(),
  tasks: exampleOutput('tasks', changes),
});
const uncovered = () =>
  withTasks({ tickets: [], tasks: examplePhases.tasks.tasks.map((task) => ({ ...task, requirements_addressed: [] })) });

describe('[PLAN-12] sync', () => {
  test.each<[string, Record<string, unknown>, number]>([
    ['validation earns a third each', { validation_results: { all_requirements_covered: true } }, 0.8667], // .20 × 2/3
    ['a check answered with no is answered', { validation_results: { ...checks, all_ids_valid: false } }, 1],
    ['no matrix earns nothing', { coverage_matrix: [] }, 0.85], // .15
    ['stats earn a quarter each', { traceability_stats: { ...stats, dependencies: undefined } }, 0.9625], // .15 × 1/4
    ['the dependency graph alone earns half', { dependency_analysis: { task_dependency_graph: {} } }, 0.95], // .10 × 1/2
    ['the summary earns a quarter each', { spec_summary: { total_tasks: 3, total_estimated_hours: 0 } }, 0.925], // .15 × 2/4
    ['not ready earns half', { ready_for_execution: false }, 0.925], // .15 × .5
    ['no word on readiness earns nothing', { ready_for_execution: undefined }, 0.85], // .15
    ['blockers earn half', { blockers: ['A'] }, 0.975], // .05 × .5
    ['no recommendations earn half', { recommendations: [] }, 0.975], // .05 × .5
  ])('%s', (_title, changes, score) => {
    expect(judge('sync', changes).score).toBe(score);
  });
});

describe('[PLAN-13] sync believes no claim', () => {
  test('nothing covered, a blocker and not ready scores 0.90 and fails', () => {
    const { score, passed, vetoes } = judge(
      'sync',
      { ready_for_execution: false, blockers: ['No database'] },
      uncovered(),
    );
    expect({ score, passed }).toEqual({ score: 0.9, passed: false }); // 1 - .075 - .025
    expect(vetoes.map((veto) => veto.code)).toEqual(
      expect.arrayContaining(['unknown_parent', 'uncovered_requirement', 'blockers', 'not_ready']),
    );
    expect(vetoes.flatMap((veto) => veto.ids)).toEqual(
      expect.arrayContaining(['REQ-EXPORT-FUNC-001', 'REQ-EXPORT-SEC-001']),
    );
  });

  test('a claim that all is well does not hide an uncovered requirement', () => {
    const { score, passed } = judge('sync', {}, uncovered());
    expect({ score, passed }).toEqual({ score: 1, passed: false });
  });

  test('a doubt of the model counts even when the facts are sound', () => {
    expect(judge('sync', { ready_for_execution: false }).vetoes.map((veto) => veto.code)).toEqual(['not_ready']);
    expect(judge('sync', { blockers: ['No database'] }).vetoes.map((veto) => veto.message)).toEqual([
      'Blockers are named: No database.',
      'The plan is not ready for execution.',
    ]);
  });

  test('what is stored are the computed facts with the remarks of the model', () => {
    const claim = exampleOutput('sync', {
      spec_summary: { ...summary, total_tasks: 99, requirement_coverage_percent: 12 },
      validation_results: { ...checks, all_ids_valid: false, warnings: ['Little time'] },
      coverage_matrix: [
        { requirement_id: 'REQ-EXPORT-SEC-001', status: 'not_covered', coverage_notes: 'Only leading signs' },
      ],
    });
    const stored = correctOutput('sync', claim, exampleOutputs());
    expect(stored.spec_summary).toMatchObject({ total_tasks: 3, requirement_coverage_percent: 100 });
    expect(stored.validation_results).toMatchObject({ all_ids_valid: true, warnings: ['Little time'] });
    expect(stored.coverage_matrix.map((row) => [row.requirement_id, row.status, row.coverage_notes])).toEqual([
      ['REQ-EXPORT-FUNC-001', 'fully_covered', ''],
      ['REQ-EXPORT-SEC-001', 'fully_covered', 'Only leading signs'],
    ]);
    expect(correctOutput('sync', stored, exampleOutputs())).toEqual(stored);
    expect(stored).toMatchObject({
      ready_for_execution: true,
      blockers: [],
      recommendations: examplePhases.sync.recommendations,
    });
  });

  test('what is stored says not ready when the plan is not', () => {
    const stored = correctOutput('sync', exampleOutput('sync'), uncovered());
    expect(stored.ready_for_execution).toBe(false);
    expect(stored.validation_results.all_requirements_covered).toBe(false);
    expect(stored.blockers).toContain('No task or ticket covers REQ-EXPORT-SEC-001.');
  });
});
