import { useLocation } from '@remix-run/react';
import { lazy, Suspense, useCallback, useEffect, useState, type ReactNode } from 'react';
import { UnpaidContext, type Unpaid } from '../../lib/unpaid.ts';

// Loaded when it is opened: most visits never need it.
const UnpaidDialog = lazy(() => import('./unpaid-dialog.tsx'));

/** Opens a dialog by itself where work is refused because it is not paid for. */
export function UnpaidProvider({ children }: { children: ReactNode }) {
  const [unpaid, setUnpaid] = useState<Unpaid>();
  const show = useCallback((refused: Unpaid, from: HTMLElement | null) => {
    if (document.activeElement === document.body) from?.focus();
    setUnpaid(refused);
  }, []);
  const { pathname } = useLocation();
  useEffect(() => setUnpaid(undefined), [pathname]);
  return (
    <UnpaidContext.Provider value={show}>
      {children}
      {unpaid && (
        <Suspense>
          <UnpaidDialog unpaid={unpaid} onClose={() => setUnpaid(undefined)} />
        </Suspense>
      )}
    </UnpaidContext.Provider>
  );
}
