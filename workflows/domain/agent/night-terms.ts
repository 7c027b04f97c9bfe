/** What a launch says for a night without people. */
export interface NightTerms {
  /** ISO time after which no turn begins: the spec pauses. */
  stop_at?: string;
  /** Files, folders and globs of the repository that no agent of the spec changes. */
  forbidden_paths?: string[];
  /** Dollars that the limit of a run of the spec grows by once a night, instead of `night.raise_usd`. */
  raise_usd?: number;
}

export const isStopped = (night: NightTerms | null | undefined, now: Date): boolean =>
  night?.stop_at !== undefined && Date.parse(night.stop_at) <= now.getTime();

/** Why nothing more begins, and what goes on. */
export const stopReason = ({ stop_at: at = '' }: NightTerms): string =>
  `The launch says that no turn begins after ${at.slice(0, 16).replace('T', ' ')} UTC. Resume the spec to go on without this end.`;

/**
 * Whether items match a pattern in which a star stands for any number of them. It steps back to the last star alone, so no
 * pattern is slow, as a regular expression made of it could be.
 */
function matches<P>(
  pattern: readonly P[],
  items: readonly string[],
  isStar: (part: P) => boolean,
  fits: (part: P, item: string) => boolean,
): boolean {
  let [at, star, tried] = [0, -1, 0];
  for (let i = 0; i < items.length;) {
    const part = pattern[at];
    if (part !== undefined && isStar(part)) [star, tried, at] = [at, i, at + 1];
    else if (part !== undefined && fits(part, items[i] ?? '')) [at, i] = [at + 1, i + 1];
    else if (star >= 0) [at, tried, i] = [star + 1, tried + 1, tried + 1];
    else return false;
  }
  return pattern.slice(at).every(isStar);
}

/** A name with `*` for any characters and `?` for one. */
const nameFits = (glob: string, name: string) =>
  matches(
    [...glob],
    [...name],
    (sign) => sign === '*',
    (sign, letter) => sign === '?' || sign === letter,
  );

/** The parts of a file's or folder's glob. `**` stands for any folders, and all below it belongs to it. */
const partsOf = (glob: string) => [
  ...glob
    .replace(/^\.?\/+/, '')
    .replace(/\/+$/, '')
    .split('/'),
  '**',
];

/** The first of the forbidden paths that a file is, or is below; undefined: the file may be changed. */
export const forbiddenBy = (path: string, forbidden: readonly string[] = []): string | undefined =>
  forbidden.find((glob) => matches(partsOf(glob), path.split('/'), (part) => part === '**', nameFits));
