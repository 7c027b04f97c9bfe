import type { StoreCore } from './core.ts';

type Counts = Record<string, number>;

const countsOf = (rows: { _count: number }[], name: string): Counts =>
  Object.fromEntries(rows.map((row) => [String((row as Record<string, unknown>)[name]), row._count]));

/** Counts of a project's work; what is archived does not count. */
export function projectStatsStore(core: StoreCore) {
  return {
    counts: (organizationId: string, projectId: string) =>
      core.read(async (db) => {
        const of = { organization_id: organizationId, project_id: projectId };
        const listed = { ...of, archived_at: null };
        const count = { where: listed, _count: true } as const;
        const [specs, tickets, phases, tasks, runs, commits] = [
          await db.spec.groupBy({ by: ['status'], ...count }),
          await db.ticket.groupBy({ by: ['status'], ...count }),
          await db.ticket.groupBy({ by: ['phase_id'], ...count }),
          await db.task.groupBy({ by: ['status'], ...count }),
          await db.run.groupBy({ by: ['status'], where: { ...of, ended_at: null }, _count: true }),
          await db.$queryRaw<{ number: number }[]>`
            SELECT count(DISTINCT sha)::int AS number FROM ticket_commits
            WHERE organization_id = ${organizationId}::uuid AND project_id = ${projectId}::uuid`,
        ];
        return {
          specs: countsOf(specs, 'status'),
          tickets: countsOf(tickets, 'status'),
          phases: countsOf(phases, 'phase_id'),
          tasks: countsOf(tasks, 'status'),
          agents: countsOf(runs, 'status'),
          commits: commits[0]?.number ?? 0,
        };
      }),
    /** Seconds from the start of each of the newest 50 finished specs to its pull request. */
    durations: (projectId: string) =>
      core.read(async (db) =>
        (
          await db.$queryRaw<{ seconds: number }[]>`
            SELECT extract(epoch FROM min(p.created_at) - s.started_at)::float8 AS seconds
            FROM specs s JOIN pull_requests p ON p.spec_id = s.id
            WHERE s.project_id = ${projectId}::uuid AND s.started_at IS NOT NULL
            GROUP BY s.id, s.started_at
            ORDER BY s.started_at DESC
            LIMIT 50`
        )
          .map(({ seconds }) => seconds)
          .filter((seconds) => seconds > 0),
      ),
  };
}
