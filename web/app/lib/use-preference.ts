import { useRouteLoaderData } from '@remix-run/react';
import { useCallback, useSyncExternalStore } from 'react';
import {
  preferenceHeader,
  preferencesOf,
  type Preference,
  type PreferenceName,
  type Preferences,
} from './preferences.ts';

// The choices made in this tab: everything on the page follows at once.
let chosen: Partial<Preferences> = {};
const listeners = new Set<() => void>();
function listen(changed: () => void): () => void {
  listeners.add(changed);
  return () => void listeners.delete(changed);
}

/** What this browser remembers, with the choices made in this tab. */
export function usePreferences(): Preferences {
  const stored = useRouteLoaderData<Preferences>('root') ?? preferencesOf(null);
  const own = useSyncExternalStore(
    listen,
    () => chosen,
    () => undefined,
  );
  return { ...stored, ...own };
}

export function usePreference<N extends PreferenceName>(name: N): [Preference<N>, (value: Preference<N>) => void] {
  const value = usePreferences()[name];
  const choose = useCallback(
    (wanted: Preference<N>) => {
      chosen = { ...chosen, [name]: wanted };
      document.cookie = preferenceHeader(name, wanted);
      for (const changed of listeners) changed();
    },
    [name],
  );
  return [value, choose];
}
