import { Link } from '@remix-run/react';
import { Check, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { approvePhase, retrySpec } from '#server/contracts/specs.ts';
import { phaseName } from '#workflows/domain/phases/names.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextArea } from '../field.tsx';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';

/** The part that failed and waits for a person; undefined when there is nothing to retry. */
export function stopped({ spec, tasks }: Pick<SpecPage, 'spec' | 'tasks'>): 'planning' | 'building' | undefined {
  if (spec.status === 'waiting' && spec.waiting_for === 'person') return 'building';
  // A failure while tickets were built stopped them too.
  return spec.status === 'failed' && tasks.length === 0 ? 'planning' : undefined;
}

/** The phase whose newest submission failed by its score alone, so that a person may approve it; undefined where none did. */
function passable({ spec, phases }: Pick<SpecPage, 'spec' | 'phases'>) {
  const newest = phases.find(({ phase }) => phase === spec.current_phase)?.attempts.at(-1);
  const scored = newest?.status === 'failed' && newest.score !== null && !newest.vetoes?.length;
  return scored ? phaseName(spec.current_phase ?? '') : undefined;
}

/** Shown after a failure that needs a person: the failure, the effect of a retry, and its button. */
export function RetryPanel({ page, kind }: { page: SpecPage; kind: 'planning' | 'building' }) {
  const { spec, tasks } = page;
  const lacks = useLacks('document:write', spec.organization_id);
  const retry = useCommand(retrySpec);
  const approve = useCommand(approvePhase);
  const [feedback, setFeedback] = useState('');
  const failedPhase = kind === 'planning' ? passable(page) : undefined;
  const failed = tasks.filter((task) => task.status === 'failed').reverse();
  const trimmed = feedback.trim();
  return (
    <section aria-labelledby="retry" className="rounded-lg border border-bad/40 bg-bad-soft">
      <form
        className="px-4 py-3"
        onSubmit={(event) => {
          event.preventDefault();
          void retry
            .run({ params: { id: spec.id }, body: trimmed ? { feedback: trimmed } : {} })
            .then((answer) => answer && setFeedback(''));
        }}
      >
        <div className="flex flex-wrap items-start justify-between gap-3">
          <div className="min-w-0 flex-1 basis-64">
            <h2 id="retry" className="text-sm font-semibold">
              {kind === 'planning' ? 'Planning failed' : 'The work waits for you'}
            </h2>
            {spec.last_error && <p className="mt-0.5 text-sm break-words whitespace-pre-wrap">{spec.last_error}</p>}
            <p className="mt-1 text-xs text-soft">
              {kind === 'planning'
                ? 'A retry continues at the failed phase. Passed phases are kept.'
                : 'A retry repeats only the failed parts.'}
            </p>
          </div>
          <Button type="submit" look="primary" busy={retry.busy} because={lacks}>
            <RotateCcw aria-hidden className="size-4" /> Retry
          </Button>
        </div>
        {failed.length > 0 && (
          <ul className="mt-2 space-y-1 text-sm">
            {failed.map((task) => (
              <li key={task.id} className="flex flex-wrap gap-x-2">
                <Link
                  to={task.run_id ? `/runs/${task.run_id}` : `/tickets/${task.ticket_id}`}
                  className="underline underline-offset-2"
                >
                  <span className="figures text-xs">{task.key}</span> {task.title}
                </Link>
              </li>
            ))}
          </ul>
        )}
        {kind === 'planning' && !lacks && (
          <div className="mt-3 max-w-2xl">
            <Field
              label={
                failedPhase
                  ? 'Feedback for the next attempt (optional), or why this one is good enough'
                  : 'Feedback for the next attempt (optional)'
              }
            >
              <TextArea
                rows={2}
                maxLength={20_000}
                value={feedback}
                onChange={(event) => setFeedback(event.target.value)}
              />
            </Field>
            {failedPhase && (
              <Button
                type="button"
                className="mt-2"
                busy={approve.busy}
                disabled={retry.busy}
                because={trimmed ? undefined : 'Say why the submission is good enough'}
                onClick={() =>
                  void approve
                    .run({ params: { id: spec.id, phase: failedPhase.id }, body: { reason: trimmed } })
                    .then((answer) => answer && setFeedback(''))
                }
              >
                <Check aria-hidden className="size-4" /> Approve {failedPhase.title} anyway
              </Button>
            )}
          </div>
        )}
        <div className="mt-2 empty:hidden">
          <CommandError error={retry.error ?? approve.error} />
        </div>
      </form>
    </section>
  );
}
