import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

interface Measures {
  tasks: { status: string; count: number }[];
  runs: { status: string; waiting_for: string | null; count: number }[];
  /**
   * Seconds that the oldest message has waited, for each channel; 0: none waits. Messages at Slack are not among them:
   * they may wait for the end of a person's quiet hours.
   */
  outbox: { channel: string; seconds: number }[];
  /** Seconds since the watcher last looked at the project that waits longest; 0: no project works. */
  loops: { loop: string; seconds: number }[];
}

/** What the installation does now, over all organizations: for its operators alone. */
export const measuresStore = (core: StoreCore) => ({
  measures: async (): Promise<Measures> => {
    const [row] = await core.statement<Measures & Record<string, unknown>>(Prisma.sql`
      WITH
        open_tasks AS (
          SELECT status, count(*)::int AS count
          FROM tasks
          WHERE status NOT IN ('completed', 'failed', 'cancelled')
            AND archived_at IS NULL
          GROUP BY status
        ),
        open_runs AS (
          SELECT status, waiting_for, count(*)::int AS count
          FROM runs
          WHERE ended_at IS NULL
          GROUP BY status, waiting_for
        ),
        waiting AS (
          SELECT 'mail' AS channel, min(created_at) AS since FROM mails WHERE state = 'waiting'
          UNION ALL
          SELECT 'alert', min(created_at) FROM alert_deliveries WHERE state = 'waiting'
        ),
        working AS (SELECT project_id, min(created_at) AS since FROM runs WHERE status = 'running' GROUP BY project_id),
        looked AS (
          SELECT loop, max(now() - greatest(working.since, newest)) AS age
          FROM working,
            LATERAL (
              SELECT loop, max(created_at) AS newest
              FROM watch_cycles
              WHERE watch_cycles.project_id = working.project_id
              GROUP BY loop
            ) AS cycles
          GROUP BY loop
        )
      SELECT
        coalesce((SELECT json_agg(open_tasks) FROM open_tasks), '[]') AS tasks,
        coalesce((SELECT json_agg(open_runs) FROM open_runs), '[]') AS runs,
        (SELECT json_agg(json_build_object('channel', channel, 'seconds', coalesce(extract(epoch FROM now() - since), 0))) FROM waiting) AS outbox,
        coalesce((SELECT json_agg(json_build_object('loop', loop, 'seconds', extract(epoch FROM age))) FROM looked), '[]') AS loops`);
    return row as Measures;
  },
});
