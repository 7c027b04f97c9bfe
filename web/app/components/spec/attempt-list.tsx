import { attemptDifference } from '#server/contracts/gate-edits.ts';
import { phaseName } from '#workflows/domain/phases/names.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { useAnswer } from '../../lib/use-answer.ts';
import { StatusBadge } from '../badge.tsx';
import { PatchView } from '../diff/patch-view.tsx';
import { CommandError } from '../error-card.tsx';
import { Fold } from '../fold.tsx';
import { TextLink } from '../text-link.tsx';
import { Ago, Elapsed } from '../time.tsx';
import { Criteria } from './criteria.tsx';

type Phase = SpecPage['phases'][number];
const summary = 'cursor-pointer text-xs text-muted hover:text-text';

/** The attempts at a phase: evaluation, decision, and how each differs from the one before. */
export const AttemptList = ({ specId, phase }: { specId: string; phase: Phase }) => (
  <ul className="divide-y">
    {phase.attempts.map((attempt, at) => {
      const decision = (attempt.decision ?? null) as { action?: string; by?: string } | null;
      const before = phase.attempts[at - 1];
      return (
        <li key={attempt.attempt} className="px-4 py-2.5">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
            <span className="font-medium">
              Attempt <span className="figures">{attempt.attempt}</span>
            </span>
            <StatusBadge status={attempt.status} />
            {attempt.score !== null && <span className="figures text-xs">{attempt.score.toFixed(3)}</span>}
            <span className="text-xs text-muted">
              <Elapsed from={attempt.started_at} to={attempt.ended_at} />
            </span>
            {attempt.run_id && (
              <TextLink to={`/runs/${attempt.run_id}`} className="text-xs">
                run
              </TextLink>
            )}
            <Ago at={attempt.started_at} className="ml-auto text-xs text-muted" />
          </div>
          {attempt.feedback && attempt.status !== 'running' && (
            <p className="mt-1.5 rounded-md bg-subtle px-3 py-2 text-xs break-words whitespace-pre-wrap text-soft">
              {attempt.feedback}
            </p>
          )}
          {decision?.action && (
            <p className="mt-1 text-xs text-muted">
              {decision.action.replace('_', ' ')} by {decision.by}
            </p>
          )}
          <Fold className="mt-1.5" summaryClass={summary} summary="Evaluation">
            {() => (
              <div className="pt-2">
                <Criteria attempt={attempt} />
              </div>
            )}
          </Fold>
          {before && (
            <Fold className="mt-1.5" summaryClass={summary} summary={`Difference from attempt ${before.attempt}`}>
              {() => <Difference specId={specId} phase={phase.phase} from={before.attempt} to={attempt.attempt} />}
            </Fold>
          )}
        </li>
      );
    })}
  </ul>
);

function Difference({ specId, phase, from, to }: { specId: string; phase: string; from: number; to: number }) {
  const { answer, error } = useAnswer(attemptDifference, {
    params: { id: specId, phase: phaseName(phase)?.id ?? 'explore' },
    query: { from: String(from), to: String(to) },
  });
  if (error)
    return error.status === 404 ? (
      <p className="pt-2 text-xs text-muted">One of the two has no answer.</p>
    ) : (
      <CommandError error={error} />
    );
  if (!answer) return <p role="status">Compares the attempts.</p>;
  return (
    <div className="pt-2">
      {answer.patch === '' ? (
        <p className="text-xs text-muted">Nothing differs.</p>
      ) : (
        <PatchView patch={answer.patch} truncated={false} />
      )}
    </div>
  );
}
