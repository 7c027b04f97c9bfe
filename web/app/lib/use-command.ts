import { useCallback, useEffect, useRef, useState } from 'react';
import type { Contract } from '#server/contracts/contract.ts';
import { type ApiError, type Answer, type Input } from '#server/contracts/client.ts';
import { asApiError, call } from './browser-api.ts';
import { unpaidOf, useShowUnpaid } from './unpaid.ts';
import { useRevalidate } from './use-revalidate.ts';

/**
 * A button's command: sent once however often the button is clicked, then the page's data is reloaded. `error` is the
 * message for the user until the next try; work that is not paid for opens a dialog too.
 */
export function useCommand<C extends Contract>(contract: C) {
  const revalidate = useRevalidate();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const running = useRef(false);
  const from = useRef<Element | null>(null);
  const showUnpaid = useShowUnpaid();
  useEffect(() => {
    const unpaid = error && unpaidOf(error);
    if (unpaid) showUnpaid(unpaid, from.current instanceof HTMLElement ? from.current : null);
  }, [error, showUnpaid]);
  const run = useCallback(
    async (input: Input<C>): Promise<Answer<C> | undefined> => {
      if (running.current) return undefined;
      running.current = true;
      from.current = document.activeElement;
      setBusy(true);
      setError(undefined);
      try {
        const answer = await call(contract, input, {
          idempotencyKey: contract.method === 'post' ? crypto.randomUUID() : undefined,
        });
        revalidate();
        return answer ?? ({} as Answer<C>);
      } catch (caught) {
        setError(asApiError(caught));
        return undefined;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [contract, revalidate],
  );
  return { run, busy, error, clear: useCallback(() => setError(undefined), []) };
}
