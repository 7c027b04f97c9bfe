/** The loops that the watchdog watches, with the workflow type of each. `heartbeats` watches an organization's agents. */
export const monitorTypes = {
  guardian: 'guardianWorkflow',
  conductor: 'conductorWorkflow',
  health: 'healthWorkflow',
  heartbeats: 'heartbeatWorkflow',
} as const;
export type Monitor = keyof typeof monitorTypes;
export const monitors = Object.keys(monitorTypes) as [Monitor, ...Monitor[]];

/**
 * What is wrong with a loop. no_heartbeat: it should run and does not. unresponsive: its worker fails again and again to
 * go on with it. missed_heartbeats: three cycles in a row did not end, and no step of it is under way.
 */
export const monitorIssues = ['no_heartbeat', 'unresponsive', 'missed_heartbeats'] as const;
export type MonitorIssue = (typeof monitorIssues)[number];

export const remedies = ['monitor_restart', 'monitor_failover', 'escalate'] as const;
export type Remedy = (typeof remedies)[number];
/** started: under way, or its process died. open: an escalation that waits for a person, or for the loop's return. */
export const remedyStatuses = ['started', 'done', 'failed', 'open'] as const;

interface Policy {
  name: Remedy;
  issues: readonly MonitorIssue[];
  /** Seconds from one attempt to the next. */
  every_seconds: number;
  /** Attempts within an hour; null: once until the loop is back. */
  attempts: number | null;
  what: string;
}

/** WATCH-11: what is done about a loop, in this order. */
export const watchdogPolicies: readonly Policy[] = [
  {
    name: 'monitor_restart',
    issues: ['no_heartbeat', 'unresponsive'],
    every_seconds: 60,
    attempts: 2,
    what: 'Ends what is left of the loop and starts it again.',
  },
  {
    name: 'monitor_failover',
    issues: ['unresponsive'],
    every_seconds: 60,
    attempts: 1,
    what: 'Takes the loop from its worker, where another one is there to go on with it.',
  },
  { name: 'escalate', issues: monitorIssues, every_seconds: 0, attempts: null, what: 'Asks a person, by an alert.' },
];

/** Looks in a row that must find an issue before anything is done: a loop may be about to start. */
const looksBefore: Record<MonitorIssue, number> = { no_heartbeat: 2, unresponsive: 3, missed_heartbeats: 1 };
/** Failed tries of one step of the workflow: a worker that stops once, or a machine that is slow, makes fewer. */
const failedTries = 3;

/** A loop as Temporal knows it. */
export interface LoopState {
  running: boolean;
  /** Number of the try at the workflow task under way; 0 without one. */
  task_attempt: number;
  /** Number of the try at the activity under way; 0 without one. */
  step_attempt: number;
}

/**
 * What is wrong with a loop, by what Temporal knows of it, so that no two clocks decide.
 * @param overdue seconds since its cycle was due, by the database's clock; below 0 before; null where it counts none.
 * @param interval seconds between its cycles.
 */
export function issueOf(
  { running, task_attempt: task, step_attempt: step }: LoopState,
  { overdue, interval }: { overdue: number | null; interval: number },
): MonitorIssue | null {
  if (!running) return 'no_heartbeat';
  if (task >= failedTries) return 'unresponsive';
  // A step in its first try is slow, not gone.
  if (overdue !== null && overdue > 3 * interval && step !== 1) return 'missed_heartbeats';
  return null;
}

/** Whether an issue was found often enough. @param looks in a row, this one included. */
export const isCertain = (issue: MonitorIssue, looks: number): boolean => looks >= looksBefore[issue];

/** An earlier act on a loop within the last hour. */
export interface EarlierRemedy {
  policy: Remedy;
  age_seconds: number;
}

/**
 * What to do about a loop now; null: wait until the last remedy has had its time.
 * @param earlier acts of the watchdog on the loop within the last hour. @param hasPeer whether another worker is there.
 */
export function remedyFor(issue: MonitorIssue, earlier: readonly EarlierRemedy[], hasPeer: boolean): Remedy | null {
  const newest = Math.min(...earlier.map(({ age_seconds: age }) => age), Infinity);
  for (const { name, issues, every_seconds: every, attempts } of watchdogPolicies) {
    if (!issues.includes(issue) || (name === 'monitor_failover' && !hasPeer)) continue;
    if (attempts !== null && earlier.filter(({ policy }) => policy === name).length >= attempts) continue;
    return newest < every ? null : name;
  }
  return null;
}
