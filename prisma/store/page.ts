import { AppError } from '#workflows/domain/errors.ts';
import type { StoreCore } from './core.ts';

export interface PageQuery {
  /** Rows of a page: 1 to 200 (API-02), up to 1,000 for events and turns. */
  limit: number;
  /** next_cursor of the previous page. */
  cursor?: string;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

interface Position {
  created_at: Date;
  id: string;
}

const encode = (row: Position) => Buffer.from(`${row.created_at.toISOString()}|${row.id}`).toString('base64url');

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** The id of a row that is named by a business key, such as `run:turn`. */
export const businessKey = /^[\x20-\x7e]{1,200}$/;

function decode(cursor: string, idPattern: RegExp): Position {
  const [, at = '', id = ''] = /^([^|]*)\|([^]*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const created_at = new Date(at);
  if (Number.isNaN(created_at.getTime()) || !idPattern.test(id))
    throw new AppError('invalid_body', 'Invalid cursor: pass next_cursor of the previous page unchanged.', [
      { field: 'cursor', message: 'pass next_cursor of the previous page unchanged' },
    ]);
  return { created_at, id };
}

/** One page, newest first. A cursor is a position, not a count, so that new rows do not shift the pages. */
export async function pageOf<T extends Position>(
  page: PageQuery,
  find: (query: { where: object; orderBy: [{ created_at: 'desc' }, { id: 'desc' }]; take: number }) => Promise<T[]>,
  idPattern = uuid,
): Promise<Page<T>> {
  const after = page.cursor ? decode(page.cursor, idPattern) : undefined;
  const where = after
    ? { OR: [{ created_at: { lt: after.created_at } }, { created_at: after.created_at, id: { lt: after.id } }] }
    : {};
  const rows = await find({ where, orderBy: [{ created_at: 'desc' }, { id: 'desc' }], take: page.limit + 1 });
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > page.limit && last ? encode(last) : null };
}

/** A filter for rows whose title contains the text or whose key equals it; all rows without a text. */
export const titleOrKey = (search: string | undefined) =>
  search
    ? { OR: [{ title: { contains: search, mode: 'insensitive' as const } }, { key: { equals: search.toUpperCase() } }] }
    : {};

/** The number of tickets or tasks in each status, for the given project or spec and search text. */
export const countByStatus =
  (core: StoreCore, table: 'task' | 'ticket') =>
  (organizationId: string, filter: { project_id?: string; spec_id?: string }, search?: string) =>
    core.read(async (db) => {
      const where = { AND: [{ organization_id: organizationId, ...filter }, titleOrKey(search)] };
      const rows =
        table === 'task'
          ? await db.task.groupBy({ by: ['status'], where, _count: true })
          : await db.ticket.groupBy({ by: ['status'], where, _count: true });
      return rows.map((row) => ({ status: row.status, count: row._count }));
    });
