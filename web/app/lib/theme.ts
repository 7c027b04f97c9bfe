export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];
const themeCookie = 'omoios_theme';

export const asTheme = (value: unknown): Theme => themes.find((theme) => theme === value) ?? 'system';
export const themeOf = (cookies: string | null): Theme =>
  asTheme(new RegExp(`(?:^|;\\s*)${themeCookie}=(\\w+)`).exec(cookies ?? '')?.[1]);
export const themeHeader = (theme: Theme) => `${themeCookie}=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
