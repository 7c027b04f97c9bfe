import { Link } from '@remix-run/react';
import type { CSSProperties } from 'react';
import { phaseName, phaseTitle } from '#workflows/domain/phases/names.ts';
import { plural } from '../lib/format.ts';
import { statusOf, toneFill } from '../lib/status.ts';
import { StatusIcon } from './badge.tsx';

interface Phase {
  phase: string;
  status: string;
  at_gate: boolean;
  score: number | null;
  attempts: readonly unknown[];
}

/** The tab that shows the output of a phase. */
function tabOf(phase: string): string {
  const tab = phaseName(phase)?.tab ?? 'attempts';
  return tab === 'overview' ? '' : `?tab=${tab}`;
}

function stateOf({ status, at_gate: atGate }: Phase, running: boolean): string {
  if (atGate) return 'at_gate';
  if (status === 'passed') return 'passed';
  if (running) return 'running';
  return status === 'failed' ? 'not_passed' : 'not_started';
}

/** The phases of a spec with their state, score and number of attempts. */
export function PhaseBar({ phases, current, live }: { phases: readonly Phase[]; current: string; live: boolean }) {
  return (
    <nav aria-label="Phases">
      <ol
        className="grid grid-cols-2 gap-2 sm:grid-cols-3 xl:grid-cols-[repeat(var(--phases),minmax(0,1fr))]"
        style={{ '--phases': phases.length } as CSSProperties}
      >
        {phases.map((phase) => {
          const running = live && phase.phase === current && phase.status !== 'passed';
          const state = stateOf(phase, running);
          const { label, tone } = statusOf(state);
          return (
            <li key={phase.phase}>
              <Link
                to={{ search: tabOf(phase.phase) }}
                preventScrollReset
                aria-current={running || phase.at_gate ? 'step' : undefined}
                className={`relative block overflow-hidden rounded-md border bg-card px-3 pt-2.5 pb-2 hover:bg-hover ${state === 'not_started' ? 'text-muted' : ''}`}
              >
                <span aria-hidden className={`absolute inset-x-0 top-0 h-0.5 ${toneFill[tone]}`} />
                <span className="flex min-w-0 items-center gap-1.5 text-sm font-medium">
                  <span aria-hidden className="inline-flex">
                    <StatusIcon status={state} className="size-3.5" />
                  </span>
                  <span className="truncate">{phaseTitle(phase.phase)}</span>
                </span>
                <span className="mt-0.5 flex flex-row-reverse justify-between gap-2 text-xs text-muted">
                  {phase.score !== null && (
                    <span
                      className={`figures ${phase.status === 'passed' || phase.at_gate ? 'text-good' : 'text-bad'}`}
                      title="Score of the newest evaluated attempt, 0 to 1"
                    >
                      {phase.score.toFixed(2)}
                    </span>
                  )}
                  <span className="truncate">
                    {label.toLowerCase()}
                    {phase.attempts.length > 0 && `, ${plural(phase.attempts.length, 'attempt')}`}
                  </span>
                </span>
              </Link>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
