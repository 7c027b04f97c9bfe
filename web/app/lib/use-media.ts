import { useCallback, useSyncExternalStore } from 'react';

/** Whether the window matches a media query. `assumed`: what the server, which cannot know, draws. */
function useMedia(query: string, assumed: boolean): boolean {
  const watch = useCallback(
    (changed: () => void) => {
      const list = window.matchMedia(query);
      list.addEventListener('change', changed);
      return () => list.removeEventListener('change', changed);
    },
    [query],
  );
  return useSyncExternalStore(
    watch,
    () => window.matchMedia(query).matches,
    () => assumed,
  );
}

/** Whether the window has space for two texts side by side, or for the panel beside the page. */
export const useRoomForTwo = (): boolean => useMedia('(min-width: 1024px)', true);
