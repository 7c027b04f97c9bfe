import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { AppError } from '#workflows/domain/errors.ts';
import { eventProblem, type NewEvent } from '#workflows/domain/events/catalogue.ts';
import { changeTexts, storableJson } from '#workflows/domain/text.ts';
import { databaseAway, isUnavailable, isUniqueViolation, type Database } from '../client.ts';
import { Prisma, type PrismaClient } from '../generated/client.ts';
import { auditEvents } from './audit-events.ts';
import { noticesSql } from './notices-sql.ts';
import { hasMessages, raiseAlerts } from './raise-alerts.ts';

export type Transaction = Prisma.TransactionClient;
export type Emit = (event: NewEvent) => void;

export interface StoreCore {
  prisma: PrismaClient;
  /**
   * Makes a change and stores its events in one transaction. It must be short and do no other I/O: on the embedded
   * database an open transaction blocks every other caller. It is made again when another process has meanwhile created
   * the row that it creates.
   */
  change<T>(work: (tx: Transaction, emit: Emit) => Promise<T>): Promise<T>;
  /** Runs one statement in one round trip: a complete step of a turn. organizationId is needed if it stores events. */
  statement<R extends pg.QueryResultRow>(sql: Prisma.Sql, organizationId?: string): Promise<R[]>;
  /** Checks events by their schemas and returns them without known secrets, for events that a statement stores. */
  checked(events: NewEvent[]): NewEvent[];
  read<T>(work: (prisma: PrismaClient) => Promise<T>): Promise<T>;
  /**
   * Emits an event without any other change, once, however often its step is repeated.
   * @param mark fields of the event's data that identify it among the events of its type and entity.
   */
  emitOnce(event: NewEvent, mark: Record<string, unknown>): Promise<void>;
}

/**
 * A value as a jsonb parameter of a statement. Its escapes must be cleaned here: the driver sees plain text and cannot
 * tell JSON from other text.
 */
export const jsonParameter = (value: unknown) => storableJson(JSON.stringify(value));

/**
 * CTEs that number events within their organization and store them. The row lock on the organization makes numbers
 * follow the order of commits, so that a reader who has event n has all events before it.
 * @param when condition on the events to store, by `position` (1..n). It can also make the organization's lock last.
 */
export function eventsSql(organizationId: string, events: NewEvent[], when = Prisma.sql`true`): Prisma.Sql {
  const rows = events.map(({ type, project_id, entity, data }, i) => ({
    position: i + 1,
    id: randomUUID(),
    type,
    project_id: project_id ?? null,
    entity_kind: entity.kind,
    entity_id: entity.id,
    data,
  }));
  return Prisma.sql`
    _list AS (SELECT e.*, row_number() OVER (ORDER BY e.position)::int AS n FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb)
      AS e(position int, id uuid, type text, project_id uuid, entity_kind text, entity_id text, data jsonb) WHERE ${when}),
    _seq AS (UPDATE organizations SET event_seq = event_seq + (SELECT count(*) FROM _list)
      WHERE id = ${organizationId}::uuid AND EXISTS (SELECT 1 FROM _list)
      RETURNING event_seq - (SELECT count(*) FROM _list) AS base),
    _events AS (INSERT INTO events (organization_id, seq, id, type, project_id, entity_kind, entity_id, data)
      SELECT ${organizationId}::uuid, _seq.base + n, _list.id, type, project_id, entity_kind, entity_id, data FROM _list, _seq)`;
}

/** The same as a whole statement, which tells people of the events too. `told`: whether it may have told somebody. */
function storeEvents(
  organizationId: string,
  events: NewEvent[],
  when?: Prisma.Sql,
): { sql: Prisma.Sql; told: boolean } {
  const stored = eventsSql(organizationId, events, when);
  const notices = noticesSql(organizationId, events);
  return {
    sql: notices ? Prisma.sql`WITH ${stored}, ${notices} SELECT 1` : Prisma.sql`WITH ${stored} SELECT 1`,
    told: notices !== undefined,
  };
}

export interface StoreCoreOptions {
  /** Called after the commit with each organization that has new events. `told`: somebody may have to be told of them. */
  notify: (organizationId: string, told: boolean) => void;
  /** Called after the commit with the events of a change. Those of a turn's statements are not among them. */
  published?: (events: readonly NewEvent[]) => void;
  /** Removes known secrets from the texts of an event. */
  redact?: (text: string) => string;
  /** Called with an event that does not match its schema, before it is stored; throw to refuse it. */
  invalidEvent: (problem: string) => void;
}

export function createStoreCore(
  db: Database,
  { notify, published, invalidEvent, redact }: StoreCoreOptions,
): StoreCore {
  function checked(events: NewEvent[]): NewEvent[] {
    for (const event of events) {
      const problem = eventProblem(event);
      if (problem) invalidEvent(problem);
    }
    return redact ? changeTexts(events, redact) : events;
  }

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) && isUnavailable(error)) throw databaseAway();
      throw error;
    }
  }

  const statement: StoreCore['statement'] = (sql, organizationId) =>
    guarded(async () => {
      const rows = await db.statement(sql);
      if (organizationId) notify(organizationId, false);
      return rows as never;
    });

  return {
    prisma: db.prisma,
    read: (work) => guarded(() => work(db.prisma)),
    statement,
    checked,

    emitOnce: async (event, mark) => {
      const { organization_id: organizationId, entity, type } = event;
      const isNew = Prisma.sql`
        NOT EXISTS (
          SELECT 1
          FROM events
          WHERE organization_id = ${organizationId}::uuid
            AND entity_kind = ${entity.kind}
            AND entity_id = ${entity.id}
            AND type = ${type}
            AND data @> ${jsonParameter(redact ? changeTexts(mark, redact) : mark)}::jsonb
        )`;
      const { sql, told } = storeEvents(organizationId, checked([event]), isNew);
      await statement(sql);
      notify(organizationId, told);
    },

    change: (work) => {
      const once = async () => {
        const touched = new Map<string, boolean>();
        let events: NewEvent[] = [];
        const result = await db.prisma.$transaction(async (tx) => {
          touched.clear();
          const emitted: NewEvent[] = [];
          const emit = (event: NewEvent) => emitted.push(event);
          const value = await work(tx, emit);
          await raiseAlerts(tx, [...emitted], emit);
          events = checked(emitted);
          // Last, since it locks the organization's row until the commit.
          for (const organizationId of new Set(events.map((event) => event.organization_id))) {
            const own = events.filter((event) => event.organization_id === organizationId);
            const { sql, told } = storeEvents(organizationId, own);
            await tx.$executeRaw(sql);
            touched.set(organizationId, told || own.some(hasMessages));
          }
          await auditEvents(tx, events);
          return value;
        });
        touched.forEach((told, organizationId) => notify(organizationId, told));
        published?.(events);
        return result;
      };
      // Between a look for a row and its creation another process may create it: the second look finds it.
      return guarded(() =>
        once().catch((error: unknown) => (isUniqueViolation(error) ? once() : Promise.reject(error))),
      );
    },
  };
}
