import { statusPath } from './ticket-moves.ts';

/** A result that a phase should bring: an artifact of this type, whose path fits the pattern and whose content the rule. */
export interface ExpectedOutput {
  type: string;
  /** Glob of its path; absent: any. */
  pattern?: string;
  /** Whether the gate is closed while it is missing, or while a number of its rule was not measured. */
  required: boolean;
  /** Conditions that are joined by `and`; see `gate-rules.ts`. Absent: it has to be there. */
  validation_rule?: string;
}

/** One line of what "done" means in a phase. */
export interface DoneDefinition {
  text: string;
  /** Read against everything that is known of the phase. Absent: only a person or an agent can confirm it. */
  rule?: string;
  /** Whether the gate is closed while nothing has shown it. What is shown to be false closes it always. */
  required: boolean;
}

/** A phase of the board, as a project defines it (PLAN-25). */
export interface BoardPhase {
  id: string;
  name: string;
  sequence_order: number;
  /** The status that tickets have in it. */
  status: string;
  allowed_transitions: string[];
  done_definitions: DoneDefinition[];
  expected_outputs: ExpectedOutput[];
  /** Added to the description of each task that the phase seeds. */
  phase_prompt: string;
  next_steps_guide: string[];
  /** The type of the task that is seeded in it; null: none. */
  seed: string | null;
  /** Limits of its seeded tasks; null: as for all tasks. */
  timeout_seconds: number | null;
  max_retries: number | null;
}

export const phaseIdPattern = /^PHASE_[A-Z0-9][A-Z0-9_]{0,57}$/;

const phase = (
  sequence_order: number,
  id: string,
  name: string,
  status: string,
  next: string[],
  more: Partial<BoardPhase> = {},
): BoardPhase => ({
  id,
  name,
  sequence_order,
  status,
  allowed_transitions: next,
  done_definitions: [],
  expected_outputs: [],
  phase_prompt: '',
  next_steps_guide: [],
  seed: null,
  timeout_seconds: null,
  max_retries: null,
  ...more,
});

/** The phases of a project that has changed none of them. */
export const boardPhases: readonly BoardPhase[] = [
  phase(0, 'PHASE_BACKLOG', 'Backlog', 'backlog', ['PHASE_REQUIREMENTS', 'PHASE_IMPLEMENTATION', 'PHASE_BLOCKED'], {
    next_steps_guide: ['Move the ticket to Requirements to plan it, or straight to Implementation.'],
  }),
  phase(
    1,
    'PHASE_REQUIREMENTS',
    'Requirements',
    'analyzing',
    ['PHASE_DESIGN', 'PHASE_IMPLEMENTATION', 'PHASE_BLOCKED'],
    {
      seed: 'analyze_requirements',
      expected_outputs: [
        {
          type: 'requirements_document',
          required: true,
          validation_rule: 'length >= 500 and scope and acceptance_criteria',
        },
      ],
      phase_prompt: 'Read the code and the ticket. Write down scope, acceptance criteria, decisions and risks.',
      next_steps_guide: ['Design what the requirements ask for.'],
    },
  ),
  phase(2, 'PHASE_DESIGN', 'Design', 'analyzing', ['PHASE_IMPLEMENTATION', 'PHASE_BLOCKED'], {
    seed: 'create_design',
    expected_outputs: [{ type: 'design_document', required: true, validation_rule: 'length >= 1' }],
    phase_prompt: 'Design the components, their interfaces and their data. Write down decisions and risks.',
    next_steps_guide: ['Build what the design names.'],
  }),
  phase(3, 'PHASE_IMPLEMENTATION', 'Implementation', 'building', ['PHASE_TESTING', 'PHASE_DONE', 'PHASE_BLOCKED'], {
    seed: 'implement_feature',
    expected_outputs: [{ type: 'code_changes', required: true, validation_rule: 'has_tests and test_coverage >= 80' }],
    done_definitions: [{ text: 'The checks of the project passed.', rule: 'all_passed', required: false }],
    phase_prompt: 'Build it with its tests.',
    next_steps_guide: ['Test the ticket as a whole.'],
  }),
  phase(
    4,
    'PHASE_TESTING',
    'Testing',
    'testing',
    ['PHASE_DEPLOYMENT', 'PHASE_IMPLEMENTATION', 'PHASE_DONE', 'PHASE_BLOCKED'],
    {
      seed: 'run_tests',
      expected_outputs: [
        { type: 'test_results', required: true, validation_rule: 'all_passed' },
        { type: 'test_evidence', required: true },
      ],
      done_definitions: [{ text: 'At least three tests pass.', rule: 'passed >= 3', required: false }],
      phase_prompt: 'Run the tests of the ticket and record their results.',
      next_steps_guide: ['Deploy it, or close the ticket.'],
    },
  ),
  phase(5, 'PHASE_DEPLOYMENT', 'Deployment', 'deploying', ['PHASE_DONE', 'PHASE_BLOCKED'], {
    seed: 'deploy',
    expected_outputs: [{ type: 'deployment_evidence', required: true }],
    phase_prompt: 'Deploy it and show that it runs.',
  }),
  phase(6, 'PHASE_DONE', 'Done', 'done', []),
  phase(7, 'PHASE_BLOCKED', 'Blocked', 'backlog', [
    'PHASE_BACKLOG',
    'PHASE_REQUIREMENTS',
    'PHASE_DESIGN',
    'PHASE_IMPLEMENTATION',
    'PHASE_TESTING',
  ]),
];

