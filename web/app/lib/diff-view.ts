import { useRouteLoaderData } from '@remix-run/react';
import { useCallback, useSyncExternalStore } from 'react';
import { diffViewHeader, type DiffView, type Preferences } from './preferences.ts';

// The choice made in this tab: every diff on the page follows at once.
let chosen: DiffView | undefined;
const listeners = new Set<() => void>();
function listen(changed: () => void): () => void {
  listeners.add(changed);
  return () => void listeners.delete(changed);
}

/** The diff view that this browser remembers, and a function to change it. */
export function useDiffView(): [DiffView, (view: DiffView) => void] {
  const stored = useRouteLoaderData<Preferences>('root')?.diff_view ?? 'unified';
  const own = useSyncExternalStore(
    listen,
    () => chosen,
    () => undefined,
  );
  const choose = useCallback((view: DiffView) => {
    chosen = view;
    document.cookie = diffViewHeader(view);
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

/** Whether the window is wide enough for two texts side by side. The server cannot know and assumes that it is. */
export const useRoomForTwo = (): boolean =>
  useSyncExternalStore(
    watchWidth,
    () => window.matchMedia(wide).matches,
    () => true,
  );
