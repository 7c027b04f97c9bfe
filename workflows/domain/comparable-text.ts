/** Text for hashing (DEDUP-01): lower case, trimmed, white space collapsed; punctuation is kept. */
export const normalised = (text: string) => text.toLowerCase().trim().replace(/\s+/g, ' ');

/** The text by which an entity is compared with others. */
export const comparable = (title: string, description: string) => normalised(`${title} ${description}`);
