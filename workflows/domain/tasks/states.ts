import { AppError } from '../errors.ts';

/** The statuses that a task may move to, by its present one (EXEC-02). */
const taskTransitions = {
  pending: ['claiming', 'cancelled', 'failed'],
  claiming: ['assigned', 'pending', 'failed', 'cancelled'],
  assigned: ['running', 'pending', 'failed', 'cancelled'],
  running: ['pending_validation', 'completed', 'pending', 'failed', 'cancelled'],
  pending_validation: ['validating', 'completed', 'failed', 'cancelled'],
  validating: ['completed', 'needs_revision', 'pending_validation', 'failed', 'cancelled'],
  needs_revision: ['pending', 'cancelled', 'failed'],
  failed: ['pending', 'cancelled'],
  completed: [],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

export type TaskStatus = keyof typeof taskTransitions;
export const taskStatuses = Object.keys(taskTransitions) as TaskStatus[];
/** Whether a task has ended: completed, failed or cancelled. */
export const finishedTask = (status: string) => status === 'completed' || status === 'failed' || status === 'cancelled';

/**
 * @throws AppError `conflict` for a move that the table does not allow. A move to the same status is always allowed.
 */
export function checkTaskMove(from: string, to: string): void {
  if (from === to) return;
  const allowed = (taskTransitions[from as TaskStatus] ?? []) as readonly string[];
  if (!allowed.includes(to)) {
    throw new AppError(
      'conflict',
      `A task that is ${from} cannot become ${to}${allowed.length > 0 ? `; it may become ${allowed.join(', ')}` : ': it has ended'}.`,
    );
  }
}

/** Whether a project's tasks start without a request of a person (EXEC-04). */
export const startsByItself = (project: { status: string; autonomous_execution_enabled: boolean }) =>
  project.status === 'active' && project.autonomous_execution_enabled;

export const priorities = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW'] as const;
export type Priority = (typeof priorities)[number];

/** The priority one step more urgent; CRITICAL stays. */
export const boosted = (priority: Priority): Priority =>
  priorities[Math.max(0, priorities.indexOf(priority) - 1)] ?? priority;

/** The statuses that a ticket may move to, by its present one (PLAN-23 and PLAN-25). */
export const ticketTransitions: Record<string, readonly string[]> = {
  pending_review: ['backlog', 'cancelled'],
  backlog: ['analyzing', 'building', 'cancelled'],
  analyzing: ['building', 'cancelled'],
  building: ['building-done', 'testing', 'cancelled'],
  'building-done': ['testing', 'building', 'cancelled'],
  testing: ['building', 'done', 'cancelled'],
  done: [],
  cancelled: [],
};

const ticketOrder = ['pending_review', 'backlog', 'building', 'building-done', 'testing', 'done'];

/**
 * The statuses that a ticket passes on its way forward to `to`, in order; the last one is `to`. Empty when the table
 * has no way forward: the ticket is already there, is past it, or has ended.
 */
export function ticketPath(from: string, to: string): string[] {
  const start = ticketOrder.indexOf(from === 'analyzing' ? 'backlog' : from);
  if (start < 0) return [];
  const path = ticketOrder.slice(start + 1, ticketOrder.indexOf(to) + 1);
  const allowed = path.every((status, i) => ticketTransitions[i === 0 ? from : (path[i - 1] ?? '')]?.includes(status));
  return allowed ? path : [];
}

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
