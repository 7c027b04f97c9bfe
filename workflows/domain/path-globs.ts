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

const plain = (glob: string) => glob.replace(/^\.?\/+/, '').replace(/\/+$/, '');

/** The parts of a file's or folder's glob. `**` stands for any folders, and all below it belongs to it. */
const partsOf = (glob: string) => [...plain(glob).split('/'), '**'];

/** The first of the globs that a file is, or is below; undefined: none means it. */
export const matchingGlob = (path: string, globs: readonly string[] = []): string | undefined =>
  globs.find((glob) => matches(partsOf(glob), path.split('/'), (part) => part === '**', nameFits));

const isGlob = (glob: string) => /[*?]/.test(glob);

/** The folders of a glob before its first star. */
const fixedFolders = (glob: string) => {
  const parts = plain(glob).split('/');
  const star = parts.findIndex(isGlob);
  return star < 0 ? parts : parts.slice(0, star);
};

/**
 * The first glob of `a` that may mean a file which one of `b` means too. Two globs with stars count as meeting where the
 * folders before the stars of one begin those of the other: rather too often than too seldom.
 */
export const meetingGlob = (a: readonly string[], b: readonly string[]): string | undefined =>
  a.find((one) =>
    b.some((other) => {
      if (!isGlob(one) && matchingGlob(plain(one), [other]) !== undefined) return true;
      if (!isGlob(other) && matchingGlob(plain(other), [one]) !== undefined) return true;
      if (!isGlob(one) || !isGlob(other)) return false;
      const [left, right] = [fixedFolders(one), fixedFolders(other)];
      return left.slice(0, right.length).every((part, i) => part === right[i]);
    }),
  );
