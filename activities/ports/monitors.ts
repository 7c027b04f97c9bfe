import { workflowId } from '#workflows/contracts/ids.ts';
import { AppError } from '#workflows/domain/errors.ts';
import {
  issueOf,
  type LoopState,
  type Monitor,
  type MonitorIssue,
  type Remedy,
} from '#workflows/domain/watch/watchdog.ts';
import type { ExpectedLoop, NewRemedy, WatchdogAction } from '#prisma/store/watchdog.ts';
import type { Services } from './services.ts';

type Needs = Pick<Services, 'store' | 'workflows' | 'config'>;

export interface SeenLoop {
  monitor: Monitor;
  workflow_id: string;
  organization_id: string;
  project_id: string | null;
  last_beat_at: Date | null;
  /** Seconds since its cycle was due, below 0 before; null: it counts none, or nothing works there. */
  overdue: number | null;
  /** What Temporal knows of it; null: it was not asked, since the loop beats. */
  state: LoopState | null;
  issue: MonitorIssue | null;
}

interface Place {
  organization_id: string;
  project_id: string | null;
}

/** The id of a loop's workflow. @throws invalid_rule for a loop of projects without one. */
export function loopId(monitor: Monitor, { organization_id, project_id }: Place): string {
  if (monitor === 'heartbeats') return workflowId.heartbeats(organization_id);
  if (!project_id) throw new AppError('invalid_rule', `project_id: names the project of the ${monitor} loop.`);
  return workflowId[monitor](project_id);
}

/** Milliseconds after which a loop is asked for again that was started. */
const startMs = 200;

/**
 * Looks at the loops that run or should. Those that beat in time cost one query of the database and one of Temporal's
 * index for all of them; Temporal is asked about each of the others.
 * @param organizationId only of this one; null: of all.
 */
export async function lookAtMonitors({ store, workflows, config }: Needs, organizationId: string | null) {
  const { guardian_interval, conductor_interval, health_interval, watchdog_ttl } = config.monitoring;
  const intervals = { guardian: guardian_interval, conductor: conductor_interval, health: health_interval };
  const expected = await store.watchdog.expected(organizationId, intervals);
  const running = await workflows.runningLoops(organizationId);
  const listed = new Set(running.map(({ workflow_id: id }) => id));
  const look = async ({ overdue, interval, ...loop }: ExpectedLoop): Promise<SeenLoop> => {
    const workflow_id = loopId(loop.monitor, loop);
    const beats = listed.has(workflow_id) && overdue !== null && overdue <= watchdog_ttl;
    const state = beats ? null : await workflows.state(workflow_id);
    return { ...loop, workflow_id, overdue, state, issue: state && issueOf(state, { overdue, interval }) };
  };
  const seen: SeenLoop[] = [];
  for (const loop of expected) seen.push(await look(loop));
  const known = new Set(seen.map(({ workflow_id: id }) => id));
  const others = running.filter(({ workflow_id: id }) => !known.has(id));
  return [...seen, ...others.map((loop) => ({ ...loop, last_beat_at: null, overdue: null, state: null, issue: null }))];
}

/** Does what a policy says to a loop. @returns the loop as it is then. */
async function apply({ workflows }: Needs, policy: Remedy, { monitor, ...place }: Place & { monitor: Monitor }) {
  const id = loopId(monitor, place);
  if (policy === 'monitor_failover') {
    if ((await workflows.workers()) < 2)
      throw new AppError('conflict', 'No other worker is there that could go on with the loop. Start one.');
    await workflows.release(id);
  } else {
    await workflows.terminate(id, 'It did not go on, so it is started again.');
    if (monitor === 'heartbeats') await workflows.watchAgents(place.organization_id);
    else await workflows.ensureWatchers({ ...place, project_id: place.project_id ?? '' });
  }
  await new Promise((resolve) => setTimeout(resolve, startMs));
  const after = await workflows.state(id);
  if (!after.running) throw new AppError('unavailable', `${id} was started and does not run.`);
  return after;
}

/**
 * Does something about a loop, on record. A repeated call finds what the first stored, and brings it to its end.
 * @returns the act with its outcome: a remedy that fails is told, and not thrown.
 */
export async function remedy(services: Needs, act: NewRemedy): Promise<WatchdogAction> {
  const { store } = services;
  const opened = await store.watchdog.open(act);
  if (opened.status !== 'started') return opened;
  try {
    return await store.watchdog.end(act.id, await apply(services, act.policy, act), null);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return store.watchdog.end(act.id, null, error.message);
  }
}
