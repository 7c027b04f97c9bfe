import { useRevalidator } from '@remix-run/react';
import { useCallback, useEffect, useRef } from 'react';

// The page has one set of data, whoever asks for it anew: asked at the same moment, it is loaded once.
let again = false;
let started = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const moment = 50;

/**
 * Loads the page's data anew. While it is being loaded already, it is loaded once more afterwards: what is under way
 * may have read before the change, and cutting it off would only start over.
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
