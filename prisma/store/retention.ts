import { Prisma } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

/** Seconds that rows are kept. */
export interface Retention {
  events: number;
  watch_cycles: number;
  idempotency_keys: number;
  live_tickets: number;
  signin_attempts: number;
  sessions: number;
  audit_entries: number;
  mails: number;
  notifications: number;
}

/** On the embedded database a statement blocks every other caller, so it deletes few rows. */
const batch = 1000;

const tables = {
  watch_cycles: { time: 'created_at', kept: (keep: Retention) => keep.watch_cycles },
  idempotency_keys: { time: 'created_at', kept: (keep: Retention) => keep.idempotency_keys },
  live_tickets: { time: 'expires_at', kept: (keep: Retention) => keep.live_tickets },
  signin_challenges: { time: 'expires_at', kept: (keep: Retention) => keep.live_tickets },
  one_time_links: { time: 'expires_at', kept: (keep: Retention) => keep.live_tickets },
  oauth_states: { time: 'expires_at', kept: (keep: Retention) => keep.live_tickets },
  signin_attempts: { time: 'updated_at', kept: (keep: Retention) => keep.signin_attempts },
  sessions: { time: 'expires_at', kept: (keep: Retention) => keep.sessions },
  audit_entries: { time: 'created_at', kept: (keep: Retention) => keep.audit_entries },
  mails: { time: 'created_at', kept: (keep: Retention) => keep.mails },
  notifications: { time: 'created_at', kept: (keep: Retention) => keep.notifications },
  alerts: { time: 'resolved_at', kept: (keep: Retention) => keep.notifications },
  alert_deliveries: { time: 'ended_at', kept: (keep: Retention) => keep.notifications },
  mcp_invocations: { time: 'ended_at', kept: (keep: Retention) => keep.audit_entries },
  watchdog_actions: { time: 'ended_at', kept: (keep: Retention) => keep.audit_entries },
  monitor_anomalies: { time: 'created_at', kept: (keep: Retention) => keep.notifications },
  inbox_snoozes: { time: 'until', kept: (keep: Retention) => keep.live_tickets },
  rate_limits: { time: 'expire', kept: (keep: Retention) => keep.live_tickets },
};

/** Old rows of tables that only grow. Each statement deletes a few, so a repeated or cut run does no harm. */
export function retentionStore(core: StoreCore) {
  async function trimTable(table: keyof typeof tables, before: Date): Promise<number> {
    const name = Prisma.raw(table);
    const time = Prisma.raw(tables[table].time);
    for (let total = 0; ;) {
      const count = await core.read(
        (db) => db.$executeRaw`
          DELETE FROM ${name}
          WHERE ctid = ANY(ARRAY(
            SELECT ctid
            FROM ${name}
            WHERE ${time} < ${before}
            LIMIT ${batch}
          ))`,
      );
      total += count;
      if (count < batch) return total;
    }
  }

  /** Deletes the oldest events of an organization up to a number, so that the kept ones have no gap. */
  async function trimEvents(organizationId: string, before: Date): Promise<number> {
    for (let total = 0; ;) {
      const count = await core.read(
        (db) => db.$executeRaw`
          WITH oldest AS (
            SELECT seq, at
            FROM events
            WHERE organization_id = ${organizationId}::uuid
            ORDER BY seq
            LIMIT ${batch}
          )
          DELETE FROM events
          WHERE organization_id = ${organizationId}::uuid
            AND seq <= (SELECT max(seq) FROM oldest WHERE at < ${before})`,
      );
      total += count;
      if (count < batch) return total;
    }
  }

  return {
    trim: async (keep: Retention, now: Date): Promise<Record<string, number>> => {
      const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
      const deleted: Record<string, number> = {};
      for (const [table, { kept }] of Object.entries(tables))
        deleted[table] = await trimTable(table as keyof typeof tables, before(kept(keep)));
      const organizations = await core.read((db) => db.organization.findMany({ select: { id: true } }));
      let events = 0;
      for (const { id } of organizations) events += await trimEvents(id, before(keep.events));
      return { ...deleted, events };
    },
  };
}
