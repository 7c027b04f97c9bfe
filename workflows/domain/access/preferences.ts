/** How pages look to a person, and whether single keys are shortcuts. The first of each is the default. */
export const personalChoices = {
  theme: ['system', 'light', 'dark'],
  density: ['comfortable', 'compact'],
  font: ['inter', 'system'],
  contrast: ['system', 'more', 'normal'],
  motion: ['system', 'reduce', 'full'],
  keys: ['on', 'off'],
} as const;

type Choices = { [N in keyof typeof personalChoices]: (typeof personalChoices)[N][number] };

/** What a person has chosen, with the number of their changes so far: of two answers the higher number is newer. */
export type PersonalPreferences = Partial<Choices> & { version: number };
