import { lazy, Suspense, useState } from 'react';
import { AccountButton } from './account-button.tsx';
import type { ShellData } from './shell.tsx';

const AccountWindow = lazy(() => import('./account-window.tsx'));

/** The person. What is behind the button is loaded when it is opened for the first time. */
export function Account({ shell, onHelp }: { shell: ShellData; onHelp: () => void }) {
  const [wanted, setWanted] = useState(false);
  const button = <AccountButton name={shell.me.full_name ?? shell.me.email} onClick={() => setWanted(true)} />;
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <AccountWindow shell={shell} onHelp={onHelp} />
    </Suspense>
  );
}
