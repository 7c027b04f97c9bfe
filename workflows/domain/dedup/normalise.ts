/** DEDUP-01: lower case, trimmed, blanks collapsed; punctuation counts. Hash this. */
export const normalised = (text: string) => text.toLowerCase().trim().replace(/\s+/g, ' ');

/** What an entity is compared by. */
export const comparable = (title: string, description: string) => normalised(`${title} ${description}`);
