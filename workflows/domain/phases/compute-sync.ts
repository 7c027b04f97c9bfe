import type { DependencyGraph } from '../tasks/graph.ts';
import { criticalPath, topologicalLayers } from '../tasks/graph.ts';
import { idPatterns } from '../requirements/ids.ts';
import type { DesignOutput } from './design.ts';
import type { VetoCode } from './phase.ts';
import { planHours, planVetoes, unknownDependencies } from './plan-checks.ts';
import { declaredTicketGraph, emptyPlan, taskGraph, ticketGraph, waitGraph } from './plan-graph.ts';
import type { RequirementsOutput } from './requirements.ts';
import type { TasksOutput } from './tasks.ts';
import type { CoverageRow } from './traceability.ts';
import { traceability } from './traceability.ts';

/** The facts that code computes of a plan, in the shape of SYNC's output. */
export interface SyncFacts {
  validation_results: {
    all_requirements_covered: boolean;
    all_design_components_have_tasks: boolean;
    dependency_order_valid: boolean;
    no_circular_dependencies: boolean;
    all_ids_valid: boolean;
    issues_found: string[];
    warnings: string[];
  };
  coverage_matrix: CoverageRow[];
  traceability_stats: {
    requirements: {
      total: number;
      fully_covered: number;
      partially_covered: number;
      not_covered: number;
      coverage_percent: number;
    };
    tickets: { total: number; without_tasks: string[] };
    tasks: { total: number; without_requirements: string[] };
    dependencies: { total: number; unknown: number };
  };
  dependency_analysis: {
    task_dependency_graph: DependencyGraph;
    ticket_dependency_graph: DependencyGraph;
    /** Ids of tasks, in the order in which they run. */
    critical_path: string[];
    critical_path_hours: number;
    /** Groups of two or more tasks that can run at once. */
    parallel_opportunities: string[][];
  };
  spec_summary: {
    feature_name: string;
    total_requirements: number;
    total_tickets: number;
    total_tasks: number;
    total_estimated_hours: number;
    files_to_create: number;
    files_to_modify: number;
    requirement_coverage_percent: number;
    estimated_duration: string;
  };
  ready_for_execution: boolean;
  blockers: string[];
}

/** Computes every fact of SYNC from the outputs of the earlier phases. A phase that has not run counts as empty. */
export function computeSync(
  requirements: RequirementsOutput | undefined,
  design: DesignOutput | undefined,
  plan: TasksOutput = emptyPlan,
): SyncFacts {
  const vetoes = planVetoes(plan, requirements);
  const none = (...codes: VetoCode[]) => !vetoes.some((veto) => codes.includes(veto.code));
  const coverage = traceability(requirements, plan);
  // In a circle of tasks the tickets have no order of their own, so only the declared one counts.
  const waits = none('cycle') ? waitGraph(plan) : waitGraph(plan, declaredTicketGraph(plan));
  const path = criticalPath(waits, (id) => plan.tasks.find((task) => task.id === id)?.estimated_hours ?? 0);
  const hours = planHours(plan);
  const pathHours = Math.round(path.total * 100) / 100;
  const forgotten = componentsWithoutTask(design, plan);
  const blockers = vetoes.map((veto) => veto.message);
  const count = (status: CoverageRow['status']) => coverage.matrix.filter((row) => row.status === status).length;
  const graph = taskGraph(plan);

  return {
    validation_results: {
      all_requirements_covered: none('uncovered_requirement'),
      all_design_components_have_tasks: forgotten.length === 0,
      dependency_order_valid: none('cycle', 'unknown_dependency'),
      no_circular_dependencies: none('cycle'),
      all_ids_valid: none(
        'duplicate_id',
        'unknown_dependency',
        'unknown_parent',
        'unknown_requirement',
        'unknown_task',
      ),
      issues_found: blockers,
      warnings: [
        ...coverage.warnings,
        ...forgotten.map((name) => `No task mentions the component ${name}.`),
        ...unusualIds(plan),
      ],
    },
    coverage_matrix: coverage.matrix,
    traceability_stats: {
      requirements: {
        total: coverage.matrix.length,
        fully_covered: count('fully_covered'),
        partially_covered: count('partially_covered'),
        not_covered: count('not_covered'),
        coverage_percent: coverage.coverage_percent,
      },
      tickets: { total: plan.tickets.length, without_tasks: coverage.orphans.tickets },
      tasks: { total: plan.tasks.length, without_requirements: coverage.orphans.tasks },
      dependencies: { total: Object.values(graph).flat().length, unknown: unknownDependencies(plan).length },
    },
    dependency_analysis: {
      task_dependency_graph: graph,
      ticket_dependency_graph: ticketGraph(plan),
      critical_path: path.path,
      critical_path_hours: pathHours,
      parallel_opportunities: topologicalLayers(waits).filter((layer) => layer.length > 1),
    },
    spec_summary: {
      feature_name: plan.feature_name || requirements?.feature_name || '',
      total_requirements: coverage.matrix.length,
      total_tickets: plan.tickets.length,
      total_tasks: plan.tasks.length,
      total_estimated_hours: hours,
      files_to_create: new Set(plan.tasks.flatMap((task) => task.files_to_create)).size,
      files_to_modify: new Set(plan.tasks.flatMap((task) => task.files_to_modify)).size,
      requirement_coverage_percent: coverage.coverage_percent,
      estimated_duration: `${hours} hours of work, ${pathHours} of them one after another`,
    },
    ready_for_execution: blockers.length === 0,
    blockers,
  };
}

/** Components without a task: no task changes their files, and no task or ticket names them. */
function componentsWithoutTask(design: DesignOutput | undefined, plan: TasksOutput): string[] {
  const files = new Set(plan.tasks.flatMap((task) => [...task.files_to_create, ...task.files_to_modify]));
  const prose = [...plan.tickets, ...plan.tasks].map((item) => `${item.title}\n${item.description}`.toLowerCase());
  const touched = (name: string) => prose.some((text) => text.includes(name.toLowerCase()));
  return (design?.components ?? [])
    .filter(({ name, file_path: file }) => name && !files.has(file) && !touched(name))
    .map((component) => component.name);
}

function unusualIds(plan: TasksOutput): string[] {
  const unusual = [
    ...plan.tickets.map((ticket) => ticket.id).filter((id) => !idPatterns.ticket.test(id)),
    ...plan.tasks.map((task) => task.id).filter((id) => !idPatterns.task.test(id)),
  ];
  return unusual.length ? [`Ids that are not of the form TKT-001 or TSK-001: ${unusual.join(', ')}.`] : [];
}
