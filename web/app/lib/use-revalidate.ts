import { useRevalidator } from '@remix-run/react';
import { useCallback, useEffect, useRef } from 'react';

// All components share the page's data: when several ask for a reload at the same moment, it is loaded once.
let again = false;
let started = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
// On a busy machine React draws the state of a load that has begun only after some time.
const moment = 250;

/**
 * Reloads the page's data. If a load is already running, another one follows it: the running one may have read before
 * the change, and aborting it would only start it again.
 */
export function useRevalidate(): () => void {
  const { revalidate, state } = useRevalidator();
  const idle = useRef(true);
  idle.current = state === 'idle';
  const run = useCallback(() => {
    clearTimeout(timer);
    const wait = started + moment - Date.now();
    if (!idle.current) again = true;
    else if (wait > 0) timer = setTimeout(run, wait);
    else {
      started = Date.now();
      revalidate();
    }
  }, [revalidate]);
  useEffect(() => {
    if (state !== 'idle' || !again) return;
    again = false;
    run();
  }, [state, run]);
  return run;
}
