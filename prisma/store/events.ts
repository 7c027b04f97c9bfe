import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import type { Event } from '../generated/client.ts';
import type { StoreCore } from './core.ts';

const envelope = (row: Event): EventEnvelope => ({
  seq: Number(row.seq),
  id: row.id,
  type: row.type,
  at: row.at.toISOString(),
  organization_id: row.organization_id,
  project_id: row.project_id,
  entity: { kind: row.entity_kind, id: row.entity_id },
  data: row.data as Record<string, unknown>,
});

export interface EventFilter {
  project_id?: string;
  types?: string[];
  entity_kinds?: string[];
  entity_ids?: string[];
  /** Kinds of reports from sandboxes, beside `types`. */
  reported?: string[];
}

const byType = ({ types, reported }: EventFilter) =>
  reported
    ? {
        OR: [
          { type: { in: types ?? [] } },
          ...reported.map((kind) => ({ type: 'sandbox.reported', data: { path: ['event_type'], equals: kind } })),
        ],
      }
    : { type: types && { in: types } };

export function eventsStore(core: StoreCore) {
  return {
    /** Events after a number, in ascending order. */
    after: (organizationId: string, seq: number, limit: number, filter: EventFilter = {}) =>
      core.read(async (db) => {
        const rows = await db.event.findMany({
          where: {
            organization_id: organizationId,
            seq: { gt: BigInt(seq) },
            project_id: filter.project_id,
            ...byType(filter),
            entity_kind: filter.entity_kinds && { in: filter.entity_kinds },
            entity_id: filter.entity_ids && { in: filter.entity_ids },
          },
          orderBy: { seq: 'asc' },
          take: limit,
        });
        return rows.map(envelope);
      }),

    /** Events before a number, newest first. */
    before: (
      organizationId: string,
      seq: number | undefined,
      limit: number,
      filter: EventFilter & { data?: { path: string; value: string } } = {},
    ) =>
      core.read(async (db) => {
        const rows = await db.event.findMany({
          where: {
            organization_id: organizationId,
            seq: seq === undefined ? undefined : { lt: BigInt(seq) },
            project_id: filter.project_id,
            type: filter.types && { in: filter.types },
            entity_kind: filter.entity_kinds && { in: filter.entity_kinds },
            entity_id: filter.entity_ids && { in: filter.entity_ids },
            data: filter.data && { path: [filter.data.path], equals: filter.data.value },
          },
          orderBy: { seq: 'desc' },
          take: limit,
        });
        return rows.map(envelope);
      }),

    /** The tasks that could start because this one was completed, oldest first. */
    unblockedBy: (organizationId: string, taskId: string) =>
      core.read(async (db) => {
        const rows = await db.event.findMany({
          where: {
            organization_id: organizationId,
            type: 'tasks.unblocked',
            data: { path: ['by'], array_contains: [taskId] },
          },
          orderBy: { seq: 'asc' },
          select: { data: true },
        });
        return rows.flatMap(({ data }) => (data as { unblocked_task_ids: string[] }).unblocked_task_ids);
      }),

    /** Number of the oldest event that is kept; the number of the next event when none is. */
    oldest: (organizationId: string) =>
      core.read(async (db) => {
        const [first, organization] = await Promise.all([
          db.event.findFirst({
            where: { organization_id: organizationId },
            orderBy: { seq: 'asc' },
            select: { seq: true },
          }),
          db.organization.findUnique({ where: { id: organizationId }, select: { event_seq: true } }),
        ]);
        return Number(first?.seq ?? (organization?.event_seq ?? 0n) + 1n);
      }),

    /** Number of the newest event; 0 when there is none. */
    newest: (organizationId: string) =>
      core.read(async (db) =>
        Number(
          (await db.organization.findUnique({ where: { id: organizationId }, select: { event_seq: true } }))
            ?.event_seq ?? 0n,
        ),
      ),
  };
}
