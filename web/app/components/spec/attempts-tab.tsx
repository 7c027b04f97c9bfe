import { TextLink } from '../text-link.tsx';
import { phaseTitle } from '#workflows/domain/phases/names.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { StatusBadge } from '../badge.tsx';
import { Card } from '../card.tsx';
import { Ago, Elapsed } from '../time.tsx';
import { Criteria } from './criteria.tsx';
import { Versions, type Version } from './versions.tsx';

/** Every attempt of every phase with its evaluation, and the versions of the spec. */
export function AttemptsTab({ page, versions }: { page: SpecPage; versions: Version[] }) {
  return (
    <div className="space-y-4">
      {page.phases
        .filter((phase) => phase.attempts.length > 0)
        .map((phase) => (
          <Card
            key={phase.phase}
            title={phaseTitle(phase.phase)}
            flush
            aside={<StatusBadge status={phase.at_gate ? 'waiting' : phase.status} />}
          >
            <ul className="divide-y">
              {phase.attempts.map((attempt) => {
                const decision = (attempt.decision ?? null) as {
                  action?: string;
                  by?: string;
                  feedback?: string | null;
                } | null;
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
                    <details className="mt-1.5">
                      <summary className="cursor-pointer text-xs text-muted hover:text-text">Evaluation</summary>
                      <div className="pt-2">
                        <Criteria attempt={attempt} />
                      </div>
                    </details>
                  </li>
                );
              })}
            </ul>
          </Card>
        ))}
      <Versions page={page} versions={versions} />
    </div>
  );
}
