import path from 'node:path';

/** Files of a commit. `read` leaves out what does not exist; undefined is a file that is not text. */
export interface Tree {
  paths: readonly string[];
  read(paths: string[]): Promise<ReadonlyMap<string, string | undefined>>;
}

/** One folder of a commit, as an ecosystem sees it. All names are relative to it. */
export interface Folder {
  /** Relative to the repository; '' is the repository itself. */
  path: string;
  has(name: string): boolean;
  /** The text of a file that an ecosystem named beforehand; undefined when absent, not text or not read. */
  text(name: string): string | undefined;
  /** The file's path in the repository, as a source names it. */
  file(name: string): string;
  /** Paths of the files in and below the folder that match, at most `limit`. */
  find(pattern: RegExp, limit?: number): string[];
}

/** All paths of a commit, sorted and looked up by folder. */
export class Paths {
  readonly #known: ReadonlySet<string>;

  constructor(readonly all: readonly string[]) {
    this.#known = new Set(all);
  }

  has(name: string): boolean {
    return this.#known.has(name);
  }

  *below(folder: string): Generator<string> {
    const prefix = folder === '' ? '' : `${folder}/`;
    for (const name of this.all) if (name.startsWith(prefix)) yield name.slice(prefix.length);
  }
}

export const joinPath = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);

export function openFolder(paths: Paths, texts: ReadonlyMap<string, string | undefined>, folder: string): Folder {
  const file = (name: string) => joinPath(folder, name);
  return {
    path: folder,
    file,
    has: (name) => paths.has(file(name)),
    text: (name) => texts.get(file(name)),
    find(pattern, limit = 100) {
      const found: string[] = [];
      for (const name of paths.below(folder)) {
        if (found.length >= limit) break;
        if (!ignored.test(`${name}`) && pattern.test(name)) found.push(name);
      }
      return found;
    },
  };
}

/** Installed or copied code: nothing in it belongs to the repository. */
const ignored = /(^|\/)(node_modules|vendor|third[_-]party|\.venv|venv|testdata|bower_components)\//;

/** Folders whose manifests are examples, data of tests or pages: roots only where there is nothing else. */
const besides =
  /(^|\/)(examples?|samples?|demos?|(__)?fixtures?(__)?|templates?|playgrounds?|tests?|__tests__|spec|e2e|docs?|documentation|website|site|bench(marks?)?|\.[^/]+)(\/|$)/i;

/** 0: may be a root; 1: only where there is no other; 2: never. */
export function rankOf(folder: string): 0 | 1 | 2 {
  // Commands run in this folder; a name with control characters is not one that a person wrote.
  if (ignored.test(`${folder}/`) || /[\p{Cc}\p{Cf}]/u.test(folder)) return 2;
  return besides.test(folder) ? 1 : 0;
}

export const depthOf = (folder: string): number => (folder === '' ? 0 : folder.split('/').length);

/** A name that a command may contain without quotes, inside the folder. */
export const isPlainPath = (name: string): boolean =>
  /^[\w][\w@+./-]*$/.test(name) && !name.split('/').includes('..') && !path.posix.isAbsolute(name);

/** Whether a folder fits a workspace pattern such as `packages/*`, `libs/**` or `./app`. */
export function fitsPattern(pattern: string, folder: string): boolean {
  const parts = pattern.replace(/^\.\//, '').replace(/\/+$/, '').split('/').slice(0, 20);
  const names = folder.split('/');
  if (parts.includes('**')) {
    const before = parts.slice(0, parts.indexOf('**'));
    return before.length <= names.length && before.every((part, at) => fitsName(part, names[at]));
  }
  return parts.length === names.length && parts.every((part, at) => fitsName(part, names[at]));
}

/** A part of a pattern with at most a few stars. Without a regular expression: strangers write it. */
function fitsName(part: string, name = ''): boolean {
  const [first = '', ...rest] = part.split('*');
  if (rest.length === 0) return part === name;
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const [at, piece] of rest.entries()) {
    const found = at === rest.length - 1 ? name.length - piece.length : name.indexOf(piece, from);
    if (found < from || !name.startsWith(piece, found)) return false;
    from = found + piece.length;
  }
  return true;
}
