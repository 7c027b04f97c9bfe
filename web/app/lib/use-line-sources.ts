import { useCallback, useRef, useState } from 'react';
import { type ApiError, type Answer } from '#server/contracts/client.ts';
import { pullRequestProvenance } from '#server/contracts/reviews.ts';
import { asApiError, call } from './browser-api.ts';

type Sources = Answer<typeof pullRequestProvenance>['items'];

/** Where the lines of files come from, read for a file when it is opened. Undefined without a pull request. */
export function useLineSources(pull: { id: string; head_sha: string } | undefined) {
  const [read, setRead] = useState<{ head?: string; byPath: ReadonlyMap<string, Sources> }>({ byPath: new Map() });
  const [error, setError] = useState<ApiError>();
  const asked = useRef(new Set<string>());
  const { id, head_sha: head } = pull ?? {};
  const load = useCallback(
    (path: string) => {
      const key = `${head} ${path}`;
      if (!id || !head || asked.current.has(key)) return;
      asked.current.add(key);
      call(pullRequestProvenance, { params: { id }, query: { path } }).then(
        ({ items }) =>
          setRead((known) => ({
            head,
            byPath: new Map(known.head === head ? known.byPath : []).set(path, items),
          })),
        (caught: unknown) => {
          asked.current.delete(key);
          setError(asApiError(caught));
        },
      );
    },
    [id, head],
  );
  return { byPath: read.byPath, load, error };
}
