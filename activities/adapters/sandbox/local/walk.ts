import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import path from 'node:path';
import { SandboxError } from '../../../ports/sandbox.ts';

const isLinux = process.platform === 'linux';
/** Refers to a file without opening it, so that a pipe or device never blocks or has an effect. */
const O_PATH = isLinux ? 0o10000000 : 0;
const maxLinks = 40;

/** A folder of the workspace, held open, so that it cannot be replaced by another folder while it is used. */
export class Folder {
  private constructor(
    /** Path that leads to exactly this folder, even after it was renamed. */
    readonly at: string,
    private readonly fd: number | undefined,
  ) {}

  static open(at: string): Folder {
    if (!isLinux) return new Folder(realpathSync(at), undefined);
    const fd = openSync(at, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    return new Folder(`/proc/self/fd/${fd}`, fd);
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd);
  }
}

export interface Place {
  /** Path of the file through its open folder; valid until close(). */
  at: string;
  /** The entry at the path; undefined when there is none. Never a link. */
  found: Stats | undefined;
  /** The path as the caller wrote it, for messages. */
  shown: string;
  close(): void;
}

export interface WalkOptions {
  /** The workspace on the host. */
  root: string;
  /** The workspace's path as commands see it: absolute paths and links under it are followed. */
  seenAs: string;
  /** Creates missing folders on the way. Each one is passed to `made` as a path that cannot be redirected. */
  make?: { made(at: string): void };
}

/**
 * Finds a path of the workspace without letting the kernel follow any link: this code reads and follows links itself,
 * folder by folder, and holds each folder open. Whatever the agent moves or links meanwhile, the result is inside the
 * workspace.
 * @throws SandboxError: outside, not_directory, not_found (a folder on the way is missing).
 */
export function walk(wanted: string, options: WalkOptions): Place {
  const folders = [Folder.open(options.root)];
  const close = () => folders.splice(0).forEach((folder) => folder.close());
  const outside = () => new SandboxError('outside', `${wanted} leads out of the workspace.`);
  let links = 0;

  const begin = (target: string): string[] => {
    if (!target.startsWith('/')) return target.split('/');
    const relative = path.posix.relative(options.seenAs, path.posix.normalize(target));
    if (relative === '..' || relative.startsWith('../')) throw outside();
    folders.splice(1).forEach((folder) => folder.close());
    return relative.split('/');
  };

  try {
    if (wanted.includes('\0')) throw new SandboxError('not_found', 'A path cannot contain a NUL character.');
    let rest = begin(wanted);
    for (;;) {
      const part = rest.shift();
      const here = folders.at(-1) as Folder;
      if (part === undefined) return { at: here.at + '/.', found: lstatSync(here.at + '/.'), shown: wanted, close };
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (folders.length === 1) throw outside();
        folders.pop()?.close();
        continue;
      }
      const at = `${here.at}/${part}`;
      const found = lstatSync(at, { throwIfNoEntry: false });
      const last = rest.every((name) => name === '' || name === '.');
      if (found?.isSymbolicLink()) {
        if (++links > maxLinks) throw new SandboxError('not_found', `${wanted} is a loop of links.`);
        const target = linkTarget(at);
        // An entry that is no longer a link is checked again.
        rest = target === undefined ? [part, ...rest] : [...begin(target), ...rest];
        continue;
      }
      if (last) return { at, found, shown: wanted, close };
      if (!found && options.make) makeFolder(at, options.make);
      else if (!found) throw new SandboxError('not_found', `There is no folder ${part} on the way to ${wanted}.`);
      else if (!found.isDirectory()) throw new SandboxError('not_directory', `${part} in ${wanted} is not a folder.`);
      // An entry that has just become a link fails to open here.
      folders.push(Folder.open(at));
    }
  } catch (error) {
    close();
    throw error;
  }
}

function linkTarget(at: string): string | undefined {
  try {
    return readlinkSync(at);
  } catch (error) {
    if (['EINVAL', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function makeFolder(at: string, { made }: { made(at: string): void }): void {
  try {
    mkdirSync(at, 0o755);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  const folder = Folder.open(at);
  try {
    made(folder.at);
  } finally {
    folder.close();
  }
}

/**
 * Opens a regular file for reading. Anything else is not opened, even if it replaced the file just now.
 * @returns a descriptor that the caller must close, and the size in bytes.
 */
export function openRegular(at: string): { fd: number; size: number } | undefined {
  if (!isLinux) return { fd: openSync(at, constants.O_RDONLY | constants.O_NOFOLLOW), size: lstatSync(at).size };
  const named = openSync(at, O_PATH | constants.O_NOFOLLOW);
  try {
    const stats = fstatSync(named);
    if (!stats.isFile()) return undefined;
    return { fd: openSync(`/proc/self/fd/${named}`, constants.O_RDONLY), size: stats.size };
  } finally {
    closeSync(named);
  }
}
