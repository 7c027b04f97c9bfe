import { evaluate } from '#workflows/domain/phases/evaluate.ts';
import type { GateResult } from '#workflows/domain/phases/evaluate.ts';
import { phaseIds, type PhaseId, type PhaseOutputs, type PriorOutputs } from '#workflows/domain/phases/index.ts';
import { parseSubmission } from '#workflows/domain/phases/submission.ts';

/** Valid submissions of each phase, for a small feature of two tickets. Each passes its gate with full points. */
export const examplePhases = {
  explore: {
    codebase_summary: 'A small task tracker: an Express API in src/ over an in-memory store, with unit tests in test/.',
    project_type: 'Node.js REST API',
    tech_stack: ['Node.js', 'Express'],
    structure: { api: 'src/routes', domain: 'src/domain', tests: 'test' },
    key_files: [
      { path: 'src/app.js', purpose: 'Builds the Express application and mounts the routes' },
      { path: 'src/domain/tasks.js', purpose: 'Stores and filters tasks' },
      { path: 'test/tasks.test.js', purpose: 'Shows how routes are tested' },
    ],
    relevant_patterns: [
      {
        pattern: 'One router a resource',
        description: 'src/routes/tasks.js:1 exports a router',
        files: ['src/routes/tasks.js'],
      },
    ],
    existing_models: [{ name: 'Task', file: 'src/domain/tasks.js', fields: ['id', 'title', 'done'] }],
    conventions: { naming: 'camelCase', testing: 'node --test', patterns: ['pure functions in src/domain'] },
    entry_points: ['src/app.js'],
    test_structure: 'test/<resource>.test.js, run by npm test',
    discovery_questions: [
      { category: 'Problem & Value', questions: ['Who reads the export?'] },
      { category: 'Users & Journeys', questions: ['Is it downloaded by hand or by a script?'] },
      { category: 'Scope & Boundaries', questions: ['Are finished tasks included?'] },
      { category: 'Technical Context', questions: ['How many tasks are there at most?'] },
      { category: 'Trade-offs & Risks', questions: ['May titles hold formulas that a spreadsheet would run?'] },
    ],
    feature_summary: {
      name: 'Task export',
      one_liner: 'Tasks as a CSV file',
      problem_statement: 'Tasks cannot be taken into a spreadsheet.',
      scope_in: ['CSV of all tasks'],
      scope_out: ['Other formats'],
      technical_constraints: ['No new dependency'],
      risks_identified: ['Formula injection'],
      success_metrics: ['An export of 1,000 tasks opens in a spreadsheet'],
    },
    related_to_feature: [{ name: 'listTasks', file: 'src/domain/tasks.js', relevance: 'Gives the rows' }],
    notes: '',
  },

  prd: {
    prd_version: '1.0',
    overview: {
      feature_name: 'Task export',
      one_liner: 'Download all tasks as CSV',
      problem_statement: 'People who plan in a spreadsheet have to copy every task by hand.',
      solution_summary: 'An address of the API that answers with all tasks as a CSV file.',
    },
    goals: {
      primary: ['Take tasks into a spreadsheet'],
      secondary: ['Let scripts fetch them'],
      success_metrics: [
        { metric: 'Rows exported', target: '100 %', measurement: 'Rows of the file against tasks in the store' },
      ],
    },
    users: {
      primary: [{ role: 'Planner', description: 'Plans the week in a spreadsheet', needs: ['All tasks at once'] }],
      secondary: ['Script authors'],
    },
    user_stories: [
      {
        id: 'US-001',
        role: 'planner',
        want: 'to download my tasks as CSV',
        benefit: 'I can sort them in a spreadsheet',
        priority: 'HIGH',
        acceptance_criteria: ['The file has one row a task'],
      },
      {
        id: 'US-002',
        role: 'planner',
        want: 'a file with a heading even when there are no tasks',
        benefit: 'my import does not fail',
        priority: 'MEDIUM',
        acceptance_criteria: ['An empty list gives the heading alone'],
      },
    ],
    scope: { in_scope: ['CSV export'], out_of_scope: ['Import'], dependencies: ['The task list'] },
    assumptions: ['All tasks fit into memory'],
    constraints: { technical: ['No new dependency'], business: ['None known'] },
    risks: [
      {
        description: 'A title is run as a formula',
        impact: 'high',
        likelihood: 'low',
        mitigation: 'Escape leading signs',
      },
    ],
    open_questions: [],
    related_features: [],
    revision_history: [],
  },

  requirements: {
    feature_name: 'Task export',
    requirements: [
      {
        id: 'REQ-EXPORT-FUNC-001',
        title: 'Export tasks as CSV',
        type: 'functional',
        category: 'FUNC',
        priority: 'HIGH',
        text: 'WHEN a client requests /tasks.csv, THE SYSTEM SHALL answer with one CSV row for each task.',
        acceptance_criteria: [
          { text: 'Three tasks give four lines', check: 'node --test test/export.test.js' },
          { text: 'The content type is text/csv', check: 'node --test test/export.test.js' },
        ],
        dependencies: [],
        notes: '',
      },
      {
        id: 'REQ-EXPORT-SEC-001',
        title: 'Escape spreadsheet formulas',
        type: 'non-functional',
        category: 'SEC',
        priority: 'HIGH',
        text: 'IF a title begins with =, +, - or @, THEN THE SYSTEM SHALL prefix it with an apostrophe.',
        acceptance_criteria: ['"=1+1" becomes "\'=1+1"', 'A harmless title is left alone'],
        dependencies: ['REQ-EXPORT-FUNC-001'],
        notes: '',
      },
    ],
    assumptions: ['UTF-8 is understood by the readers'],
    out_of_scope: ['Import'],
    open_questions: [],
    traceability: { prd_sections: ['US-001', 'US-002'], design_components: ['csv'] },
  },

  design: {
    feature_name: 'Task export',
    architecture_overview:
      'A pure function toCsv in src/domain/csv.js turns tasks into text, heading included; a route GET /tasks.csv reads the task list, calls it and answers with text/csv. Nothing else changes.',
    architecture_diagram: 'graph LR; route-->csv; route-->tasks',
    components: [
      {
        name: 'csv',
        type: 'module',
        file_path: 'src/domain/csv.js',
        description: '',
        responsibility: 'Turns tasks into CSV',
        interfaces: [{ method: 'toCsv', inputs: 'tasks', outputs: 'text' }],
        dependencies: [],
      },
      {
        name: 'export route',
        type: 'route',
        file_path: 'src/routes/export.js',
        description: '',
        responsibility: 'Answers GET /tasks.csv',
        interfaces: [],
        dependencies: ['csv'],
      },
    ],
    data_models: [
      {
        name: 'Task',
        table_name: '',
        description: 'Unchanged',
        fields: { id: 'number', title: 'string', done: 'boolean' },
        indexes: [],
        relationships: [],
      },
    ],
    api_endpoints: [{ method: 'GET', path: '/tasks.csv', description: 'All tasks as CSV', auth_required: false }],
    integration_points: ['src/app.js mounts the route'],
    error_handling: { 'store fails': 'the error handler of the application answers 500' },
    testing_strategy: { unit_tests: ['toCsv quotes, escapes, heading'], integration_tests: ['GET /tasks.csv'] },
    security_considerations: ['Formula injection', 'No field beyond those of the list'],
    migration_plan: {},
  },

  tasks: {
    feature_name: 'Task export',
    tickets: [
      {
        id: 'TKT-001',
        title: 'CSV writer',
        description: 'Turn tasks into CSV text.',
        priority: 'HIGH',
        estimate: 'S',
        requirements: ['REQ-EXPORT-FUNC-001', 'REQ-EXPORT-SEC-001'],
        tasks: ['TSK-001', 'TSK-002'],
        acceptance_criteria: ['toCsv is covered by tests'],
        dependencies: { blocked_by: [], blocks: ['TKT-002'] },
      },
      {
        id: 'TKT-002',
        title: 'Export route',
        description: 'Answer GET /tasks.csv.',
        priority: 'MEDIUM',
        estimate: 'S',
        requirements: ['REQ-EXPORT-FUNC-001'],
        tasks: ['TSK-003'],
        acceptance_criteria: ['The route is covered by a test'],
        dependencies: { blocked_by: ['TKT-001'], blocks: [] },
      },
    ],
    tasks: [
      {
        id: 'TSK-001',
        title: 'Write toCsv',
        description: 'Heading and one quoted row a task, in src/domain/csv.js.',
        parent_ticket: 'TKT-001',
        type: 'implementation',
        priority: 'HIGH',
        estimate: 'M',
        estimated_hours: 3,
        files_to_create: ['src/domain/csv.js', 'test/csv.test.js'],
        files_to_modify: [],
        acceptance_criteria: [{ text: 'Quotes are doubled', check: 'node --test test/csv.test.js' }],
        dependencies: { depends_on: [], blocks: [] },
        requirements_addressed: ['REQ-EXPORT-FUNC-001'],
      },
      {
        id: 'TSK-002',
        title: 'Escape formulas',
        description: 'A pure function in src/domain/escape.js that prefixes leading signs.',
        parent_ticket: 'TKT-001',
        type: 'implementation',
        priority: 'HIGH',
        estimate: 'S',
        estimated_hours: 1,
        files_to_create: ['src/domain/escape.js', 'test/escape.test.js'],
        files_to_modify: [],
        acceptance_criteria: [{ text: 'Leading signs are escaped', check: 'node --test test/escape.test.js' }],
        dependencies: { depends_on: [], blocks: [] },
        requirements_addressed: ['REQ-EXPORT-SEC-001'],
      },
      {
        id: 'TSK-003',
        title: 'Add the route',
        description: 'GET /tasks.csv in src/routes/export.js, mounted in src/app.js.',
        parent_ticket: 'TKT-002',
        type: 'implementation',
        priority: 'MEDIUM',
        estimate: 'M',
        estimated_hours: 2,
        files_to_create: ['src/routes/export.js', 'test/export.test.js'],
        files_to_modify: ['src/app.js'],
        acceptance_criteria: [{ text: 'The content type is text/csv', check: 'node --test test/export.test.js' }],
        dependencies: { depends_on: ['TSK-001', 'TSK-002'], blocks: [] },
        requirements_addressed: ['REQ-EXPORT-FUNC-001'],
      },
    ],
    total_estimated_hours: 6,
    critical_path: ['TSK-001', 'TSK-003'],
  },

  sync: {
    validation_results: {
      all_requirements_covered: true,
      all_design_components_have_tasks: true,
      dependency_order_valid: true,
      no_circular_dependencies: true,
      all_ids_valid: true,
      issues_found: [],
      warnings: [],
    },
    coverage_matrix: [
      {
        requirement_id: 'REQ-EXPORT-FUNC-001',
        requirement_title: 'Export tasks as CSV',
        covered_by_tasks: ['TSK-001', 'TSK-003'],
        covered_by_tickets: ['TKT-001', 'TKT-002'],
        status: 'fully_covered',
        coverage_notes: '',
      },
      {
        requirement_id: 'REQ-EXPORT-SEC-001',
        requirement_title: 'Escape spreadsheet formulas',
        covered_by_tasks: ['TSK-002'],
        covered_by_tickets: ['TKT-001'],
        status: 'fully_covered',
        coverage_notes: '',
      },
    ],
    traceability_stats: {
      requirements: { total: 2 },
      tickets: { total: 2 },
      tasks: { total: 3 },
      dependencies: { total: 2 },
    },
    dependency_analysis: {
      task_dependency_graph: { 'TSK-001': [], 'TSK-002': [], 'TSK-003': ['TSK-001', 'TSK-002'] },
      ticket_dependency_graph: { 'TKT-001': [], 'TKT-002': ['TKT-001'] },
      critical_path: ['TSK-001', 'TSK-003'],
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
      estimated_duration: 'one day',
    },
    ready_for_execution: true,
    blockers: [],
    recommendations: ['Review the escaping with somebody who uses spreadsheets'],
  },
} satisfies Record<PhaseId, Record<string, unknown>>;

/** The example of a phase after the schema has parsed it, with some of its fields replaced. */
export function exampleOutput<P extends PhaseId>(phase: P, changes: Record<string, unknown> = {}): PhaseOutputs[P] {
  const submission = parseSubmission(phase, { ...examplePhases[phase], ...changes });
  if ('problems' in submission) throw new Error(JSON.stringify(submission.problems));
  return submission.ok;
}

/** The examples of all phases, in the form in which a planned spec stores them. */
export function exampleOutputs(): PhaseOutputs {
  return Object.fromEntries(phaseIds.map((phase) => [phase, exampleOutput(phase)])) as unknown as PhaseOutputs;
}

/** The gate's verdict, at the default threshold, on an example with some of its fields replaced. */
export function judge(
  phase: PhaseId,
  changes: Record<string, unknown> = {},
  prior: PriorOutputs = exampleOutputs(),
  paths?: string[],
): GateResult {
  return evaluate(phase, exampleOutput(phase, changes), prior, 0.7, paths && { base: { paths: new Set(paths) } });
}
