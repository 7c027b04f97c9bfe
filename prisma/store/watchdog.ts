import { z } from 'zod';
import { authority } from '#workflows/domain/agents/agent.ts';
import {
  monitorIssues,
  monitors,
  remedies,
  remedyStatuses,
  type EarlierRemedy,
  type LoopState,
  type Monitor,
  type MonitorIssue,
  type Remedy,
} from '#workflows/domain/watch/watchdog.ts';
import type { WatchdogAction as ActionRow } from '../generated/client.ts';
import { activeStates } from './active-runs.ts';
import type { StoreCore } from './core.ts';
import { asJson, record, typed, type Typed } from './json.ts';
import { pageOf, type PageQuery } from './page.ts';

const actionJson = {
  monitor: z.enum(monitors),
  issue: z.enum(monitorIssues).nullable(),
  policy: z.enum(remedies),
  status: z.enum(remedyStatuses),
  before: record<LoopState>(),
  after: record<LoopState>().nullable(),
};
export type WatchdogAction = Typed<ActionRow, typeof actionJson>;
const actionRow = typed<ActionRow, typeof actionJson>(actionJson);

/** A loop that should run. */
export interface ExpectedLoop {
  monitor: Monitor;
  organization_id: string;
  /** Null: it watches the agents of its organization. */
  project_id: string | null;
  /** When its newest cycle ended, within the work that runs now. */
  last_beat_at: Date | null;
  /** Seconds since its cycle was due, by the database's clock, below 0 before; null: it counts no cycles. */
  overdue: number | null;
  interval: number;
}

export interface NewRemedy {
  id: string;
  monitor: Monitor;
  workflow_id: string;
  organization_id: string;
  project_id: string | null;
  issue: MonitorIssue | null;
  policy: Remedy;
  actor: string;
  authority: number;
  reason: string;
  before: LoopState;
}

const about = (action: WatchdogAction) => ({
  organization_id: action.organization_id,
  project_id: action.project_id ?? undefined,
  entity: action.project_id
    ? { kind: 'project', id: action.project_id }
    : { kind: 'organization', id: action.organization_id },
});
const told = ({ id, monitor, workflow_id, policy, issue, actor }: WatchdogAction) => ({
  ...{ action_id: id, monitor, workflow_id, policy, issue, by: actor },
});

