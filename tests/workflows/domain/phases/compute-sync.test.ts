import { computeSync } from '#workflows/domain/phases/compute-sync.ts';
import { exampleOutput, exampleOutputs, examplePhases } from '#tests/support/phases.ts';

const { requirements, design } = exampleOutputs();
const { tickets, tasks } = examplePhases.tasks;
const factsOf = (changes: Record<string, unknown> = {}) =>
  computeSync(requirements, design, exampleOutput('tasks', changes));

describe('[PLAN-13] the facts of SYNC are computed', () => {
  test('a sound plan is ready, with its figures', () => {
    expect(factsOf()).toMatchObject({
      validation_results: {
        all_requirements_covered: true,
        all_design_components_have_tasks: true,
        dependency_order_valid: true,
        no_circular_dependencies: true,
        all_ids_valid: true,
        issues_found: [],
        warnings: [],
      },
      traceability_stats: {
        requirements: { total: 2, fully_covered: 2, partially_covered: 0, not_covered: 0, coverage_percent: 100 },
        tickets: { total: 2, without_tasks: [] },
        tasks: { total: 3, without_requirements: [] },
        dependencies: { total: 2, unknown: 0 },
      },
      dependency_analysis: {
        task_dependency_graph: { 'TSK-001': [], 'TSK-002': [], 'TSK-003': ['TSK-001', 'TSK-002'] },
        ticket_dependency_graph: { 'TKT-001': [], 'TKT-002': ['TKT-001'] },
        critical_path: ['TSK-001', 'TSK-003'], // 3 + 2 hours, against 1 + 2 by TSK-002
        critical_path_hours: 5,
        parallel_opportunities: [['TSK-001', 'TSK-002']],
      },
      spec_summary: {
        feature_name: 'Task export',
        total_requirements: 2,
        total_tickets: 2,
        total_tasks: 3,
        total_estimated_hours: 6,
        files_to_create: 6,
        files_to_modify: 1,
        requirement_coverage_percent: 100,
        estimated_duration: '6 hours of work, 5 of them one after another',
      },
      ready_for_execution: true,
      blockers: [],
    });
  });

  test('[PLAN-14] a plan that lost a task is not ready', () => {
    const facts = factsOf({ tasks: tasks.filter((task) => task.id !== 'TSK-003') });
    expect(facts.ready_for_execution).toBe(false);
    expect(facts.blockers).toEqual(['TKT-002 lists TSK-003, which does not exist.', 'TKT-002 has no task.']);
    expect(facts.validation_results).toMatchObject({
      all_ids_valid: false,
      all_design_components_have_tasks: true,
      no_circular_dependencies: true,
    });
  });

  test('a cycle spoils the order and leaves no path through it', () => {
    const [first, ...others] = tasks;
    const facts = factsOf({ tasks: [{ ...first, dependencies: ['TSK-003'] }, ...others] });
    expect(facts.validation_results).toMatchObject({
      dependency_order_valid: false,
      no_circular_dependencies: false,
      all_ids_valid: true,
    });
    expect(facts.dependency_analysis).toMatchObject({
      critical_path: ['TSK-002'],
      critical_path_hours: 1,
      parallel_opportunities: [],
    });
  });

  test('the order of tickets counts: their tasks do not run at once', () => {
    const [first, second, third] = tasks;
    const independent = { tasks: [first, second, { ...third, dependencies: {} }] };
    expect(factsOf(independent).dependency_analysis.parallel_opportunities).toEqual([['TSK-001', 'TSK-002']]);
    expect(
      factsOf({ ...independent, tickets: tickets.map((ticket) => ({ ...ticket, dependencies: {} })) })
        .dependency_analysis.parallel_opportunities,
    ).toEqual([['TSK-001', 'TSK-002', 'TSK-003']]);
  });

  test('a component that no task touches and an unusual id are warnings', () => {
    const more = exampleOutput('design', {
      components: [
        ...examplePhases.design.components,
        { name: 'Mailer', file_path: 'src/mail.js', responsibility: 'Sends' },
      ],
    });
    const facts = computeSync(
      requirements,
      more,
      exampleOutput('tasks', {
        tickets: [...tickets, { id: 'T3', tasks: ['TSK-004'] }],
        tasks: [...tasks, { id: 'TSK-004', parent_ticket: 'T3' }],
      }),
    );
    expect(facts.validation_results.all_design_components_have_tasks).toBe(false);
    expect(facts.validation_results.warnings).toEqual([
      'Tasks that address no requirement: TSK-004.',
      'No task mentions the component Mailer.',
      'Ids that are not of the form TKT-001 or TSK-001: T3.',
    ]);
    expect(facts.ready_for_execution).toBe(true);
  });

  test('without a plan nothing is ready', () => {
    expect(computeSync(requirements, design, undefined)).toMatchObject({
      ready_for_execution: false,
      spec_summary: { total_tasks: 0, requirement_coverage_percent: 0 },
    });
  });
});
