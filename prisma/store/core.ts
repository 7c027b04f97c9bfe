import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { AppError } from '#workflows/domain/errors.ts';
import type { NewEvent } from '#workflows/domain/events/catalogue.ts';
import { databaseAway, isUnavailable, type Database } from '../client.ts';
import type { Prisma, PrismaClient } from '../generated/client.ts';

export type Transaction = Prisma.TransactionClient;
export type Emit = (event: NewEvent) => void;

export interface StoreCore {
  prisma: PrismaClient;
  /**
   * A change and the events that tell of it, in one transaction. Short, and without I/O of any other kind:
   * on the embedded database an open transaction holds up everybody.
   */
  change<T>(work: (tx: Transaction, emit: Emit) => Promise<T>): Promise<T>;
  /** One statement that must be one round trip; `events` in it are numbered by `eventsCte`. */
  statement<R extends pg.QueryResultRow>(text: string, values: unknown[], organizationId?: string): Promise<R[]>;
  read<T>(work: (prisma: PrismaClient) => Promise<T>): Promise<T>;
}

export interface EventRow {
  id: string;
  type: string;
  project_id: string | null;
  entity_kind: string;
  entity_id: string;
  data: Record<string, unknown>;
}

export function eventRow(event: NewEvent): EventRow {
  return {
    id: randomUUID(),
    type: event.type,
    project_id: event.project_id ?? null,
    entity_kind: event.entity.kind,
    entity_id: event.entity.id,
    data: event.data,
  };
}

/**
 * Numbers events within their organization and stores them. The row lock on the organization makes numbers
 * follow the order of commits, so that a reader who has seen n has seen all before it.
 * @param organization parameter holding the id, e.g. `$1`
 * @param events parameter holding EventRow[] as JSON, e.g. `$2`
 */
export function eventsCte(organization: string, events: string): string {
  return `
    _list AS (SELECT e.*, e.position::int AS n FROM jsonb_to_recordset(${events}::jsonb)
      AS e(position int, id uuid, type text, project_id uuid, entity_kind text, entity_id text, data jsonb)),
    _seq AS (UPDATE organizations SET event_seq = event_seq + (SELECT count(*) FROM _list)
      WHERE id = ${organization}::uuid AND EXISTS (SELECT 1 FROM _list)
      RETURNING event_seq - (SELECT count(*) FROM _list) AS base),
    _events AS (INSERT INTO events (organization_id, seq, id, type, project_id, entity_kind, entity_id, data)
      SELECT ${organization}::uuid, _seq.base + n, _list.id, type, project_id, entity_kind, entity_id, data FROM _list, _seq)`;
}

export const eventsParameter = (events: EventRow[]) => JSON.stringify(events.map((event, i) => ({ position: i + 1, ...event })));

/** `notify` is told of every organization whose outbox grew, after the commit. */
export function createStoreCore(db: Database, notify: (organizationId: string) => void): StoreCore {
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AppError) && isUnavailable(error)) throw databaseAway();
      throw error;
    }
  }

  return {
    prisma: db.prisma,
    read: (work) => guarded(() => work(db.prisma)),

    change: (work) =>
      guarded(async () => {
        const touched = new Set<string>();
        const result = await db.prisma.$transaction(async (tx) => {
          touched.clear();
          const events: NewEvent[] = [];
          const value = await work(tx, (event) => events.push(event));
          // Last, since it holds the organization's row until the commit.
          for (const organizationId of new Set(events.map((event) => event.organization_id))) {
            const own = events.filter((event) => event.organization_id === organizationId).map(eventRow);
            await tx.$executeRawUnsafe(`WITH ${eventsCte('$1', '$2')} SELECT 1`, organizationId, eventsParameter(own));
            touched.add(organizationId);
          }
          return value;
        });
        touched.forEach(notify);
        return result;
      }),

    statement: (text, values, organizationId) =>
      guarded(async () => {
        const { rows } = await db.pool.query(text, values);
        if (organizationId) notify(organizationId);
        return rows as never;
      }),
  };
}
