import { useState } from 'react';
import type { ApiError } from '#server/contracts/client.ts';
import { markViewed } from '#server/contracts/reviews.ts';
import { asApiError, call } from './browser-api.ts';

/** The files of a pull request that the viewer has read; shown at once, taken back where it cannot be stored. */
export function useViewed(pull: { id: string; head_sha: string }, stored: readonly string[]) {
  const [ahead, setAhead] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [error, setError] = useState<ApiError>();
  const set = (path: string, on: boolean | undefined) =>
    setAhead((known) => {
      const next = new Map(known);
      if (on === undefined) next.delete(path);
      else next.set(path, on);
      return next;
    });
  const viewed = new Set(stored);
  for (const [path, on] of ahead) {
    if (on) viewed.add(path);
    else viewed.delete(path);
  }
  const mark = (path: string, on: boolean) => {
    set(path, on);
    setError(undefined);
    call(markViewed, { params: { id: pull.id }, body: { path, viewed: on, head_sha: pull.head_sha } }).catch(
      (caught: unknown) => {
        set(path, undefined);
        setError(asApiError(caught));
      },
    );
  };
  return { viewed, mark, error };
}
