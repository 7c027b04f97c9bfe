import { preferenceHeader, preferencesOf } from '../../web/app/lib/preferences.ts';

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
