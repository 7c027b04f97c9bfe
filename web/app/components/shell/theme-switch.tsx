import { useFetcher, useRouteLoaderData } from '@remix-run/react';
import { Monitor, Moon, Sun } from 'lucide-react';
import { IconButton } from '../button.tsx';
import { asTheme, themes, type Theme } from '../../lib/preferences.ts';
import type { loader } from '../../root.tsx';

const marks = { system: Monitor, light: Sun, dark: Moon } as const;

/** Switches the theme: system, light, dark. */
export function ThemeSwitch() {
  const fetcher = useFetcher();
  const stored = useRouteLoaderData<typeof loader>('root')?.theme ?? 'system';
  const theme: Theme = fetcher.formData ? asTheme(fetcher.formData.get('theme')) : stored;
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const Icon = marks[theme];
  return (
    <fetcher.Form method="post" action="/theme">
      <input type="hidden" name="theme" value={next} />
      <IconButton type="submit" label={`Theme: ${theme}. Switch to ${next}`}>
        <Icon aria-hidden className="size-4" />
      </IconButton>
    </fetcher.Form>
  );
}
