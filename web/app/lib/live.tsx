import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import type { EventEnvelope } from '#workflows/domain/events/catalogue.ts';
import { hearOfAccount } from './use-preference.ts';
import { useRevalidate } from './use-revalidate.ts';
import { LiveFeed, type ConnectionState, type Delta, type Present } from './live-feed.ts';

const LiveContext = createContext<{ feed: LiveFeed | undefined; connection: ConnectionState }>({
  feed: undefined,
  connection: 'connecting',
});

/**
 * Keeps the tab's connection to one organization. `after`: number of its newest event when the page was rendered. Without
 * the number the page is loaded again once the connection is open: it may have missed events before.
 */
export function LiveProvider({
  after,
  organization,
  children,
}: {
  after?: number;
  organization: string;
  children: ReactNode;
}) {
  const [connection, setConnection] = useState<ConnectionState>('connecting');
  const [feed, setFeed] = useState<LiveFeed>();
  const start = useRef(after);
  const revalidate = useRevalidate();
  useEffect(() => {
    if (connection === 'live' && feed?.continues === false) revalidate();
  }, [connection, feed, revalidate]);
  useEffect(() => {
    const opened = new LiveFeed(organization, start.current, setConnection, revalidate, hearOfAccount);
    setFeed(opened);
    return () => opened.close();
  }, [organization, revalidate]);
  return <LiveContext.Provider value={{ feed, connection }}>{children}</LiveContext.Provider>;
}

export const useConnection = () => useContext(LiveContext).connection;

/** Calls the listener for every event of the chosen organization, in order, once each. */
export function useEvents(listener: (event: EventEnvelope) => void): void {
  const { feed } = useContext(LiveContext);
  const current = useRef(listener);
  useEffect(() => {
    current.current = listener;
  });
  useEffect(() => feed?.listen((event) => current.current(event)), [feed]);
}

export function useDeltas(runId: string, listener: (delta: Delta) => void): void {
  const { feed } = useContext(LiveContext);
  const current = useRef(listener);
  useEffect(() => {
    current.current = listener;
  });
  useEffect(() => feed?.deltas(runId, (delta) => current.current(delta)), [feed, runId]);
}

/** A tab that was not heard of for this long has gone. */
const forgottenMs = 75_000;

/** The other tabs that show the same place. */
export function usePresent(at: string): Present[] {
  const { feed } = useContext(LiveContext);
  const [others, setOthers] = useState<(Present & { heard: number })[]>([]);
  useEffect(() => {
    const tidy = setInterval(
      () => setOthers((known) => known.filter(({ heard }) => Date.now() - heard < forgottenMs)),
      forgottenMs / 5,
    );
    const stop = feed?.present(at, (other) =>
      setOthers((known) => [
        ...known.filter(({ id }) => id !== other.id),
        ...(other.here ? [{ ...other, heard: Date.now() }] : []),
      ]),
    );
    return () => {
      clearInterval(tidy);
      stop?.();
      setOthers([]);
    };
  }, [feed, at]);
  return others;
}

/** Reloads the page's data after events that concern it: at once, then at most every `everyMs` milliseconds. */
export function useRefreshOn(concerns: (event: EventEnvelope) => boolean, everyMs = 700): void {
  const revalidate = useRevalidate();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const last = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEvents((event) => {
    if (timer.current || !concerns(event)) return;
    timer.current = setTimeout(
      () => {
        timer.current = undefined;
        last.current = Date.now();
        revalidate();
      },
      Math.max(60, last.current + everyMs - Date.now()),
    );
  });
}

const everyMs = 10_000;

/** Reloads the page's data every 10 s while work goes on: a step that is retried emits no event. */
export function useRefreshWhile(going: boolean): void {
  const revalidate = useRevalidate();
  useEffect(() => {
    if (!going) return undefined;
    const timer = setInterval(revalidate, everyMs);
    return () => clearInterval(timer);
  }, [going, revalidate]);
}
