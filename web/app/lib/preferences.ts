/** Choices that a browser remembers in cookies, so that the server draws the first page with them. The first is the default. */
export const choices = {
  theme: ['system', 'light', 'dark'],
  density: ['comfortable', 'compact'],
  contrast: ['system', 'more', 'normal'],
  motion: ['system', 'reduce', 'full'],
  /** Whether single keys are shortcuts. */
  keys: ['on', 'off'],
  panel: ['open', 'closed'],
  diff: ['unified', 'split'],
} as const;

export type PreferenceName = keyof typeof choices;
export type Preference<N extends PreferenceName> = (typeof choices)[N][number];
export type Preferences = { [N in PreferenceName]: Preference<N> };

const organizationCookie = 'omoios_organization';
const forAYear = 'Path=/; Max-Age=31536000; SameSite=Lax';

export const organizationHeader = (id: string) => `${organizationCookie}=${id}; ${forAYear}`;
export const preferenceHeader = (name: PreferenceName, value: string) => `omoios_${name}=${value}; ${forAYear}`;

function valueOf(cookies: string | null, name: string): string | undefined {
  return new RegExp(`(?:^|;\\s*)${name}=([\\w-]+)`).exec(cookies ?? '')?.[1];
}

/** Id of the organization that the viewer has chosen; it may not be theirs any more. */
export const chosenOrganization = (cookies: string | null) => valueOf(cookies, organizationCookie);

export const preferencesOf = (cookies: string | null): Preferences =>
  Object.fromEntries(
    Object.entries(choices).map(([name, values]) => {
      const stored = valueOf(cookies, `omoios_${name}`);
      return [name, values.find((value) => value === stored) ?? values[0]];
    }),
  ) as Preferences;
