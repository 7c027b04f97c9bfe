import { newerAccount, preferenceHeader, preferencesIn, preferencesOf } from '../../web/app/lib/preferences.ts';

test('what a browser remembers is read back; a value that is not a choice is the default', () => {
  const cookie = preferenceHeader('density', 'compact').split(';')[0];
  expect(preferencesOf(`other=1; ${cookie}; omoios_theme=purple`)).toMatchObject({
    density: 'compact',
    theme: 'system',
    keys: 'on',
    panel: 'open',
  });
  expect(preferencesOf(null)).toMatchObject({ density: 'comfortable', contrast: 'system', motion: 'system' });
});

test('[WEB-30] a choice that is not answered counts most, then the account, then the browser', () => {
  const stored = preferencesOf('omoios_theme=light; omoios_density=compact; omoios_panel=closed');
  const account = { user_id: 'ada', preferences: { version: 2, theme: 'dark', keys: 'off' } } as const;
  expect(preferencesIn(stored, account, { motion: 'reduce' })).toEqual({
    ...stored,
    theme: 'dark',
    keys: 'off',
    motion: 'reduce',
  });
  expect(preferencesIn(stored, account, { theme: 'system' }).theme).toBe('system');
  expect(preferencesIn(stored, undefined, {})).toEqual(stored);
});

test('[WEB-30] of two answers about an account the newer counts; another person begins with their own', () => {
  const at = (user_id: string, version: number) => ({ user_id, preferences: { version } });
  expect(newerAccount(at('ada', 2), at('ada', 1)).preferences.version).toBe(2);
  expect(newerAccount(at('ada', 2), at('ada', 3)).preferences.version).toBe(3);
  expect(newerAccount(at('ada', 7), at('eve', 0)).user_id).toBe('eve');
  expect(newerAccount(undefined, at('eve', 0)).user_id).toBe('eve');
});
