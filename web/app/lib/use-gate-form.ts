import { useCallback, useState } from 'react';
import { phaseData } from '#server/contracts/specs.ts';
import { ApiError } from '#server/contracts/client.ts';
import type { PhaseId } from '#workflows/domain/phases/names.ts';
import { asApiError, call } from './browser-api.ts';
import { staleVersion } from './stale-version.ts';
import { useRevalidate } from './use-revalidate.ts';

export interface GateForm<D> {
  /** What is edited; undefined for something new. */
  id?: string;
  /** As it was when the form was opened, or as another person changed it since. */
  before: D;
  draft: D;
  /** Version of the spec that the editor has read. */
  version: number;
  error?: ApiError;
  /** Another person changed the same thing in the meantime: `before` is theirs. */
  theirs?: boolean;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/**
 * The form of one part of a phase's output at its gate. A refusal keeps the form with its text. If another person
 * changed the spec in the meantime, the edit is sent again for the newer version, unless they changed the same part:
 * then their text is shown and the editor decides.
 * @param read the part as a draft, from the output of the phase; undefined when it is gone.
 */
export function useGateForm<D, O>(
  spec: { id: string; version: number },
  phase: PhaseId,
  read: (output: O, id: string | undefined) => D | undefined,
) {
  const revalidate = useRevalidate();
  const [form, setForm] = useState<GateForm<D>>();
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(0);
  // A saved edit is newer than the page, until the page is loaded again.
  const version = Math.max(spec.version, saved);

  const save = useCallback(
    async (open: GateForm<D>, send: (version: number) => Promise<{ version: number }>) => {
      setBusy(true);
      try {
        let answer: { version: number };
        try {
          answer = await send(open.version);
        } catch (caught) {
          const newer = staleVersion(caught);
          if (newer === undefined) throw caught;
          const { phases } = await call(phaseData, { params: { id: spec.id }, query: { phases: phase } });
          const record = phases[0];
          const output = record?.output ?? record?.attempts.at(-1)?.output;
          const theirs = output ? read(output as O, open.id) : undefined;
          if (open.id !== undefined && theirs === undefined)
            throw new ApiError(409, 'conflict', `Another person has removed ${open.id} meanwhile.`, null);
          if (open.id !== undefined && theirs !== undefined && !same(theirs, open.before)) {
            setForm({ ...open, before: theirs, version: newer, error: undefined, theirs: true });
            return;
          }
          answer = await send(newer);
        }
        setSaved(answer.version);
        setForm(undefined);
      } catch (caught) {
        setForm({ ...open, error: asApiError(caught) });
      } finally {
        setBusy(false);
        revalidate();
      }
    },
    [spec.id, phase, read, revalidate],
  );
  return { form, setForm, save, busy, version };
}
