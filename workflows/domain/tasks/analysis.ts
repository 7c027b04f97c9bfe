import { z } from 'zod';

const executionModes = ['exploration', 'implementation', 'validation'] as const;
type ExecutionMode = (typeof executionModes)[number];

/** The analysis of a task: what it requires (EXEC-10). */
export const analysisSchema = z.strictObject({
  execution_mode: z.enum(executionModes),
  output_type: z.enum(['analysis', 'documentation', 'code', 'tests', 'configuration', 'mixed']),
  requires_code_changes: z.boolean(),
  requires_git_commit: z.boolean(),
  requires_git_push: z.boolean(),
  requires_pull_request: z.boolean(),
  requires_tests: z.boolean(),
  reasoning: z.string(),
});

export type Analysis = z.output<typeof analysisSchema>;

/** The types of tasks that only read. */
export const explorationTypes: ReadonlySet<string> = new Set([
  'explore_codebase',
  'analyze_codebase',
  'analyze_requirements',
  'analyze_dependencies',
  'create_spec',
  'create_requirements',
  'create_design',
  'create_tickets',
  'create_tasks',
  'define_feature',
  'generate_prd',
  'research',
  'discover',
  'investigate',
]);
/** The types of tasks that only test and judge. */
export const validationTypes: ReadonlySet<string> = new Set([
  'validate',
  'validate_implementation',
  'review_code',
  'run_tests',
]);

/** The analysis from the task's type alone, for when no model answers. */
export function analysisOfType(taskType: string): Analysis {
  const mode: ExecutionMode = explorationTypes.has(taskType)
    ? 'exploration'
    : validationTypes.has(taskType)
      ? 'validation'
      : 'implementation';
  const code = mode === 'implementation';
  return {
    execution_mode: mode,
    output_type: mode === 'exploration' ? 'analysis' : mode === 'validation' ? 'tests' : 'code',
    requires_code_changes: code,
    requires_git_commit: code,
    requires_git_push: code,
    requires_pull_request: code,
    requires_tests: mode !== 'exploration',
    reasoning: `From the task's type, ${taskType}.`,
  };
}

/** The role of an agent in a phase of the board (EXEC-11). Every role but the implementer only reads. */
export function roleOfPhase(phaseId: string): string {
  const roles: Record<string, string> = {
    PHASE_REQUIREMENTS: 'planner',
    PHASE_DESIGN: 'planner',
    PHASE_TESTING: 'validator',
    PHASE_DONE: 'coordinator',
    PHASE_BLOCKED: 'diagnostician',
  };
  return roles[phaseId] ?? 'implementer';
}

/**
 * The role of a run (EXEC-11): that of its task's phase, or what its kind does. Null: it works for another run.
 * @param phase of the board, for a task.
 */
export function roleOfRun({ kind, phase }: { kind: string; phase: string | null }): string | null {
  if (kind === 'task') return roleOfPhase(phase ?? 'PHASE_IMPLEMENTATION');
  return { phase: 'planner', validation: 'validator', merge: 'implementer' }[kind] ?? null;
}

/** The analysis of a task in its phase: only an implementer changes code, whatever its type or a model says (EXEC-11). */
export function withinRole(phaseId: string, analysis: Analysis): Analysis {
  const role = roleOfPhase(phaseId);
  if (role === 'implementer' || analysis.execution_mode !== 'implementation') return analysis;
  const readOnly = analysisOfType(role === 'validator' ? 'run_tests' : 'investigate');
  return { ...readOnly, reasoning: `Work of ${phaseId} only reads. ${analysis.reasoning}` };
}
