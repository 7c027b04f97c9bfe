import type { StoreCore } from './core.ts';

/** The run waits for the end of its provider's pause. */
const isHeld = (
  run: { provider: string; status: string; waiting_reason: string | null },
  pause: { provider: string; message: string },
) => run.status === 'paused' && run.provider === pause.provider && run.waiting_reason === pause.message;

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

    /** Counts of the runs since a time, the failed runs with reasons, and everything that waits for a person. */
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
        const runs = await db.run.findMany({
          where: {
            organization_id: organizationId,
            OR: [{ status: 'paused' }, { status: 'waiting', waiting_for: { in: ['person', 'budget'] } }],
          },
          orderBy: { created_at: 'asc' },
          take: 50,
        });
        const pauses = await db.modelPause.findMany({ where: { organization_id: organizationId } });
        const specs = await db.spec.findMany({
          where: { organization_id: organizationId, waiting_for: { in: ['gate', 'person'] } },
          orderBy: { created_at: 'asc' },
          take: 50,
        });
        const tickets = await db.ticket.findMany({
          where: { organization_id: organizationId, needs_review: true, status: { notIn: ['done', 'cancelled'] } },
          orderBy: { created_at: 'asc' },
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
          waiting: [
            ...specs.map((spec) => ({
              kind: spec.waiting_for === 'gate' ? 'gate' : 'spec',
              id: spec.id,
              title: spec.title,
              reason: spec.last_error ?? spec.current_phase,
            })),
            // A provider that refuses all its runs is one matter for a person. Resuming the run that met it resumes all.
            ...pauses.map((pause) => ({
              kind: 'run',
              id: pause.run_id,
              title: `All runs of ${pause.provider}`,
              reason: pause.message,
            })),
            ...runs
              .filter((run) => !pauses.some((pause) => isHeld(run, pause)))
              .map((run) => ({
                kind: 'run',
                id: run.id,
                title: run.title,
                reason: run.waiting_reason ?? run.waiting_for ?? run.status,
              })),
            ...tickets.map((ticket) => ({
              kind: 'ticket',
              id: ticket.id,
              title: `${ticket.key}: ${ticket.title}`,
              reason: ticket.last_error ?? 'needs review',
            })),
          ],
        };
      }),
  };
}
