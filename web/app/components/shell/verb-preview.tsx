import { useEffect, useRef, useState } from 'react';
import { asApiError } from '../../lib/browser-api.ts';
import { count, sentence } from '../../lib/format.ts';
import { useRevalidate } from '../../lib/use-revalidate.ts';
import { planOrder, type Step } from '../../lib/verb-plan.ts';
import { orderText, type Order } from '../../lib/verbs.ts';
import { useLacks } from '../../lib/viewer.ts';
import { Button } from '../button.tsx';
import { Checkbox } from '../field.tsx';
import { Skeleton } from '../skeleton.tsx';
import { useToast } from '../toast.tsx';

const past: Record<string, string> = {
  approve: 'approved',
  pause: 'paused',
  resume: 'resumed',
  stop: 'stopped',
  retry: 'retried',
};

/** What an order of the palette would change, and the button that does it. Nothing happens before. */
export function VerbPreview({ order, onBack, onDone }: { order: Order; onBack: () => void; onDone: () => void }) {
  const lacks = useLacks(order.verb.permission);
  const toast = useToast();
  const revalidate = useRevalidate();
  const [steps, setSteps] = useState<Step[]>();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const [failed, setFailed] = useState<string>();
  const [busy, setBusy] = useState(false);
  const act = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    let wanted = true;
    planOrder(order).then(
      (found) => {
        if (!wanted) return;
        const possible = found.filter(({ because }) => !because);
        setSteps(found);
        // Tasks of several projects may have one key: then the person chooses.
        setChosen(new Set(order.target === 'all' || possible.length === 1 ? possible.map(({ id }) => id) : []));
      },
      (error: unknown) => wanted && setFailed(asApiError(error).message),
    );
    return () => {
      wanted = false;
    };
  }, [order]);
  useEffect(() => {
    if (steps) act.current?.focus();
  }, [steps]);
  const run = async () => {
    setBusy(true);
    const wrong = new Map<string, string>();
    const done: Step[] = [];
    for (const step of (steps ?? []).filter(({ id }) => chosen.has(id))) {
      try {
        await step.run();
        done.push(step);
      } catch (error) {
        wrong.set(step.id, asApiError(error).message);
      }
    }
    setBusy(false);
    revalidate();
    if (done.length > 0) {
      const undos = done.flatMap(({ undo }) => undo ?? []);
      const words = order.verb.words ? 'sent' : past[order.verb.name];
      toast(
        `${done.length === 1 ? done[0]?.label : done.length} ${words}`,
        undos.length > 0 ? () => void Promise.allSettled(undos.map((undo) => undo())).then(revalidate) : undefined,
      );
    }
    if (wrong.size === 0) return onDone();
    setProblems(wrong);
    setSteps((known) => known?.filter(({ id }) => !done.some((step) => step.id === id)));
    setChosen(new Set(wrong.keys()));
  };
  const nothing = steps?.length === 0;
  return (
    <section aria-label="Preview" className="space-y-3 p-4">
      <h2 className="text-base font-semibold break-words">{orderText(order)}</h2>
      {!steps && !failed && <Skeleton rows={2} label="Looking up what it changes" />}
      {failed && (
        <p role="alert" className="text-sm text-bad">
          {failed}
        </p>
      )}
      {nothing && <p className="text-sm text-muted">There is nothing that this would change.</p>}
      {steps && !nothing && (
        <ul aria-label="What it changes" className="max-h-[40vh] divide-y overflow-y-auto rounded-md border text-sm">
          {steps.map((step) => (
            <li key={step.id} className="px-3 py-2">
              <Checkbox
                label={step.label}
                disabled={step.because !== undefined || busy}
                checked={chosen.has(step.id)}
                onChange={() =>
                  setChosen((known) =>
                    known.has(step.id)
                      ? new Set([...known].filter((id) => id !== step.id))
                      : new Set([...known, step.id]),
                  )
                }
              />
              <p className="pl-6 text-xs text-muted">
                {step.note}
                {step.because && `. ${step.because}.`}
              </p>
              {problems.has(step.id) && (
                <p role="alert" className="pl-6 text-xs text-bad">
                  {problems.get(step.id)}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onBack}>Back</Button>
        {!nothing && (
          <Button
            ref={act}
            look={order.verb.name === 'stop' ? 'danger' : 'primary'}
            busy={busy || (!steps && !failed)}
            because={lacks}
            disabled={chosen.size === 0}
            onClick={() => void run()}
          >
            {order.verb.words ? 'Send' : sentence(order.verb.name)}
            {chosen.size > 1 && ` ${count(chosen.size)}`}
          </Button>
        )}
      </div>
    </section>
  );
}
