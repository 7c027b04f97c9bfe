/** Choices that a browser remembers in cookies, so that the server draws the first page with them. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
export type DiffView = 'unified' | 'split';

const themeCookie = 'omoios_theme';
const diffCookie = 'omoios_diff';
const organizationCookie = 'omoios_organization';
const forAYear = 'Path=/; Max-Age=31536000; SameSite=Lax';

export const asTheme = (value: unknown): Theme => themes.find((theme) => theme === value) ?? 'system';
export const themeHeader = (theme: Theme) => `${themeCookie}=${theme}; ${forAYear}`;
export const organizationHeader = (id: string) => `${organizationCookie}=${id}; ${forAYear}`;
export const diffViewHeader = (view: DiffView) => `${diffCookie}=${view}; ${forAYear}`;

function valueOf(cookies: string | null, name: string): string | undefined {
  return new RegExp(`(?:^|;\\s*)${name}=([\\w-]+)`).exec(cookies ?? '')?.[1];
}

/** Id of the organization that the viewer has chosen; it may not be theirs any more. */
export const chosenOrganization = (cookies: string | null) => valueOf(cookies, organizationCookie);

export interface Preferences {
  theme: Theme;
  diff_view: DiffView;
}

export const preferencesOf = (cookies: string | null): Preferences => ({
  theme: asTheme(valueOf(cookies, themeCookie)),
  diff_view: valueOf(cookies, diffCookie) === 'split' ? 'split' : 'unified',
});
