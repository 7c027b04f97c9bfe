import { ago, duration } from '../lib/format.ts';
import { useNow } from '../lib/now.ts';

/** The age of a time; the exact time on hover. */
export function Ago({ at, className = '' }: { at: string; className?: string }) {
  return (
    <time dateTime={at} title={exact(at)} className={`whitespace-nowrap ${className}`}>
      {ago(at, useNow())}
    </time>
  );
}

/** A duration; it counts up while there is no end. */
export function Elapsed({ from, to }: { from: string; to?: string | null }) {
  const now = useNow();
  return (
    <span className="figures whitespace-nowrap" title={`since ${exact(from)}`}>
      {duration(Math.max(0, (to ? Date.parse(to) : Math.floor(now / 1000) * 1000) - Date.parse(from)))}
    </span>
  );
}

/** In UTC on the server and in the browser, so that both render the same text. */
const exact = (at: string) => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
