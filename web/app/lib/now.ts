import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';

const NowContext = createContext(0);

/** The page's clock: one timer for all relative times. It starts at the server's time, so that hydration matches. */
export function useClock(start: number): number {
  const [now, setNow] = useState(start);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export const NowProvider = NowContext.Provider;
/** Milliseconds since 1970, updated every second. */
export const useNow = () => useContext(NowContext);

const never = () => () => undefined;
/** The viewer's time zone; UTC on the server and for the first drawing, so that both draw the same text. */
export const useZone = (): string =>
  useSyncExternalStore(
    never,
    () => Intl.DateTimeFormat().resolvedOptions().timeZone,
    () => 'UTC',
  );
