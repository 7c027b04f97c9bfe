import { useRevalidator } from '@remix-run/react';
import { useCallback } from 'react';

// All components share the page's data: when several ask for a reload at the same moment, it is loaded once.
let started = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const moment = 50;

/** The router's own state: React draws it only later, on a busy machine much later. */
const isLoading = () => {
  const { revalidation, navigation } = window.__remixRouter.state;
  return revalidation !== 'idle' || navigation.state !== 'idle';
};

/**
 * Reloads the page's data. If a load is already running, another one follows it: the running one may have read before
 * the change, and aborting it would only start it again.
 */
export function useRevalidate(): () => void {
  const { revalidate } = useRevalidator();
  const run = useCallback(() => {
    clearTimeout(timer);
    const wait = isLoading() ? moment : started + moment - Date.now();
    if (wait > 0) timer = setTimeout(run, wait);
    else {
      started = Date.now();
      revalidate();
    }
  }, [revalidate]);
  return run;
}
