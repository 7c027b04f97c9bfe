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
/** `fixes #n`. */
const byNumber = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})(?!\w)/gi;

/**
 * The tickets that a commit message names (GIT-09).
 * @param numbers whether `fixes #n` means TKT-n. At a code host, such a number is one of its own.
 */
export function namedTickets(message: string, numbers: boolean): NamedTickets {
  const found = (pattern: RegExp) => [...message.matchAll(pattern)].map(([, name = '']) => name);
  const keys = [...found(byKey), ...(numbers ? found(byNumber) : [])].map((number) => `TKT-${Number(number)}`);
  return { ids: [...new Set(found(byId).map((id) => id.toLowerCase()))], keys: [...new Set(keys)] };
}
