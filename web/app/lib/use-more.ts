import { useCallback, useEffect, useState, type RefObject } from 'react';
import type { ApiError } from '#server/contracts/client.ts';
import { asApiError } from './browser-api.ts';

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/**
 * A list that loads more pages below its first one. When the first page is reloaded, its items replace older copies of
 * the same items.
 */
export function useMore<T extends { id: string }>(
  first: Page<T>,
  load: (cursor: string) => Promise<Page<T>>,
  resetOn: unknown,
) {
  const [further, setFurther] = useState<Page<T>>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  useEffect(() => setFurther(undefined), [resetOn]);
  const cursor = further ? further.next_cursor : first.next_cursor;
  const more = useCallback(async () => {
    if (!cursor) return;
    setBusy(true);
    setError(undefined);
    try {
      const page = await load(cursor);
      setFurther((known) => ({ items: [...(known?.items ?? []), ...page.items], next_cursor: page.next_cursor }));
    } catch (caught) {
      setError(asApiError(caught));
    } finally {
      setBusy(false);
    }
  }, [cursor, load]);
  const shown = new Set(first.items.map((item) => item.id));
  return {
    items: [...first.items, ...(further?.items ?? []).filter((item) => !shown.has(item.id))],
    more: cursor ? more : undefined,
    busy,
    error,
  };
}

/** Pixels from the end of a list at which more is loaded. */
const nearEnd = 800;

/** Loads more of a list when its end comes near in the element that scrolls. After a failure only its button does. */
export function useMoreAtEnd(
  { more, busy, error }: Pick<ReturnType<typeof useMore>, 'more' | 'busy' | 'error'>,
  scrolls: RefObject<HTMLElement>,
  end: RefObject<HTMLElement>,
): void {
  const load = busy || error ? undefined : more;
  useEffect(() => {
    if (!load || !end.current) return;
    const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && void load(), {
      root: scrolls.current,
      rootMargin: `0px 0px ${nearEnd}px 0px`,
    });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [load, scrolls, end]);
}
