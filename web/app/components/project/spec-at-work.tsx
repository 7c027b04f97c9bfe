import { Link } from '@remix-run/react';
import { phaseTitle } from '#workflows/domain/phases/names.ts';
import { duration, plural } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import type { SpecAtWork } from '../../lib/project-page.server.ts';
import { statusOf, toneFill } from '../../lib/status.ts';
import { StatusBadge } from '../badge.tsx';
import { describeEvent } from '../spec/describe-event.ts';
import { Ago } from '../time.tsx';

interface Usual {
  low: number;
  high: number;
  similar: number;
}

/** A spec at work: its phases, what happened last, what comes next, and when its pull request is likely. */
export function SpecAtWorkRow({ spec, usual }: { spec: SpecAtWork; usual: Usual | null }) {
  const last = spec.last && describeEvent(spec.last, spec);
  return (
    <Link
      to={`/projects/${spec.project_id}/specs/${spec.id}`}
      data-row
      className="block space-y-2 px-4 py-3 -outline-offset-2 hover:bg-hover"
    >
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-medium">{spec.title}</span>
        <StatusBadge status={spec.status} />
      </span>
      <span className="flex gap-1">
        {spec.phases.map(({ phase, status, at_gate: atGate }) => {
          const now = phase === spec.current_phase && status !== 'passed' && spec.status === 'executing';
          const { label, tone } = statusOf(atGate ? 'at_gate' : now ? 'running' : status);
          return (
            <span key={phase} className="min-w-0 flex-1" title={`${phaseTitle(phase)}: ${label.toLowerCase()}`}>
              <span aria-hidden className={`block h-1 rounded-full ${toneFill[tone]}`} />
              <span className="mt-0.5 hidden truncate text-xs text-muted sm:block">{phaseTitle(phase)}</span>
              <span className="sr-only">: {label.toLowerCase()}, </span>
            </span>
          );
        })}
      </span>
      <span className="grid gap-x-4 gap-y-0.5 text-xs text-muted sm:grid-cols-2">
        {last && spec.last && (
          <span className="truncate">
            Last: <span className="text-soft">{last.text}</span>, <Ago at={spec.last.at} />
          </span>
        )}
        <span className="truncate">
          Next: <span className="text-soft">{nextOf(spec)}</span>
        </span>
        <span className="sm:col-span-2">
          <End spec={spec} usual={usual} />
        </span>
      </span>
    </Link>
  );
}

function nextOf(spec: SpecAtWork): string {
  if (spec.waiting_for === 'gate') return `your decision about ${phaseTitle(spec.current_phase)}`;
  if (spec.status === 'paused') return 'a person resumes it';
  if (spec.waiting_for) return spec.waiting_reason ?? `it waits for: ${spec.waiting_for}`;
  const at = spec.phases.findIndex(({ phase }) => phase === spec.current_phase);
  const next = spec.phases.slice(at + 1).find(({ status }) => status !== 'passed');
  return next ? phaseTitle(next.phase) : 'the tasks end, then the pull request opens';
}

function End({ spec, usual }: { spec: SpecAtWork; usual: Usual | null }) {
  const now = useNow();
  if (!usual) return 'No estimate of its end: fewer than 5 specs are finished';
  if (!spec.started_at) return null;
  const past = now - Date.parse(spec.started_at);
  const [low, high] = [usual.low * 1000 - past, usual.high * 1000 - past];
  const basis = `eight of ten times, by ${plural(usual.similar, 'finished spec')}`;
  if (high <= 0) return `It takes longer than most (${basis})`;
  return (
    <>
      Pull request in{' '}
      <span className="figures">{low > 0 ? `${duration(low)} to ${duration(high)}` : `at most ${duration(high)}`}</span>{' '}
      ({basis})
    </>
  );
}
