import { useEffect, useState } from 'react';
import { runDiff } from '#server/contracts/runs.ts';
import type { ApiError } from '#server/contracts/client.ts';
import { type Answer } from '#server/contracts/client.ts';
import { asApiError, call } from '../../lib/browser-api.ts';
import { CommandError } from '../error-card.tsx';
import { DiffViewSwitch } from '../diff/diff-view-switch.tsx';
import { Skeleton } from '../skeleton.tsx';
import { PatchView } from '../diff/patch-view.tsx';

/** All changes of the run so far; loaded again after each turn. */
export function ChangesTab({
  runId,
  turn,
  initial,
}: {
  runId: string;
  turn: number;
  initial: Answer<typeof runDiff> | null;
}) {
  const [diff, setDiff] = useState(initial);
  const [error, setError] = useState<ApiError>();
  useEffect(() => {
    let current = true;
    call(runDiff, { params: { id: runId }, query: { from: 'base' } }).then(
      (answer) => current && (setDiff(answer), setError(undefined)),
      (caught: unknown) => current && setError(asApiError(caught)),
    );
    return () => {
      current = false;
    };
  }, [runId, turn]);
  return (
    <div className="space-y-3 pt-4">
      <CommandError error={error} />
      {diff && diff.patch !== '' && <DiffViewSwitch />}
      {diff ? (
        <PatchView patch={diff.patch} truncated={diff.truncated} />
      ) : (
        <Skeleton rows={6} label="Loading the changes" />
      )}
    </div>
  );
}
