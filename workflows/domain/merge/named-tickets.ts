/** How a commit message names tickets. */
export interface NamedTickets {
  /** Ids, in lower case. */
  ids: string[];
  /** Keys such as TKT-n, in upper case. */
  keys: string[];
}

/** `ticket-{id}`. */
const byId = /\bticket-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/gi;
/** `TKT-n`, also as `#TKT-n` and in the name of a branch. */
const byKey = /(?<![\w-])TKT-(\d{1,9})(?!\w)/gi;
/** The id of a requirement, also in a trailer such as `Requirement: REQ-EXPORT-FUNC-001`. */
const ofRequirement = /(?<![\w-])REQ-[A-Z0-9]+(?:-[A-Z0-9]+)*-(?:FUNC|PERF|SEC|USE|REL|CON)-\d{3,9}(?![\w-])/g;
/** `fixes #n`. */
const byNumber = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})(?!\w)/gi;

/** The requirements that a commit message names, by their keys; the first 50. */
export const namedRequirements = (message: string): string[] =>
  [...new Set(Array.from(message.matchAll(ofRequirement), ([key]) => key))].slice(0, 50);

/**
 * The tickets that a commit message names (GIT-09).
 * @param numbers whether `fixes #n` means TKT-n. At a code host, such a number is one of its own.
 */
export function namedTickets(message: string, numbers: boolean): NamedTickets {
  const found = (pattern: RegExp) => [...message.matchAll(pattern)].map(([, name = '']) => name);
  const keys = [...found(byKey), ...(numbers ? found(byNumber) : [])].map((number) => `TKT-${Number(number)}`);
  return { ids: [...new Set(found(byId).map((id) => id.toLowerCase()))], keys: [...new Set(keys)] };
}
