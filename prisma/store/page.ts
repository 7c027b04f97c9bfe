import { AppError } from '#workflows/domain/errors.ts';

export interface PageQuery {
  /** 1 to 200 (API-02), 1,000 for events and turns. */
  limit: number;
  /** Where the last page ended, as it was given. */
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

function decode(cursor: string): Position {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split('|');
  const created_at = new Date(at);
  if (Number.isNaN(created_at.getTime()) || !/^[0-9a-f-]{36}$/.test(id))
    throw new AppError('invalid_body', 'The cursor is none that a list has given.', [
      { field: 'cursor', message: 'pass next_cursor of the page before, unchanged' },
    ]);
  return { created_at, id };
}

/** One page, newest first, by position and not by count: rows that come in between move nothing. */
export async function pageOf<T extends Position>(
  page: PageQuery,
  find: (query: { where: object; orderBy: [{ created_at: 'desc' }, { id: 'desc' }]; take: number }) => Promise<T[]>,
): Promise<Page<T>> {
  const after = page.cursor ? decode(page.cursor) : undefined;
  const where = after
    ? { OR: [{ created_at: { lt: after.created_at } }, { created_at: after.created_at, id: { lt: after.id } }] }
    : {};
  const rows = await find({ where, orderBy: [{ created_at: 'desc' }, { id: 'desc' }], take: page.limit + 1 });
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > page.limit && last ? encode(last) : null };
}
