import { Check, MessageSquareWarning, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { approvePhase, regeneratePhase, requestPhaseChanges } from '#server/contracts/specs.ts';
import { phaseName, phaseTitle } from '#workflows/domain/phases/names.ts';
import { Button } from '../button.tsx';
import { CommandError } from '../error-card.tsx';
import { Field, TextArea } from '../field.tsx';
import { useKey } from '../shell/use-shortcuts.ts';
import { useCommand } from '../../lib/use-command.ts';
import { useLacks } from '../../lib/viewer.ts';
import type { SpecPage } from '../../lib/spec-page.server.ts';
import { Criteria } from './criteria.tsx';

/** A phase at its gate: its evaluation and the decision. `a` approves, `r` opens the form to request changes. */
export function GatePanel({
  spec,
  phase,
  evaluated = true,
}: {
  spec: SpecPage['spec'];
  phase: SpecPage['phases'][number];
  /** Shows the evaluation too. */ evaluated?: boolean;
}) {
  const lacks = useLacks('document:write', spec.organization_id);
  const approve = useCommand(approvePhase);
  const change = useCommand(requestPhaseChanges);
  const regenerate = useCommand(regeneratePhase);
  const [writing, setWriting] = useState(false);
  const [feedback, setFeedback] = useState('');
  const busy = approve.busy || change.busy || regenerate.busy;
  const name = phaseName(phase.phase)?.id;
  const newest = phase.attempts.at(-1);
  useKey('a', lacks || busy || !name ? undefined : () => void approve.run({ params: { id: spec.id, phase: name } }));
  useKey('r', lacks || busy ? undefined : () => setWriting(true));
  if (!name) return null;
  const params = { id: spec.id, phase: name };
  const sendBack = async () => {
    if (!(await change.run({ params, body: { feedback } }))) return;
    setWriting(false);
    setFeedback('');
  };
  return (
    <section aria-labelledby="gate" className="rounded-lg border border-warn-fill/60 bg-warn-soft">
      <div className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
        <div>
          <h2 id="gate" className="text-sm font-semibold">
            {phaseTitle(phase.phase)} waits for your decision
          </h2>
          <p className="text-xs text-soft">
            Score <span className="figures">{phase.score?.toFixed(2) ?? 'none'}</span>, attempt{' '}
            <span className="figures">{newest?.attempt ?? 1}</span>. The next phase starts when you approve.
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button
            look="primary"
            busy={approve.busy}
            disabled={busy}
            because={lacks}
            onClick={() => void approve.run({ params })}
            title="Approve (a)"
          >
            <Check aria-hidden className="size-4" /> Approve
          </Button>
          <Button
            disabled={busy}
            because={lacks}
            aria-expanded={writing}
            onClick={() => setWriting(!writing)}
            title="Request changes (r)"
          >
            <MessageSquareWarning aria-hidden className="size-4" /> Request changes
          </Button>
          <Button
            disabled={busy}
            busy={regenerate.busy}
            because={lacks}
            onClick={() => void regenerate.run({ params, body: {} })}
            title="Run the phase again without feedback"
          >
            <RefreshCw aria-hidden className="size-4" /> Regenerate
          </Button>
        </div>
      </div>
      {writing && (
        <form
          className="space-y-2 border-t border-warn-fill/40 px-4 py-3"
          onSubmit={(event) => {
            event.preventDefault();
            void sendBack();
          }}
        >
          <Field label="What has to change" hint="The next attempt receives this text unchanged.">
            <TextArea
              autoFocus
              required
              rows={3}
              maxLength={20_000}
              value={feedback}
              onChange={(event) => setFeedback(event.target.value)}
              onKeyDown={(event) => event.key === 'Escape' && setWriting(false)}
            />
          </Field>
          <Button type="submit" look="primary" busy={change.busy} disabled={feedback.trim() === ''}>
            Send back
          </Button>
        </form>
      )}
      <div className="px-4 pb-2 empty:hidden">
        <CommandError error={approve.error ?? change.error ?? regenerate.error} />
      </div>
      {newest && evaluated && (
        <details className="border-t border-warn-fill/40 px-4 py-2 text-sm">
          <summary className="cursor-pointer text-xs font-medium text-soft">Evaluation at the gate</summary>
          <div className="pt-2 pb-1">
            <Criteria attempt={newest} />
          </div>
        </details>
      )}
    </section>
  );
}
