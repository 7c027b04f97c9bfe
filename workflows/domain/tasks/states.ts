import { nextStatuses } from '../transitions.ts';

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

const ticketOrder = ['pending_review', 'backlog', 'building', 'building-done', 'testing', 'done'];

/**
 * The statuses that a ticket passes on its way forward to `to`, in order; the last one is `to`. Empty when the table
 * has no way forward: the ticket is already there, is past it, or has ended.
 */
export function ticketPath(from: string, to: string): string[] {
  const start = ticketOrder.indexOf(from === 'analyzing' ? 'backlog' : from);
  if (start < 0) return [];
  const path = ticketOrder.slice(start + 1, ticketOrder.indexOf(to) + 1);
  const allowed = path.every((status, i) =>
    nextStatuses('ticket', i === 0 ? from : (path[i - 1] ?? '')).includes(status),
  );
  return allowed ? path : [];
}

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
