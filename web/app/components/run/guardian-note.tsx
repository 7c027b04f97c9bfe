import { ShieldAlert, ShieldCheck, ShieldQuestion } from 'lucide-react';
import { percent, sentence } from '../../lib/format.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { StatusBadge } from '../badge.tsx';

type Analysis = RunStream['analyses'][number] & {
  trajectory_summary?: string | null;
  needs_steering?: boolean;
  source?: string;
};

/** The guardian's analysis after a turn: a line when the run is on track, a card when the guardian intervened. */
export function GuardianNote({
  analysis,
  intervention,
}: {
  analysis: Analysis;
  intervention?: RunStream['interventions'][number] & {
    reason?: unknown;
    alignment_before?: unknown;
    alignment_after?: unknown;
  };
}) {
  if (analysis.source === 'unavailable')
    return (
      <p className="flex items-center gap-2 text-xs text-muted">
        <ShieldQuestion aria-hidden className="size-3.5" />
        The guardian could not judge this turn
      </p>
    );
  const score = analysis.alignment_score === null ? undefined : percent(analysis.alignment_score);
  if (!analysis.needs_steering && !intervention)
    return (
      <p className="flex items-start gap-2 text-xs text-muted">
        <ShieldCheck aria-hidden className="mt-px size-3.5 shrink-0 text-good" />
        <span>
          Guardian: <span className="figures">{score}</span> aligned. {analysis.trajectory_summary}
        </span>
      </p>
    );
  const share = (value: unknown) => (typeof value === 'number' ? percent(value) : undefined);
  const [before, after] = [share(intervention?.alignment_before), share(intervention?.alignment_after)];
  return (
    <div
      role="group"
      aria-label="Intervention of the guardian"
      className="rounded-md border border-warn-fill/60 bg-warn-soft px-3 py-2 text-sm"
    >
      <p className="flex flex-wrap items-center gap-2 text-xs">
        <ShieldAlert aria-hidden className="size-4 text-warn" />
        <span className="font-medium">
          Guardian intervened{intervention && `: ${sentence(intervention.steering_type).toLowerCase()}`}
        </span>
        <span className="figures text-soft">
          {before ?? score}
          {after && ` → ${after}`}
        </span>
        {intervention && <StatusBadge status={intervention.status} />}
      </p>
      {typeof intervention?.reason === 'string' && <p className="mt-1 text-soft">{intervention.reason}</p>}
      {!intervention && <p className="mt-1 text-soft">{analysis.trajectory_summary}</p>}
    </div>
  );
}
