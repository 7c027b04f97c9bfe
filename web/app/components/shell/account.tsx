import { lazy, Suspense, useState } from 'react';
import { AccountButton } from './account-button.tsx';
import type { ShellData } from './shell.tsx';

const AccountWindow = lazy(() => import('./account-window.tsx'));

export interface AccountParts {
  shell: ShellData;
  onHelp: () => void;
}

/** The person. What is behind the button is loaded when it is opened for the first time. */
export function Account(parts: AccountParts) {
  const { me } = parts.shell;
  const [wanted, setWanted] = useState(false);
  const button = <AccountButton name={me.full_name ?? me.email} onClick={() => setWanted(true)} />;
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <AccountWindow {...parts} />
    </Suspense>
  );
}
