/** Whether a task has ended: completed, failed or cancelled. */
export const finishedTask = (status: string) => status === 'completed' || status === 'failed' || status === 'cancelled';

/** Whether a project's tasks start without a request of a person (EXEC-04). */
export const startsByItself = (project: { status: string; autonomous_execution_enabled: boolean }) =>
  project.status === 'active' && project.autonomous_execution_enabled;

export const priorities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
export type Priority = (typeof priorities)[number];

/** The priority one step more urgent; CRITICAL stays. */
export const boosted = (priority: Priority): Priority =>
  priorities[Math.max(0, priorities.indexOf(priority) - 1)] ?? priority;

/** The phase of the board in which agents change code. */
export const workPhase = 'PHASE_IMPLEMENTATION';

export const phaseIdsOfBoard = [
  'PHASE_BACKLOG',
  'PHASE_REQUIREMENTS',
  'PHASE_DESIGN',
  'PHASE_IMPLEMENTATION',
  'PHASE_TESTING',
  'PHASE_DEPLOYMENT',
  'PHASE_DONE',
  'PHASE_BLOCKED',
] as const;

/** The states by which sandboxes are listed, with the statuses of tasks that count to each. */
export const sandboxStates = {
  running: ['claiming', 'assigned', 'running'],
  validating: ['validating'],
  awaiting_validation: ['pending_validation'],
  pending: ['pending', 'needs_revision'],
  completed: ['completed'],
  failed: ['failed'],
} as const;
export type SandboxState = keyof typeof sandboxStates;
export const sandboxStateNames = Object.keys(sandboxStates) as SandboxState[];
