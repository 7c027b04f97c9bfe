import { useState } from 'react';
import { archiveSpec, restoreSpec } from '#server/contracts/spec-life.ts';
import { specRests } from '#workflows/domain/transitions.ts';
import { useToast } from '../components/toast.tsx';
import { asApiError, call } from './browser-api.ts';
import { plural } from './format.ts';
import { useRevalidate } from './use-revalidate.ts';

interface Spec {
  id: string;
  title: string;
  status: string;
  archived_at: string | null;
}

/** The specs that are marked in the list, and their way into the archive and back. */
export function useChosenSpecs(items: readonly Spec[]) {
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<string[]>([]);
  const toast = useToast();
  const revalidate = useRevalidate();
  const rows = items.filter(({ id }) => marked.has(id));
  const each = async (specs: readonly Spec[], change: (spec: Spec) => Promise<unknown>) => {
    setBusy(true);
    const done: Spec[] = [];
    const failed: string[] = [];
    for (const spec of specs) {
      try {
        await change(spec);
        done.push(spec);
      } catch (caught) {
        failed.push(`${spec.title}: ${asApiError(caught).message}`);
      }
    }
    setProblems(failed);
    setBusy(false);
    revalidate();
    return done;
  };
  const restore = (specs: readonly Spec[]) =>
    each(specs, ({ id }) => call(restoreSpec, { params: { id } }, { idempotencyKey: crypto.randomUUID() }));
  return {
    ids: new Set(rows.map(({ id }) => id)),
    busy,
    problems,
    toggle: (id: string) =>
      setMarked((known) => (known.has(id) ? new Set([...known].filter((one) => one !== id)) : new Set([...known, id]))),
    clear: () => setMarked(new Set()),
    archive: async () => {
      const resting = rows.filter(({ status, archived_at: archived }) => specRests(status) && !archived);
      const done = await each(resting, ({ id }) => call(archiveSpec, { params: { id } }));
      const left = rows.filter(({ id }) => !resting.some((spec) => spec.id === id));
      if (left.length > 0)
        setProblems((known) => [
          ...known,
          ...left.map(({ title, archived_at: archived }) =>
            archived ? `${title} is archived already.` : `${title}: work goes on. Cancel it first.`,
          ),
        ]);
      setMarked(new Set());
      if (done.length > 0) toast(`${plural(done.length, 'spec')} archived`, () => void restore(done));
    },
  };
}
