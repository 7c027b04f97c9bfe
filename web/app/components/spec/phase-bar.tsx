import { Link } from '@remix-run/react';
import { Check, CircleDashed, Hand, LoaderCircle, X } from 'lucide-react';
import type { CSSProperties } from 'react';
import { phaseName, phaseTitle } from '#workflows/domain/phases/names.ts';
import { plural } from '../../lib/format.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';

type Phase = SpecPage['phases'][number];

/** The tab that shows the output of a phase. */
function tabOf(phase: string): string {
  const tab = phaseName(phase)?.tab ?? 'attempts';
  return tab === 'overview' ? '' : `?tab=${tab}`;
}

function stateOf({ status, at_gate: atGate }: Phase, running: boolean) {
  if (atGate)
    return {
      label: 'waits for you',
      icon: <Hand aria-hidden className="size-3.5 text-warn" />,
      edge: 'border-t-warn-fill',
    };
  if (status === 'passed')
    return { label: 'passed', icon: <Check aria-hidden className="size-3.5 text-good" />, edge: 'border-t-good-fill' };
  if (running)
    return {
      label: 'running',
      icon: <LoaderCircle aria-hidden className="size-3.5 animate-spin text-warn" />,
      edge: 'border-t-gold-deep',
    };
  if (status === 'failed')
    return { label: 'not passed', icon: <X aria-hidden className="size-3.5 text-bad" />, edge: 'border-t-bad-fill' };
  return {
    label: 'not started',
    icon: <CircleDashed aria-hidden className="size-3.5 text-muted" />,
    edge: 'border-t-line',
  };
}

/** The phases of a spec with their state, score and number of attempts. */
export function PhaseBar({ phases, current, live }: { phases: Phase[]; current: string; live: boolean }) {
  return (
    <nav aria-label="Phases">
      <ol
        className="grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-[repeat(var(--phases),minmax(0,1fr))]"
        style={{ '--phases': phases.length } as CSSProperties}
      >
        {phases.map((phase) => {
          const running = live && phase.phase === current && phase.status !== 'passed';
          const state = stateOf(phase, running);
          return (
            <li key={phase.phase}>
              <Link
                to={{ search: tabOf(phase.phase) }}
                preventScrollReset
                aria-current={running || phase.at_gate ? 'step' : undefined}
                className={`block rounded-md border border-t-2 bg-card px-3 py-2 hover:bg-hover ${state.edge}`}
              >
                <span className="flex items-center justify-between gap-2">
                  <span className="flex items-center gap-1.5 text-sm font-medium">
                    {state.icon}
                    {phaseTitle(phase.phase)}
                  </span>
                  {phase.score !== null && (
                    <span
                      className={`figures text-xs ${phase.status === 'passed' || phase.at_gate ? 'text-good' : 'text-bad'}`}
                      title="Score of the newest evaluated attempt, 0 to 1"
                    >
                      {phase.score.toFixed(2)}
                    </span>
                  )}
                </span>
                <span className="mt-0.5 block text-xs text-muted">
                  {state.label}
                  {phase.attempts.length > 0 && `, ${plural(phase.attempts.length, 'attempt')}`}
                </span>
              </Link>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
