import { useRouteLoaderData } from '@remix-run/react';
import { useCallback, useSyncExternalStore } from 'react';
import type { loader } from '../root.tsx';

export type DiffView = 'unified' | 'split';
const cookie = 'omoios_diff';

export const diffViewOf = (cookies: string | null): DiffView =>
  new RegExp(`(?:^|;\\s*)${cookie}=split\\b`).test(cookies ?? '') ? 'split' : 'unified';

// What was chosen in this tab: every diff on the page follows at once.
let chosen: DiffView | undefined;
const listeners = new Set<() => void>();
function listen(changed: () => void): () => void {
  listeners.add(changed);
  return () => void listeners.delete(changed);
}

/** How changes are shown, as this browser remembers it. */
export function useDiffView(): [DiffView, (view: DiffView) => void] {
  const stored = useRouteLoaderData<typeof loader>('root')?.diff_view ?? 'unified';
  const own = useSyncExternalStore(
    listen,
    () => chosen,
    () => undefined,
  );
  const choose = useCallback((view: DiffView) => {
    chosen = view;
    document.cookie = `${cookie}=${view}; Path=/; Max-Age=31536000; SameSite=Lax`;
    for (const changed of listeners) changed();
  }, []);
  return [own ?? stored, choose];
}

const wide = '(min-width: 1024px)';
function watchWidth(changed: () => void): () => void {
  const query = window.matchMedia(wide);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}

/** Whether two texts have room beside each other. The server, which cannot know, takes it for granted. */
export const useRoomForTwo = (): boolean =>
  useSyncExternalStore(
    watchWidth,
    () => window.matchMedia(wide).matches,
    () => true,
  );
