import { z } from 'zod';
import { computeSync } from './compute-sync.ts';
import { amount, flag, id, idList, ids, label, notes, oneOf, record, section, text } from './fields.ts';
import type { PriorOutputs } from './index.ts';
import type { PhaseDefinition } from './phase.ts';
import { planVetoes } from './plan-checks.ts';
import { emptyPlan } from './plan-graph.ts';
import { dataBlock, phasePrompt } from './prompt.ts';
import { given } from './scoring.ts';

// Optional fields without a default: the gate rates how many were answered.
const schema = z.strictObject({
  validation_results: section({
    all_requirements_covered: flag.optional(),
    all_design_components_have_tasks: flag.optional(),
    dependency_order_valid: flag.optional(),
    no_circular_dependencies: flag.optional(),
    all_ids_valid: flag.optional(),
    issues_found: notes,
    warnings: notes,
  }),
  coverage_matrix: z
    .array(
      z.strictObject({
        requirement_id: id,
        requirement_title: text,
        covered_by_tasks: ids,
        covered_by_tickets: ids,
        status: oneOf(['fully_covered', 'partially_covered', 'not_covered']).optional(),
        coverage_notes: text,
      }),
    )
    .default([]),
  traceability_stats: section({
    requirements: record.optional(),
    tickets: record.optional(),
    tasks: record.optional(),
    dependencies: record.optional(),
  }),
  dependency_analysis: section({
    task_dependency_graph: record.optional(),
    ticket_dependency_graph: record.optional(),
    critical_path: idList.optional(),
    critical_path_hours: amount.optional(),
    parallel_opportunities: z.array(z.union([idList, z.string(), record])).default([]),
  }),
  spec_summary: section({
    feature_name: text,
    total_requirements: amount.optional(),
    total_tickets: amount.optional(),
    total_tasks: amount.optional(),
    total_estimated_hours: amount.optional(),
    files_to_create: z.union([amount, idList]).optional(),
    files_to_modify: z.union([amount, idList]).optional(),
    requirement_coverage_percent: amount.optional(),
    estimated_duration: label,
  }),
  ready_for_execution: flag.optional(),
  blockers: notes,
  recommendations: notes,
});

export type SyncOutput = z.output<typeof schema>;

const task = `Check the plan as a whole before it is carried out.

The facts below were computed from the requirements, the design and the tasks; the gate uses them, not the figures that you submit. Copy the figures, and use your judgement for what code cannot see:

- Does each task really fulfil the requirements it names? Say in coverage_notes where it does so only in part.
- Do tasks that run at once change the same files, or need each other's results without saying so?
- Is something missing that the request asks for?

Put what makes execution pointless into blockers and then set ready_for_execution to false; everything else into warnings or recommendations, of which at least one.`;

const brief =
  'Code computes the figures; leave them out. Say what code cannot see: coverage_notes where a task fulfils a requirement only in part, warnings, at least one recommendation. Put into blockers only what makes execution pointless, and then set ready_for_execution to false.';

export const sync: PhaseDefinition<'sync', SyncOutput> = {
  id: 'sync',
  schema,
  inputs: ['requirements', 'design', 'tasks'],
  brief,
  judged: ['validation_results', 'coverage_matrix', 'ready_for_execution', 'blockers', 'recommendations'],
  instructions: (request) => {
    const { requirements, design, tasks } = request.prior;
    return phasePrompt(sync, request, `${task}\n\n${dataBlock('facts', computeSync(requirements, design, tasks))}`);
  },
  score: ({
    validation_results: checks,
    traceability_stats: stats,
    dependency_analysis: analysis,
    spec_summary: summary,
    ...output
  }) => [
    {
      name: 'validation',
      weight: 0.2,
      value: answered(checks.all_requirements_covered, checks.no_circular_dependencies, checks.all_ids_valid),
      note: 'validation_results: all_requirements_covered, no_circular_dependencies, all_ids_valid',
    },
    { name: 'matrix', weight: 0.15, value: given(output.coverage_matrix) ? 1 : 0, note: 'coverage_matrix' },
    {
      name: 'stats',
      weight: 0.15,
      value: answered(stats.requirements, stats.tickets, stats.tasks, stats.dependencies),
      note: 'traceability_stats: requirements, tickets, tasks, dependencies',
    },
    {
      name: 'dependency',
      weight: 0.1,
      value: answered(analysis.task_dependency_graph, analysis.critical_path),
      note: 'dependency_analysis: task_dependency_graph, critical_path',
    },
    {
      name: 'summary',
      weight: 0.15,
      value: answered(
        summary.total_tasks,
        summary.total_requirements,
        summary.total_estimated_hours,
        summary.requirement_coverage_percent,
      ),
      note: 'spec_summary: total_tasks, total_requirements, total_estimated_hours, requirement_coverage_percent',
    },
    {
      name: 'ready',
      weight: 0.15,
      value: output.ready_for_execution === undefined ? 0 : output.ready_for_execution ? 1 : 0.5,
      note: 'ready_for_execution',
    },
    { name: 'blockers', weight: 0.05, value: given(output.blockers) ? 0.5 : 1, note: 'no blockers' },
    { name: 'recommendations', weight: 0.05, value: given(output.recommendations) ? 1 : 0.5, note: 'recommendations' },
  ],
  vetoes: (output, prior) => [
    // These faults cannot be fixed in this phase. The gate of TASKS has checked the same and should have stopped them.
    ...planVetoes(prior.tasks ?? emptyPlan, prior.requirements),
    ...(given(output.blockers)
      ? [
          {
            code: 'blockers' as const,
            message: `Blockers are named: ${output.blockers.map(asText).join('; ')}.`,
            ids: [],
          },
        ]
      : []),
    ...(corrected(output, prior).ready_for_execution
      ? []
      : [{ code: 'not_ready' as const, message: 'The plan is not ready for execution.', ids: [] }]),
  ],
  correct: corrected,
};

/**
 * The computed facts with the model's remarks. A claim of the model that all is well is ignored, but a doubt counts:
 * readiness needs both the facts and the model.
 */
function corrected(output: SyncOutput, prior: PriorOutputs): SyncOutput {
  const facts = computeSync(prior.requirements, prior.design, prior.tasks);
  const remarks = new Map(output.coverage_matrix.map((row) => [row.requirement_id, row.coverage_notes]));
  return {
    ...facts,
    validation_results: {
      ...facts.validation_results,
      issues_found: union(facts.validation_results.issues_found, output.validation_results.issues_found),
      warnings: union(facts.validation_results.warnings, output.validation_results.warnings),
    },
    coverage_matrix: facts.coverage_matrix.map((row) => ({
      ...row,
      coverage_notes: row.coverage_notes || remarks.get(row.requirement_id) || '',
    })),
    ready_for_execution:
      facts.ready_for_execution && output.ready_for_execution !== false && output.blockers.length === 0,
    blockers: union(facts.blockers, output.blockers),
    recommendations: output.recommendations,
  };
}

function union<T>(known: readonly T[], said: readonly T[]): T[] {
  return [...new Set([...known, ...said])];
}

/** Share of the fields that have an answer, 0 to 1; 0, false and empty values are answers. */
function answered(...fields: unknown[]): number {
  return fields.filter((field) => field !== undefined).length / fields.length;
}

function asText(note: SyncOutput['blockers'][number]): string {
  return typeof note === 'string' ? note : JSON.stringify(note);
}
