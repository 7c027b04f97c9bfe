import { useRouteLoaderData } from '@remix-run/react';
import { useCallback, useEffect, useSyncExternalStore } from 'react';
import { updateMe } from '#server/contracts/auth.ts';
import type { PersonalPreferences } from '#workflows/domain/access/preferences.ts';
import { call } from './browser-api.ts';
import {
  isPersonal,
  newerAccount,
  preferenceHeader,
  preferencesIn,
  preferencesOf,
  type Account,
  type PersonalName,
  type Preference,
  type PreferenceName,
  type Preferences,
} from './preferences.ts';
import type { loadShell } from './shell.server.ts';

interface Tab {
  /** Choices made in this tab: everything on the page follows at once. Personal ones go when the account has them. */
  chosen: Partial<Preferences>;
  /** The newest that this tab has heard of the account. */
  account?: Account;
  /** Why the account could not keep the last choice. */
  problem?: string;
}

let tab: Tab = { chosen: {} };
const listeners = new Set<() => void>();
function listen(changed: () => void): () => void {
  listeners.add(changed);
  return () => void listeners.delete(changed);
}
function change(next: Partial<Tab>): void {
  tab = { ...tab, ...next };
  for (const changed of listeners) changed();
}
const useTab = () =>
  useSyncExternalStore(
    listen,
    () => tab,
    () => undefined,
  );

/** The account has other preferences, or those that this tab has sent. The browser remembers them for its next first page. */
export function hearOfAccount(userId: string, preferences: PersonalPreferences): void {
  const account = newerAccount(tab.account, { user_id: userId, preferences });
  if (account === tab.account) return;
  for (const [name, value] of Object.entries(preferences))
    if (name !== 'version') document.cookie = preferenceHeader(name as PersonalName, String(value));
  change({ account });
}

// One after the other, so that the account ends with the last choice.
let saving = Promise.resolve();
function save(name: PersonalName, value: string): void {
  saving = saving.then(async () => {
    try {
      const { id, preferences } = await call(updateMe, { body: { preferences: { [name]: value } } });
      hearOfAccount(id, preferences);
      const { [name]: answered, ...others } = tab.chosen;
      change({ problem: undefined, ...(answered === value ? { chosen: others } : {}) });
    } catch (error) {
      change({ problem: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** What holds in this tab. On pages for signed-in people the account counts more than what the browser remembers. */
export function usePreferences(): Preferences {
  const stored = useRouteLoaderData<Preferences>('root') ?? preferencesOf(null);
  const me = useRouteLoaderData<typeof loadShell>('routes/_shell')?.me;
  const own = useTab();
  const account = me && newerAccount(own?.account, { user_id: me.id, preferences: me.preferences });
  return preferencesIn(stored, account ?? own?.account, own?.chosen ?? {});
}

/** Lets this tab follow the account of the signed-in person, as it was when the page was loaded. */
export function useFollowAccount({ id, preferences }: { id: string; preferences: PersonalPreferences }): void {
  useEffect(() => hearOfAccount(id, preferences), [id, preferences]);
}

/** Why the account could not keep the last choice; undefined where it has it. */
export const usePreferenceProblem = (): string | undefined => useTab()?.problem;

export function usePreference<N extends PreferenceName>(name: N): [Preference<N>, (value: Preference<N>) => void] {
  const value = usePreferences()[name];
  const choose = useCallback(
    (wanted: Preference<N>) => {
      document.cookie = preferenceHeader(name, wanted);
      change({ chosen: { ...tab.chosen, [name]: wanted } });
      if (isPersonal(name)) save(name, wanted);
    },
    [name],
  );
  return [value, choose];
}
