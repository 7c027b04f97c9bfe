import { personalChoices, type PersonalPreferences } from '#workflows/domain/access/preferences.ts';

/**
 * Choices that a browser remembers in cookies, so that the server draws the first page with them. The first is the
 * default. The personal ones are kept with the account too, and follow the person to other browsers.
 */
export const choices = {
  ...personalChoices,
  panel: ['open', 'closed'],
  diff: ['unified', 'split'],
  files: ['path', 'risk'],
  sources: ['hidden', 'shown'],
  notices: ['off', 'on'],
} as const;

export type PersonalName = keyof typeof personalChoices;
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

const seenCookie = 'omoios_report_seen';
/** Until when a person has read the morning report. */
export const reportSeenHeader = (until: Date) => `${seenCookie}=${until.getTime()}; ${forAYear}`;
export function reportSeenAt(cookies: string | null): string | undefined {
  const at = Number(valueOf(cookies, seenCookie));
  return at > 0 && at <= Date.now() ? new Date(at).toISOString() : undefined;
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

export const isPersonal = (name: PreferenceName): name is PersonalName => Object.hasOwn(personalChoices, name);

/** What the account of a person has, as far as a page knows. */
export interface Account {
  user_id: string;
  preferences: PersonalPreferences;
}

/** The account to believe: another person's, or the newer answer about the same one. */
export const newerAccount = (known: Account | undefined, told: Account): Account =>
  known?.user_id === told.user_id && known.preferences.version >= told.preferences.version ? known : told;

/** What holds in a tab: its own choices that the account has not answered yet, the account's, and the browser's. */
export function preferencesIn(stored: Preferences, account: Account | undefined, chosen: Partial<Preferences>) {
  const { version: _, ...personal } = account?.preferences ?? { version: 0 };
  return { ...stored, ...personal, ...chosen } as Preferences;
}
