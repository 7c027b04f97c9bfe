import { sentence } from '../../lib/format.ts';
import type { RunStream } from '../../lib/use-run-stream.ts';
import { StatusBadge } from '../badge.tsx';
import { Output } from './output.tsx';

interface Outcome {
  summary?: string;
  check?: { command?: string; exit_code?: number; output?: string };
}

/** How the run ended, and the result of the platform's own check. */
export function RunEnd({ run }: { run: RunStream['run'] }) {
  const { summary, check } = (run.outcome ?? {}) as Outcome;
  return (
    <section aria-label="Result" className="mt-5 rounded-md border bg-side">
      <p className="flex flex-wrap items-center gap-2 px-3 py-2 text-sm">
        <StatusBadge status={run.status} />
        {run.stop_reason && <span className="text-muted">{sentence(run.stop_reason)}</span>}
      </p>
      {summary && <p className="border-t px-3 py-2 text-sm">{summary}</p>}
      {check?.command && (
        <details className="border-t">
          <summary className="px-3 py-2 text-xs text-muted hover:text-text">
            The platform ran <code className="text-text">{check.command}</code> in a clean checkout: exit{' '}
            <span className="figures">{check.exit_code}</span>
          </summary>
          {check.output && <Output text={check.output} dark />}
        </details>
      )}
    </section>
  );
}
