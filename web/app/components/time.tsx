import { ago, clock, duration, exactTime } from '../lib/format.ts';
import { useNow, useZone } from '../lib/now.ts';

/** The age of a time; the exact time on hover. */
export function Ago({ at, className = '' }: { at: string; className?: string }) {
  const zone = useZone();
  return (
    <time dateTime={at} title={exactTime(at, zone)} className={`whitespace-nowrap ${className}`}>
      {ago(at, useNow(), zone)}
    </time>
  );
}

/** A time of the day, such as 14:03:20; the exact time on hover. */
export function Clock({ at, className = '' }: { at: string; className?: string }) {
  const zone = useZone();
  return (
    <time dateTime={at} title={exactTime(at, zone)} className={`figures whitespace-nowrap ${className}`}>
      {clock(at, zone)}
    </time>
  );
}

/** The day and the time. */
export function Exact({ at }: { at: string }) {
  return <time dateTime={at}>{exactTime(at, useZone())}</time>;
}

/** A duration; it counts up while there is no end. */
export function Elapsed({ from, to }: { from: string; to?: string | null }) {
  const now = useNow();
  const zone = useZone();
  return (
    <span className="figures whitespace-nowrap" title={`since ${exactTime(from, zone)}`}>
      {duration(Math.max(0, (to ? Date.parse(to) : Math.floor(now / 1000) * 1000) - Date.parse(from)))}
    </span>
  );
}