/** The loops that the watchdog watches, and what it does about them. */
export function watchdogStore(core: StoreCore) {
  return {
    /**
     * The loops that should run: those of projects where agents work on tasks, and of organizations whose agents run
     * elsewhere. @param intervals seconds between the cycles of each loop, for one that has ended none yet.
     * @param organizationId only of this one; null: of all.
     */
    expected: (organizationId: string | null, intervals: Record<Exclude<Monitor, 'heartbeats'>, number>) =>
      core.read(async (db): Promise<ExpectedLoop[]> => {
        const [loops, watched] = await Promise.all([
          db.$queryRaw<(ExpectedLoop & { interval: number })[]>`
            SELECT
              kind.loop AS monitor, p.organization_id, p.id AS project_id, cycle.created_at AS last_beat_at,
              coalesce(cycle.interval_seconds, kind.seconds)::float8 AS interval,
              extract(epoch FROM clock_timestamp() - greatest(cycle.created_at, work.since))::float8
                - coalesce(cycle.interval_seconds, kind.seconds)::float8 AS overdue
            FROM projects p
            CROSS JOIN LATERAL (
              SELECT min(r.started_at) AS since
              FROM runs r
              WHERE r.project_id = p.id AND r.status = ANY(${activeStates}) AND r.kind = 'task'
            ) work
            CROSS JOIN (VALUES
              ('guardian', ${intervals.guardian}::float8),
              ('conductor', ${intervals.conductor}::float8),
              ('health', ${intervals.health}::float8)
            ) kind (loop, seconds)
            LEFT JOIN LATERAL (
              SELECT c.created_at, c.interval_seconds
              FROM watch_cycles c
              WHERE c.project_id = p.id AND c.loop = kind.loop AND c.created_at >= work.since
              ORDER BY c.created_at DESC
              LIMIT 1
            ) cycle ON true
            WHERE work.since IS NOT NULL
              AND (${organizationId}::uuid IS NULL OR p.organization_id = ${organizationId}::uuid)
            ORDER BY p.id, kind.loop`,
          db.agent.groupBy({
            by: ['organization_id'],
            where: {
              ...(organizationId ? { organization_id: organizationId } : {}),
              elsewhere: true,
              status: { notIn: ['quarantined', 'terminated'] },
              escalated_at: null,
            },
          }),
        ]);
        return [
          ...loops,
          ...watched.map(({ organization_id }) => ({
            monitor: 'heartbeats' as const,
            ...{ organization_id, project_id: null, last_beat_at: null, overdue: null, interval: 0 },
          })),
        ];
      }),

    /**
     * What the watchdog did about a loop within the last hour, by the database's clock; whether a person is asked; and
     * the act that was begun and has no end yet.
     */
    earlier: (workflowId: string) =>
      core.read(async (db) => {
        const own = { workflow_id: workflowId, authority: authority.watchdog };
        const earlier = await db.$queryRaw<EarlierRemedy[]>`
          SELECT policy, extract(epoch FROM clock_timestamp() - created_at)::float8 AS age_seconds
          FROM watchdog_actions
          WHERE workflow_id = ${workflowId} AND authority = ${authority.watchdog}
            AND created_at > clock_timestamp() - interval '1 hour'`;
        const begun = await db.watchdogAction.findFirst({ where: { ...own, status: 'started' } });
        const escalated = (await db.watchdogAction.count({ where: openOf(workflowId) })) > 0;
        return { earlier, escalated, begun: begun && actionRow(begun) };
      }),
    /** The loops of which a person was told, and that were not seen to be back since. */
    escalated: (): Promise<string[]> =>
      core.read(async (db) => {
        const rows = await db.watchdogAction.findMany({ where: { status: 'open' }, select: { workflow_id: true } });
        return rows.map(({ workflow_id }) => workflow_id);
      }),

    /** Stores a remedy before it is tried; an escalation is told. A repeated call finds the first. */
    open: (remedy: NewRemedy): Promise<WatchdogAction> =>
      core.change(async (tx, emit) => {
        const known = await tx.watchdogAction.findUnique({ where: { id: remedy.id } });
        if (known) return actionRow(known);
        const escalates = remedy.policy === 'escalate';
        const row = actionRow(
          await tx.watchdogAction.create({
            data: { ...remedy, before: asJson(remedy.before), status: escalates ? 'open' : 'started' },
          }),
        );
        const type = escalates ? 'watchdog.escalation' : 'watchdog.remediation.started';
        emit({ ...about(row), type, data: told(row) });
        return row;
      }),
    /** Stores how a remedy ended. @param error why the loop is not back; null: it is. */
    end: (id: string, after: LoopState | null, error: string | null): Promise<WatchdogAction> =>
      core.change(async (tx, emit) => {
        const { count } = await tx.watchdogAction.updateMany({
          where: { id, status: 'started' },
          data: {
            ...{ status: error === null ? 'done' : 'failed', error, ended_at: new Date() },
            ...(after ? { after: asJson(after) } : {}),
          },
        });
        const row = actionRow(await tx.watchdogAction.findUniqueOrThrow({ where: { id } }));
        if (count > 0)
          emit({
            ...about(row),
            type: 'watchdog.remediation.ended',
            data: { ...told(row), ok: error === null, error },
          });
        return row;
      }),
    /** A loop of which a person was told is back. */
    recovered: (workflowId: string, after: LoopState): Promise<void> =>
      core.change(async (tx, emit) => {
        const rows = await tx.watchdogAction.updateManyAndReturn({
          where: openOf(workflowId),
          data: { status: 'done', after: asJson(after), ended_at: new Date() },
        });
        for (const row of rows.map(actionRow))
          emit({ ...about(row), type: 'watchdog.escalation.ended', data: told(row) });
      }),

    page: (organizationId: string | null, filter: { project_id?: string; monitor?: Monitor }, page: PageQuery) =>
      core.read(async (db) => {
        const found = await pageOf(page, ({ where, orderBy, take }) =>
          db.watchdogAction.findMany({
            where: { AND: [{ ...(organizationId ? { organization_id: organizationId } : {}), ...filter }, where] },
            orderBy,
            take,
          }),
        );
        return { ...found, items: found.items.map(actionRow) };
      }),
  };
}

const openOf = (workflowId: string) => ({ workflow_id: workflowId, status: 'open' });
