import { AppError } from '#workflows/domain/errors.ts';
import type { GithubPage, Listed } from '../../ports/github.ts';

/** Rows of one request: the most that GitHub gives. */
const rows = 100;
/** Requests of one page of a search, so that a rare word does not use up the limit of requests. */
const mostRequests = 10;

function offsetOf({ cursor }: GithubPage): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,7}$/.test(cursor)) return Number(cursor);
  throw new AppError('invalid_body', 'Invalid cursor: pass next_cursor of the previous page unchanged.', [
    { field: 'cursor', message: 'pass next_cursor of the previous page unchanged' },
  ]);
}

/**
 * One page of a list of GitHub, which counts its pages by rows of its own. A cursor is the position of the next row.
 * @param ask gives a page of GitHub, from 1. @param keep which rows are wanted.
 */
export async function githubPage<T>(
  page: GithubPage,
  ask: (at: { per_page: number; page: number }) => Promise<T[]>,
  keep: (row: T) => boolean = () => true,
): Promise<Listed<T>> {
  let at = offsetOf(page);
  const items: T[] = [];
  for (let requests = 0; requests < mostRequests && items.length < page.limit; requests++) {
    const answer = await ask({ per_page: rows, page: Math.floor(at / rows) + 1 });
    for (const row of answer.slice(at % rows)) {
      if (items.length === page.limit) return { items, next_cursor: String(at) };
      at += 1;
      if (keep(row)) items.push(row);
    }
    if (answer.length < rows) return { items, next_cursor: null };
  }
  return { items, next_cursor: String(at) };
}

/** One page of rows that are all there. */
export function pageOfAll<T>(page: GithubPage, all: T[]): Listed<T> {
  const from = offsetOf(page);
  const to = from + page.limit;
  return { items: all.slice(from, to), next_cursor: to < all.length ? String(to) : null };
}
