import { useCallback, useEffect, useState } from 'react';
import type { Contract } from '#server/contracts/contract.ts';
import { type ApiError, type Answer, type Input } from '#server/contracts/client.ts';
import { asApiError, call } from './browser-api.ts';

/**
 * The answer of a call that the browser makes when a part opens. `organization`: whose it is, if not of the chosen one.
 * `reload` asks again.
 */
export function useAnswer<C extends Contract>(contract: C, input: Input<C>, organization?: string) {
  const [answer, setAnswer] = useState<Answer<C>>();
  const [error, setError] = useState<ApiError>();
  const key = JSON.stringify(input);
  const reload = useCallback(async () => {
    try {
      setAnswer(await call(contract, JSON.parse(key) as Input<C>, { organization }));
      setError(undefined);
    } catch (caught) {
      setError(asApiError(caught));
    }
  }, [contract, key, organization]);
  useEffect(() => void reload(), [reload]);
  return { answer, error, reload };
}