/** Phases by which the platform knows where a ticket begins and ends: nobody changes to what they lead. */
export const fixedPhases: readonly string[] = ['PHASE_DONE', 'PHASE_BLOCKED'];

/** The phases of a project in their order: its own definitions, and the usual ones that it has not changed. */
export function phasesOf(own: readonly BoardPhase[]): BoardPhase[] {
  const usual = boardPhases.filter(({ id }) => !own.some((mine) => mine.id === id));
  return [...usual, ...own].sort((a, b) => a.sequence_order - b.sequence_order || a.id.localeCompare(b.id));
}

/** The phase to which a ticket goes on by itself: the first allowed one that is later and is not a block. */
export const nextPhase = (phases: readonly BoardPhase[], from: BoardPhase): BoardPhase | undefined =>
  phases.find(
    ({ id, sequence_order: order }) =>
      id !== 'PHASE_BLOCKED' && order > from.sequence_order && from.allowed_transitions.includes(id),
  );

/** The type of the task that begins a phase. Requirements begin with the paper that they are drawn from, if there is none. */
export const seedOf = (phase: BoardPhase, artifacts: readonly { artifact_type: string }[]): string | null =>
  phase.id === 'PHASE_REQUIREMENTS' &&
  phase.seed === 'analyze_requirements' &&
  !artifacts.some(({ artifact_type: type }) => type === 'prd')
    ? 'generate_prd'
    : phase.seed;

/** Why a phase does not fit the others; undefined when it does. */
export function phaseProblem(
  phase: BoardPhase,
  phases: readonly BoardPhase[],
): { field: string; message: string } | undefined {
  const usual = boardPhases.find(({ id }) => id === phase.id);
  if (usual && usual.status !== phase.status)
    return { field: 'status', message: `of ${phase.id} is ${usual.status} and cannot be changed` };
  if (!usual && !customStatuses.includes(phase.status))
    return { field: 'status', message: `takes ${customStatuses.join(', ')}` };
  if (fixedPhases.includes(phase.id)) return undefined;
  const field = 'allowed_transitions';
  for (const id of phase.allowed_transitions) {
    const next = phases.find((one) => one.id === id);
    if (!next) return { field, message: `names ${id}, which is not a phase of the project` };
    if (id === phase.id) return { field, message: 'names the phase itself' };
    if (id !== 'PHASE_BLOCKED' && !statusPath(phase.status, next.status))
      return { field, message: `names ${id}: a ticket that is ${phase.status} cannot become ${next.status}` };
  }
  if (!phase.allowed_transitions.some((id) => id !== 'PHASE_BLOCKED'))
    return { field, message: 'must name a phase to which its tickets go on' };
  return undefined;
}

const customStatuses: readonly string[] = ['backlog', 'analyzing', 'building', 'testing', 'deploying'];
