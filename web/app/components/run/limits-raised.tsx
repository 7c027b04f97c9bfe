import { ArrowUpFromLine } from 'lucide-react';
import { duration, money, plural } from '../../lib/format.ts';
import type { RaisedLimits } from '../../lib/raised-limits.ts';
import { Clock } from '../time.tsx';

/** In the timeline: who has raised the limits of the run, when and by how much. */
export function LimitsRaised({
  raise: { at, by, turns, seconds, micros, added_micros: added },
}: {
  raise: RaisedLimits;
}) {
  return (
    <p className="flex items-start gap-2 text-xs text-muted">
      <ArrowUpFromLine aria-hidden className="mt-px size-3.5 shrink-0 text-info" />
      <span>
        <Clock at={at} />:{' '}
        {added === undefined ? (
          <>
            {by} raised the limits to {plural(turns, 'turn')}, {duration(seconds * 1000)} and{' '}
            <span className="figures">{money(micros)}</span>
          </>
        ) : (
          <>
            the limit was raised by <span className="figures">{money(added)}</span> to{' '}
            <span className="figures">{money(micros)}</span>, as its launch or this installation allows at night
          </>
        )}
      </span>
    </p>
  );
}
