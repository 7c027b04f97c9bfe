import type { StoreCore } from './core.ts';

export function runReportStore(core: StoreCore) {
  return {
    /** The runs and tasks of a spec or of tickets that wait for money or a limit until a person acts, with the reason. */
    waitingForPerson: (organizationId: string, of: { spec_id: string } | { ticket_id: { in: string[] } }) =>
      core.read(async (db) => {
        const where = {
          ...{ organization_id: organizationId, ...of },
          ...{ waiting_for: { in: ['budget', 'person'] }, ended_at: null },
        };
        const found = {
          select: { ticket_id: true, waiting_for: true, waiting_reason: true },
          orderBy: { created_at: 'desc' },
        } as const;
        const [runs, tasks] = await Promise.all([
          db.run.findMany({ where: { ...where, status: 'waiting' }, ...found }),
          db.task.findMany({ where, ...found }),
        ]);
        return [...runs, ...tasks];
      }),

    /** How many runs work on each of these tickets now. */
    workingOn: (organizationId: string, ticketIds: string[]): Promise<Map<string, number>> =>
      core.read(async (db) => {
        if (ticketIds.length === 0) return new Map();
        const groups = await db.run.groupBy({
          by: ['ticket_id'],
          where: { organization_id: organizationId, ticket_id: { in: ticketIds }, status: 'running' },
          _count: true,
        });
        return new Map(groups.map((group) => [group.ticket_id ?? '', group._count]));
      }),

    /** Ids of all runs that wait for money. */
    waitingForBudget: (organizationId: string) =>
      core.read(async (db) => {
        const where = { organization_id: organizationId, waiting_for: 'budget', ended_at: null };
        return (await db.run.findMany({ where, select: { id: true } })).map(({ id }) => id);
      }),

    /** Limits that the night policy has raised since a time. */
    nightRaises: (organizationId: string, since: Date) =>
      core.read(
        (db) => db.$queryRaw<{ run_id: string; title: string; raised_micros: number; max_usd: number; at: Date }[]>`
          SELECT
            r.id::text AS run_id,
            r.title,
            b.night_micros AS raised_micros,
            (b.limit_micros / 1e6)::float8 AS max_usd,
            b.night_at AS at
          FROM budgets b
          JOIN runs r ON r.id::text = b.scope_id AND r.organization_id = b.organization_id
          WHERE b.organization_id = ${organizationId}::uuid
            AND b.scope_type = 'run'
            AND b.night_at >= ${since}
          ORDER BY b.night_at
          LIMIT 100`,
      ),

    /** Counts of the runs since a time, and the failed runs with reasons. */
    report: (organizationId: string, since: Date) =>
      core.read(async (db) => {
        const [n] = await db.$queryRaw<
          { started: bigint; completed: bigint; failed: bigint; cancelled: bigint; active: bigint; waiting: bigint }[]
        >`
          SELECT
            count(*) FILTER (WHERE started_at >= ${since}) AS started,
            count(*) FILTER (WHERE ended_at >= ${since} AND status = 'completed') AS completed,
            count(*) FILTER (WHERE ended_at >= ${since} AND status = 'failed') AS failed,
            count(*) FILTER (WHERE ended_at >= ${since} AND status = 'cancelled') AS cancelled,
            count(*) FILTER (WHERE status = 'running') AS active,
            count(*) FILTER (WHERE status IN ('waiting', 'paused')) AS waiting
          FROM runs
          WHERE organization_id = ${organizationId}::uuid`;
        const failed = await db.run.findMany({
          where: { organization_id: organizationId, status: 'failed', ended_at: { gte: since } },
          orderBy: { ended_at: 'desc' },
          take: 50,
        });
        const number = (value: bigint | undefined) => Number(value ?? 0n);
        return {
          counts: {
            started: number(n?.started),
            completed: number(n?.completed),
            failed: number(n?.failed),
            cancelled: number(n?.cancelled),
            active: number(n?.active),
            waiting: number(n?.waiting),
          },
          failures: failed.map((run) => ({
            run_id: run.id,
            title: run.title,
            reason: run.stop_reason ?? 'failed',
            message: run.error_message,
          })),
        };
      }),
  };
}
