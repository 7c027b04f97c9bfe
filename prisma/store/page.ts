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

const badCursor = () =>
  new AppError('invalid_body', 'Invalid cursor: pass next_cursor of the previous page unchanged.', [
    { field: 'cursor', message: 'pass next_cursor of the previous page unchanged' },
  ]);

function decode(cursor: string, idPattern: RegExp): Position {
  const [, at = '', id = ''] = /^([^|]*)\|([^]*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  const created_at = new Date(at);
  if (Number.isNaN(created_at.getTime()) || !idPattern.test(id)) throw badCursor();
  return { created_at, id };
}

/** A page of the query that `pageOf` makes. */
export interface PageFind<D extends 'asc' | 'desc'> {
  /** The rows beyond the cursor; no condition on the first page. */
  where: { OR?: { created_at: Date | { gt?: Date; lt?: Date }; id?: { gt?: string; lt?: string } }[] };
  orderBy: [{ created_at: D }, { id: D }];
  take: number;
}

async function ordered<T extends Position, D extends 'asc' | 'desc'>(
  page: PageQuery,
  direction: D,
  find: (query: PageFind<D>) => Promise<T[]>,
  idPattern: RegExp,
): Promise<Page<T>> {
  const from = page.cursor ? decode(page.cursor, idPattern) : undefined;
  const beyond = direction === 'asc' ? 'gt' : 'lt';
  const where: PageFind<D>['where'] = from
    ? {
        OR: [{ created_at: { [beyond]: from.created_at } }, { created_at: from.created_at, id: { [beyond]: from.id } }],
      }
    : {};
  const rows = await find({ where, orderBy: [{ created_at: direction }, { id: direction }], take: page.limit + 1 });
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > page.limit && last ? encode(last) : null };
}

/** One page, newest first. A cursor is a position, not a count, so that new rows do not shift the pages. */
export const pageOf = <T extends Position>(
  page: PageQuery,
  find: (query: PageFind<'desc'>) => Promise<T[]>,
  idPattern = uuid,
): Promise<Page<T>> => ordered(page, 'desc', find, idPattern);

/** One page, oldest first. */
export const pageFromOldest = <T extends Position>(
  page: PageQuery,
  find: (query: PageFind<'asc'>) => Promise<T[]>,
  idPattern = uuid,
): Promise<Page<T>> => ordered(page, 'asc', find, idPattern);

/** A page of rows that are all there, in their order. */
export function pageOfRows<T extends { id: string }>(page: PageQuery, rows: T[]): Page<T> {
  const start = page.cursor === undefined ? 0 : rows.findIndex((row) => row.id === page.cursor) + 1;
  if (page.cursor !== undefined && start === 0) throw badCursor();
  const items = rows.slice(start, start + page.limit);
  return { items, next_cursor: start + page.limit < rows.length ? (items.at(-1)?.id ?? null) : null };
}

/** A text of a search as a pattern of LIKE: `%` and `_` stand for themselves. */
const literally = (search: string) => search.replace(/[\\%_]/g, '\\$&');

/** A text with this part, in whatever case. */
export const containing = (part: string) => ({ contains: literally(part), mode: 'insensitive' as const });

/** A filter for rows whose title contains the text or whose key equals it; all rows without a text. */
export const titleOrKey = (search: string | undefined) =>
  search
    ? {
        OR: [{ title: containing(search) }, { key: { equals: search.toUpperCase() } }],
      }
    : {};

interface CountFilter {
  project_id?: string;
  spec_id?: string;
  priority?: string | { in: string[] };
  /** Of tickets alone. */
  is_blocked?: boolean;
}

/** The number of tickets or tasks in each status, for the given filter and search text. */
export const countByStatus =
  (core: StoreCore, table: 'task' | 'ticket') =>
  (organizationId: string, { is_blocked, ...filter }: CountFilter, search?: string) =>
    core.read(async (db) => {
      const where = { AND: [{ organization_id: organizationId, archived_at: null, ...filter }, titleOrKey(search)] };
      const rows =
        table === 'task'
          ? await db.task.groupBy({ by: ['status'], where, _count: true })
          : await db.ticket.groupBy({ by: ['status'], where: { is_blocked, ...where }, _count: true });
      return rows.map((row) => ({ status: row.status, count: row._count }));
    });
